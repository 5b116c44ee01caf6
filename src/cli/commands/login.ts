import { errorCatalog } from '../../core/errors.ts';
import type { SignInProgress } from '../../ipc/protocol.ts';
import { ask } from '../agent-client.ts';
import { note, print, printJson } from '../terminal.ts';

/**
 * Signs in and waits until it is done; Ctrl-C stops waiting at once.
 * @throws AppError ERR_SIGN_IN_*, exit 3, 7, 8 or 9 codes
 */
export async function login(options: { readonly browser: boolean; readonly json?: boolean }): Promise<void> {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const say = progressWriter();
  const result = await ask(
    { method: 'sign-in', openBrowser: options.browser && !isRemote(process.env) },
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
  let saidBrowser = false;
  return (progress) => {
    if (progress.state !== 'waiting') return;
    if (progress.userCode !== shownCode) {
      shownCode = progress.userCode;
      note(`\nTo sign in, open  ${progress.verificationUri}\nand enter the code  ${progress.userCode}\n`);
      note('Never enter a code that somebody sent you.');
      note(`Waiting for you (the code is valid for ${Math.round(progress.expiresInMs / 60_000)} minutes) …`);
    }
    if (progress.browserOpened && !saidBrowser) {
      saidBrowser = true;
      note('A page with the same code has opened in your browser.');
    }
  };
}
