// The session bus of a Linux desktop, over the npm package `dbus-native`. Load this module only when it's needed: the
// library takes milliseconds.
import { createClient, type Message, type MessageBus } from 'dbus-native';

const BUS = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' };

/** What to call: where, which method, and its arguments with their types. */
export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** D-Bus Specification, "Type System". */
  readonly signature: string;
  readonly body: readonly unknown[];
}

export interface BusCallOptions {
  /** If it aborts, the call fails. The service isn't told. */
  readonly signal?: AbortSignal;
  /** Milliseconds that this call may take. Default: what's left of the connection's patience. */
  readonly timeoutMs?: number;
}

export interface BusSignal {
  readonly path: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

/** A connection. The caller must close it. */
export class SessionBus {
  readonly #client: MessageBus;
  readonly #endsAt: number;

  private constructor(client: MessageBus, patienceMs: number) {
    this.#client = client;
    this.#endsAt = performance.now() + patienceMs;
  }

  /**
   * Connects to the bus of this session. Returns undefined if it has none. What goes wrong later fails the calls.
   * @param patienceMs milliseconds that all calls together may take
   */
  static open(env: NodeJS.ProcessEnv, patienceMs: number): SessionBus | undefined {
    const busAddress = sessionBusAddress(env);
    if (busAddress === undefined) return undefined;
    try {
      const client = createClient({ busAddress, authMethods: ['EXTERNAL'], fdTransport: false });
      // Every pending call fails too, and says so to its caller.
      client.connection.on('error', () => client.connection.stream.destroy());
      return new SessionBus(client, patienceMs);
    } catch {
      return undefined;
    }
  }

  get timeLeftMs(): number {
    return Math.max(1, this.#endsAt - performance.now());
  }

  /**
   * Calls a method that returns one value or none.
   * @throws DBusError if the service refuses, doesn't answer in time, or isn't there
   */
  async call(call: BusCall, { signal, timeoutMs = this.timeLeftMs }: BusCallOptions = {}): Promise<unknown> {
    const options = { timeout: timeoutMs, ...(signal === undefined ? {} : { signal }) };
    return this.#client.invoke({ ...call, body: [...call.body] }, options);
  }

  /** Starts a service unless it runs, and returns the ID of its process. @throws as `call` */
  async startService(name: string): Promise<number> {
    const process = { ...BUS, member: 'GetConnectionUnixProcessID', signature: 's', body: [name] };
    // Services that the bus doesn't know how to start can't be started, even if they run.
    const running = await this.call(process).catch(() => undefined);
    if (running !== undefined) return Number(running);
    await this.call({ ...BUS, member: 'StartServiceByName', signature: 'su', body: [name, 0] });
    return Number(await this.call(process));
  }

  /** From when it resolves, calls `listener` for each signal of this interface. @throws as `call` */
  async listen(interface_: string, listener: (signal: BusSignal) => void): Promise<void> {
    this.#client.connection.on('message', (message: Message) => {
      if (message.type !== SIGNAL || message.interface !== interface_) return;
      listener({ path: message.path ?? '', member: message.member ?? '', body: message.body ?? [] });
    });
    const rule = `type='signal',interface='${interface_}'`;
    await this.call({ ...BUS, member: 'AddMatch', signature: 's', body: [rule] });
  }

  close(): void {
    this.#client.connection.stream.destroy();
  }
}

/** D-Bus Specification, "Message Types". */
const SIGNAL = 4;

/**
 * A socket of this computer's. If no variable names one, it's in the session's folder, where systemd puts it and every
 * D-Bus library looks for it.
 */
function sessionBusAddress({ DBUS_SESSION_BUS_ADDRESS: named, XDG_RUNTIME_DIR: folder }: NodeJS.ProcessEnv) {
  if (named) return named.split(';').find((address) => address.startsWith('unix:'));
  return folder?.startsWith('/') === true ? `unix:path=${folder}/bus` : undefined;
}
