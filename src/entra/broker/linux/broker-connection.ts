// Calls to the broker on the session bus. Any process of the same user may own the broker's name there.
import { setTimeout as sleep } from 'node:timers/promises';
import { SessionBus } from '../../../platform/session-bus.ts';
import { BrokerFailure, type BrokerRequest } from '../broker.ts';
import { toBrokerFailure } from './bus-failure.ts';

const BROKER = {
  destination: 'com.microsoft.identity.broker1',
  path: '/com/microsoft/identity/broker1',
  interface: 'com.microsoft.identity.Broker1',
  signature: 'sss',
};
const PROTOCOL_VERSION = '0.0';
const INTERACTIVE = 'acquireTokenInteractively';

/** An abandoned dialog doesn't hold the connection for longer. */
const CANCEL_MS = 5_000;
/** A broker that's starting may be on the bus before its methods are. */
const STARTING_STEP_MS = 100;
const STARTING_STEPS = 50;
const STARTING = /^org\.freedesktop\.DBus\.Error\.Unknown(?:Object|Interface|Method)$/;

export type BrokerMethod = 'getLinuxBrokerVersion' | 'getAccounts' | 'acquireTokenSilently' | typeof INTERACTIVE;

/** The connection for one request. The caller must close it. */
export class BrokerConnection {
  readonly #bus: SessionBus;
  readonly #request: Pick<BrokerRequest, 'correlationId' | 'signal'>;
  #isDialogAbandoned = false;

  private constructor(bus: SessionBus, request: BrokerRequest) {
    this.#bus = bus;
    this.#request = request;
  }

  /**
   * @param env of the user's session
   * @param patienceMs milliseconds that all calls together may take
   * @throws BrokerFailure Missing; or the reason of the request's signal
   */
  static open(env: NodeJS.ProcessEnv, request: BrokerRequest, patienceMs: number): BrokerConnection {
    request.signal.throwIfAborted();
    const bus = SessionBus.open(env, patienceMs);
    if (bus === undefined) throw new BrokerFailure('Missing', { detail: 'this session has no D-Bus session bus' });
    return new BrokerConnection(bus, request);
  }

  /**
   * Calls one method, for which D-Bus starts the broker. The answer is unchecked.
   * @throws BrokerFailure; or the reason of the request's signal
   */
  async call(method: BrokerMethod, body: object): Promise<unknown> {
    const { signal } = this.#request;
    for (let step = 1; ; step += 1) {
      try {
        return await this.#send(method, body, { signal });
      } catch (thrown) {
        const failure = toBrokerFailure(thrown);
        this.#isDialogAbandoned = method === INTERACTIVE && (signal.aborted || failure.fault === 'TimedOut');
        signal.throwIfAborted();
        if (!isStarting(thrown) || step === STARTING_STEPS) throw failure;
      }
      await sleep(STARTING_STEP_MS);
    }
  }

  /** Closes the dialog too if it was abandoned. */
  close(): void {
    const canceled = this.#isDialogAbandoned ? this.#cancelDialog() : Promise.resolve();
    void canceled.finally(() => this.#bus.close());
  }

  /** The correlation ID says which dialog. A broker that ends because of it closes the dialog, too. */
  async #cancelDialog(): Promise<void> {
    await this.#send('cancelInteractiveFlow', {}, { timeoutMs: CANCEL_MS }).catch(() => undefined);
  }

  #send(member: string, body: object, options: Parameters<SessionBus['call']>[1]): Promise<unknown> {
    const { correlationId } = this.#request;
    return this.#bus.call(
      { ...BROKER, member, body: [PROTOCOL_VERSION, correlationId, JSON.stringify(body)] },
      options,
    );
  }
}

function isStarting(thrown: unknown): boolean {
  return thrown instanceof Error && 'dbusName' in thrown && STARTING.test(String(thrown.dbusName));
}
