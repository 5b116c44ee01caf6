import { styleText } from 'node:util';
import type { Spinner } from 'yocto-spinner';
import { printable } from '../core/printable.ts';
import type { SignInProgress } from '../ipc/protocol.ts';
import { qrCode } from './qr-code.ts';
import { canDraw, isUnicode, writeMessageLayout } from './terminal.ts';

export interface LoginView {
  readonly show: (progress: SignInProgress) => void;
  /** Restores the terminal. May be called twice. */
  readonly stop: () => void;
}

type Terminal = NodeJS.WriteStream;
type Waiting = Extract<SignInProgress, { readonly state: 'waiting' }>;

const NEVER = 'Never enter a code that someone sent you.';
const OPENED = 'A page with the same code has opened in your browser.';
const GO_ON = 'Continue on the page that has opened in your browser.';
const DIALOG = "Continue in your computer's sign-in window. If you don't see it, it's behind other windows.";
const NOT_OPENED =
  'No browser could be opened. Press Ctrl+C and use "foundry-credential-helper login --method device-code".';
const OFFLINE = 'No connection to Microsoft right now. Trying again';
const MARGIN = '  ';
const ASCII_SPINNER = { frames: ['-', '\\', '|', '/'] };
const DOTS = isUnicode() ? '\u2026' : '...';
/** Lines in addition to the QR code; without room for them it would scroll away. */
const OTHER_LINES = 11;

/**
 * What `login` shows on stderr: colors and a spinner if a person is watching (https://no-color.org), otherwise lines.
 */
export async function openLoginView(opensBrowser: boolean, terminal: Terminal = process.stderr): Promise<LoginView> {
  if (!canDraw(terminal)) return plainView();
  const { default: yoctoSpinner } = await import('yocto-spinner');
  // The command handles Ctrl-C itself: it has a sign-in to cancel.
  const spinner = isUnicode() ? {} : { spinner: ASCII_SPINNER };
  return drawnView(yoctoSpinner({ stream: terminal, handleSignals: false, ...spinner }), terminal, opensBrowser);
}

/** Says each text only the first time; never an empty one. */
function once(say: (text: string) => void): (text: string) => void {
  const said = new Set(['']);
  return (text) => {
    if (!said.has(text)) say(text);
    said.add(text);
  };
}

function plainView(): LoginView {
  const sayOnce = once((text) => writeMessageLayout(`${text}\n`));
  return {
    show: (progress) => {
      if (progress.state === 'waiting') {
        const { userCode, verificationUri, expiresInMs } = shown(progress);
        const minutes = Math.round(expiresInMs / 60_000);
        sayOnce(`\nTo sign in, open  ${verificationUri}\nand enter the code  ${userCode}\n\n${NEVER}`);
        // What the code is valid for is said again when the connection is back.
        sayOnce(
          progress.offline === true
            ? `${OFFLINE} ${DOTS}`
            : `Waiting for you (the code is valid for ${minutes} minutes) ${DOTS}`,
        );
        if (progress.browserOpened) sayOnce(OPENED);
      } else if (progress.state === 'browser' && progress.browserOpened !== undefined) {
        sayOnce(
          progress.browserOpened
            ? `\nTo sign in, ${GO_ON.replace('Continue', 'continue')}\nWaiting for you ${DOTS}`
            : `\n${NOT_OPENED}`,
        );
        if (progress.offline === true) sayOnce(`${OFFLINE} ${DOTS}`);
      } else if (progress.state === 'system-dialog') sayOnce(DIALOG);
    },
    stop: () => undefined,
  };
}

function drawnView(spinner: Spinner, terminal: Terminal, opensBrowser: boolean): LoginView {
  let shownCode = '';
  let expiresAt: number | undefined;
  let isOffline = false;
  const sayOnce = once((text) => writeMessageLayout(`${text.replace(/^(?=.)/gm, MARGIN)}\n\n`));
  const tick = (): void => {
    const leftMs = expiresAt === undefined ? undefined : expiresAt - Date.now();
    spinner.text = isOffline ? `${OFFLINE} ${DOTS}` : waitingText(leftMs);
  };
  let timer: NodeJS.Timeout | undefined;
  spinner.start(`Asking Microsoft ${DOTS}`);
  return {
    show: (progress) => {
      if (progress.state === 'waiting') {
        if (progress.userCode !== shownCode) writeMessageLayout(instructions(shown(progress)));
        shownCode = progress.userCode;
        expiresAt = Date.now() + progress.expiresInMs;
        if (progress.browserOpened === true) sayOnce(OPENED);
        // If this computer has no browser, the user may still have a phone.
        if (progress.browserOpened === false || !opensBrowser) sayOnce(phoneText(progress.verificationUri, terminal));
      } else if (progress.state === 'browser' && progress.browserOpened !== undefined) {
        sayOnce(progress.browserOpened ? GO_ON : NOT_OPENED);
      } else if (progress.state === 'system-dialog') sayOnce(DIALOG);
      if (progress.state !== 'starting') {
        isOffline = 'offline' in progress && progress.offline === true;
        timer ??= setInterval(tick, 1_000);
        tick();
      }
    },
    stop: () => {
      clearInterval(timer);
      spinner.stop();
    },
  };
}

/** The code and the address on one line each, whatever the agent sent. */
function shown({ userCode, verificationUri, ...rest }: Waiting): Waiting {
  return { ...rest, userCode: printable(userCode, 80), verificationUri: printable(verificationUri, 600) };
}

function instructions({ userCode, verificationUri }: Waiting): string {
  const strong = (text: string): string => styled(['bold', 'cyan'], text);
  const lines = [
    '',
    styled(['bold'], 'Sign in to use Claude'),
    '',
    `Open   ${strong(verificationUri)}`,
    `Enter  ${strong(userCode)}`,
    '',
    styled(['dim'], NEVER),
    '',
  ];
  return lines.map((line) => `${line === '' ? '' : MARGIN}${line}\n`).join('');
}

/** Empty if the code doesn't fit. */
function phoneText(uri: string, { columns, rows }: Terminal): string {
  if (!isUnicode()) return '';
  const lines = qrCode(uri, { color: isColored() });
  const width = lines[0]?.width ?? 0;
  if (columns < width + 2 * MARGIN.length || rows < lines.length + OTHER_LINES) return '';
  return ['Or point your phone at this, which opens the page:', '', ...lines.map(({ text }) => text)].join('\n');
}

function waitingText(leftMs: number | undefined): string {
  if (leftMs === undefined) return `Waiting for you ${DOTS}`;
  const minutes = Math.floor(leftMs / 60_000);
  return `Waiting for you, ${minutes < 1 ? 'less than a minute' : `${minutes} min`} left`;
}

function styled(style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

function isColored(): boolean {
  return styled(['bold'], 'x') !== 'x';
}
