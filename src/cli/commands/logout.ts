import { ask } from '../agent-client.ts';
import { print, printJson } from '../terminal.ts';

const WORDS = {
  entra: ['Signed out.', "You weren't signed in."],
  'api-key': ['The API key was removed from the keystore.', 'The keystore had no API key.'],
} as const;

const STILL_SIGNED_IN =
  ' Your account is still signed in to this computer, so the next session signs you in again without asking.';

/** Removes the sign-in, or the API key, of the current configuration. @throws AppError ERR_KEYSTORE_* */
export async function logout(options: { readonly json?: boolean }): Promise<void> {
  const result = await ask({ method: 'sign-out' });
  const { removed, credential, broker } = result;
  if (options.json === true) printJson(result);
  else print(`${WORDS[credential][removed ? 0 : 1]}${broker === true ? STILL_SIGNED_IN : ''}`);
}
