import { parseApiKey } from '../../core/api-key.ts';
import { AppError, type ErrorCode, errorFromRecord } from '../../core/errors.ts';
import { API_KEY_NOT_CONFIGURED } from '../../ipc/protocol.ts';
import { ask } from '../agent-client.ts';
import { readSecret } from '../read-secret.ts';
import { print, printJson } from '../terminal.ts';

/**
 * Reads an API key from standard input, hidden on a terminal, and has the agent keep it.
 * @throws AppError ERR_USAGE if the configuration is for tokens, ERR_API_KEY_INVALID, ERR_KEYSTORE_*
 */
export async function loginWithApiKey(options: { readonly json?: boolean }): Promise<void> {
  await assertTaken();
  const key = parseApiKey(await readSecret('API key (not shown): '));
  const { saved } = await ask({ method: 'set-api-key', apiKey: key.reveal() });
  if (options.json === true) printJson({ credential: 'api-key', saved });
  else print('The API key is stored in the keystore.');
}

/** This command fixes a missing key, or an entry that isn't a key. */
const REPLACEABLE = new Set<ErrorCode>(['ERR_API_KEY_MISSING', 'ERR_KEYSTORE_RECORD', 'ERR_KEYSTORE_MISSING']);

/** Don't ask for a key that can't be kept. */
async function assertTaken(): Promise<void> {
  const { credential, problem } = await ask({ method: 'status' });
  if (credential === 'entra') throw new AppError('ERR_USAGE', { detail: API_KEY_NOT_CONFIGURED });
  const failure = errorFromRecord(problem);
  if (failure !== undefined && !REPLACEABLE.has(failure.code)) throw failure;
}
