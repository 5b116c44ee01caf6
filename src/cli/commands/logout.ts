import { ask } from '../agent-client.ts';
import { print, printJson } from '../terminal.ts';

const WORDS = {
  entra: ['Signed out.', "You weren't signed in."],
  'api-key': ['The API key was removed from the keystore.', 'The keystore had no API key.'],
} as const;

/** Removes the sign-in, or the API key, of the current configuration. @throws AppError ERR_KEYSTORE_* */
export async function logout(options: { readonly json?: boolean }): Promise<void> {
  const { removed, credential } = await ask({ method: 'sign-out' });
  if (options.json === true) printJson({ removed, credential });
  else print(WORDS[credential][removed ? 0 : 1]);
}
