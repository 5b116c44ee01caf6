import { errorCatalog } from '../../core/errors.ts';
import type { SignInMethod } from '../../core/sign-in-method.ts';
import { leaveWithPackage } from '../../platform/windows-origin.ts';
import { ask } from '../agent-client.ts';
import { openLoginView } from '../login-view.ts';
import { canDraw, isUnicode, note, print, printJson } from '../terminal.ts';

/** Milliseconds in which the agent says that it's on it; one that doesn't hangs. */
const SILENCE_MS = 30_000;

export interface LoginOptions {
  readonly browser: boolean;
  /** Absent: as configured. */
  readonly method?: SignInMethod;
  readonly json?: boolean;
  readonly resource?: string;
}

/**
 * Signs in and waits until it's done. Ctrl-C ends it, in the agent too if no one else is waiting for it, and so does
 * the end of the packaged app around it (Windows).
 * @throws AppError ERR_SIGN_IN_*; network, keystore, configuration, and policy errors; ERR_USAGE for the browser method
 * without a browser
 */
export async function login(options: LoginOptions): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  void leaveWithPackage(() => interrupted.abort());
  const openBrowser = options.browser && !isRemote(process.env);
  const view = await openLoginView(openBrowser);
  const { method, resource } = options;
  const result = await ask(
    {
      method: 'sign-in',
      openBrowser,
      ...(method === undefined ? {} : { signInMethod: method }),
      ...(resource === undefined ? {} : { resource }),
    },
    { deadlineMs: SILENCE_MS, onProgress: view.show, signal: interrupted.signal },
  ).finally(view.stop);
  if (!result.saved) {
    note(`warning: signed in, but only until the agent stops: ${errorCatalog.ERR_KEYSTORE_UNAVAILABLE.message}`);
  }
  const { username } = result.account;
  if (options.json === true) printJson(result);
  else {
    const mark = canDraw(process.stdout) && isUnicode() ? '\u2714 ' : '';
    print(`${mark}Signed in${username === '' ? '' : ` as ${username}`}.`);
  }
}

/** Over SSH a browser would open on the wrong machine. */
function isRemote(env: NodeJS.ProcessEnv): boolean {
  return env['SSH_CONNECTION'] !== undefined || env['SSH_TTY'] !== undefined;
}
