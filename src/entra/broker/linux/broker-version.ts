import { parseObject } from '../../../core/json.ts';
import type { BrokerRequest } from '../broker.ts';
import { BrokerConnection } from './broker-connection.ts';

const PATIENCE_MS = 5_000;
/** Shown to people, so it can't be just anything. */
const VERSION = /^[\w.+~-]{1,40}$/;

/**
 * The version of the broker on the session bus; undefined if it doesn't say.
 * @param env of the user's session
 * @throws BrokerFailure; or the reason of the request's signal
 */
export async function linuxBrokerVersion(env: NodeJS.ProcessEnv, request: BrokerRequest): Promise<string | undefined> {
  const connection = BrokerConnection.open(env, request, PATIENCE_MS);
  try {
    const reply = await connection.call('getLinuxBrokerVersion', { msalCppVersion: '' });
    const version = typeof reply === 'string' ? parseObject(reply)?.['linuxBrokerVersion'] : undefined;
    return typeof version === 'string' && VERSION.test(version) ? version : undefined;
  } finally {
    connection.close();
  }
}
