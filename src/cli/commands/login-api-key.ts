import { parseApiKey } from '../../core/api-key.ts';
import { AppError, errorFromRecord } from '../../core/errors.ts';
import { API_KEY_NOT_CONFIGURED } from '../../ipc/protocol.ts';
import { ask } from '../agent-client.ts';
import { readSecret } from '../read-secret.ts';
import { print, printJson } from '../terminal.ts';

/**
 * Reads an API key from standard input, hidden on a terminal, and has the agent keep it.
 * @throws AppError ERR_USAGE where the configuration hands out tokens, ERR_API_KEY_INVALID, ERR_KEYSTORE_*
 */
export async function loginWithApiKey(options: { readonly json?: boolean }): Promise<void> {
  await assertTaken();
  const key = parseApiKey(await readSecret('API key (it is not shown): '));
  const { saved } = await ask({ method: 'set-api-key', apiKey: key.reveal() });
  if (options.json === true) printJson({ credential: 'api-key', saved });
  else print('The API key is kept in the keystore.');
}

/** Nobody is asked for a key that cannot be kept. */
async function assertTaken(): Promise<void> {
  const { credential, problem } = await ask({ method: 'status' });
  if (credential === 'entra') throw new AppError('ERR_USAGE', { detail: API_KEY_NOT_CONFIGURED });
  const failure = errorFromRecord(problem);
  // A key in place of none, or of an entry that is none, is what this command is for.
  const isMended = failure?.code === 'ERR_API_KEY_MISSING' || failure?.code === 'ERR_KEYSTORE_RECORD';
  if (failure !== undefined && !isMended) throw failure;
}
