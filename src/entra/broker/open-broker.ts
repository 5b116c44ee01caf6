import { type Broker, BrokerFailure } from './broker.ts';

/**
 * The broker of a user's session.
 * @param env the session's environment
 * @throws BrokerFailure Missing
 */
export function openBroker(_env: NodeJS.ProcessEnv): Promise<Broker> {
  return Promise.reject(new BrokerFailure('Missing', { detail: "this version can't use the broker of this system" }));
}
