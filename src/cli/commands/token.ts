import { ask } from '../agent-client.ts';
import { print, printJson } from '../terminal.ts';

/** Prints a token on purpose, for scripts. Never prompts. @throws AppError as the helper does */
export async function token(options: { readonly json?: boolean }): Promise<void> {
  const result = await ask({ method: 'access-token' });
  if (options.json === true) printJson(result);
  else print(result.token);
}
