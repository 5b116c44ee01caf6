import { ask } from '../agent-client.ts';
import { print, printJson } from '../terminal.ts';

/** Removes the sign-in of the configured tenant and client. @throws AppError ERR_KEYSTORE_* when it could not be removed */
export async function logout(options: { readonly json?: boolean }): Promise<void> {
  const { removed } = await ask({ method: 'sign-out' });
  if (options.json === true) printJson({ removed });
  else print(removed ? 'Signed out.' : 'Nobody was signed in.');
}
