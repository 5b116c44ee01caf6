import { type Broker, BrokerFailure } from './broker.ts';

/**
 * The broker of a user's session.
 * @param env the session's environment
 * @throws BrokerFailure Missing
 */
export async function openBroker(env: NodeJS.ProcessEnv): Promise<Broker> {
  switch (process.platform) {
    case 'linux':
      return (await import('./linux/linux-broker.ts')).openLinuxBroker(env);
    case 'win32':
      return (await import('./windows/windows-broker.ts')).openWindowsBroker();
    default:
      throw new BrokerFailure('Missing', { detail: 'this program uses the broker on Windows and Linux only' });
  }
}
