import { errorCatalog } from '../../core/errors.ts';
import type { SignInMethod, SignInProgress } from '../../ipc/protocol.ts';
import { ask } from '../agent-client.ts';
import { note, print, printJson } from '../terminal.ts';

export interface LoginOptions {
  readonly browser: boolean;
  /** Absent: as configured. */
  readonly method?: SignInMethod;
  readonly json?: boolean;
}

/**
 * Signs in and waits until it is done; Ctrl-C stops waiting at once.
 * @throws AppError ERR_SIGN_IN_*, exit 3, 7, 8 or 9 codes; ERR_USAGE for the browser method without a browser
 */
export async function login(options: LoginOptions): Promise<void> {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const say = progressWriter();
  const openBrowser = options.browser && !isRemote(process.env);
  const result = await ask(
    { method: 'sign-in', openBrowser, ...(options.method === undefined ? {} : { signInMethod: options.method }) },
    { onProgress: say, signal: interrupted.signal },
  );
  if (!result.saved) {
    note(`warning: signed in, but only until the agent stops: ${errorCatalog.ERR_KEYSTORE_UNAVAILABLE.message}`);
  }
  if (options.json === true) printJson(result);
  else print(`Signed in as ${result.account.username}.`);
}

/** Over SSH a browser would open on the wrong machine. */
function isRemote(env: NodeJS.ProcessEnv): boolean {
  return env['SSH_CONNECTION'] !== undefined || env['SSH_TTY'] !== undefined;
}

function progressWriter(): (progress: SignInProgress) => void {
  let shownCode = '';
  const said = new Set<string>();
  const sayOnce = (text: string): void => {
    if (!said.has(text)) note(text);
    said.add(text);
  };
  return (progress) => {
    switch (progress.state) {
      case 'starting':
        return;
      case 'waiting':
        if (progress.userCode !== shownCode) {
          shownCode = progress.userCode;
          note(`\nTo sign in, open  ${progress.verificationUri}\nand enter the code  ${progress.userCode}\n`);
          note('Never enter a code that somebody sent you.');
          note(`Waiting for you (the code is valid for ${Math.round(progress.expiresInMs / 60_000)} minutes) …`);
        }
        if (progress.browserOpened) sayOnce('A page with the same code has opened in your browser.');
        return;
      case 'browser':
        if (progress.browserOpened === true) {
          sayOnce('\nTo sign in, go on in the page that has opened in your browser.\nWaiting for you …');
        } else if (progress.browserOpened === false) {
          sayOnce('\nNo browser could be opened. Press Ctrl+C and use "login --method device-code".');
        }
    }
  };
}
