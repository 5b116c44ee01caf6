// TCP connections by RFC 8305 ("Happy Eyeballs"). Node's own way ends each attempt after a fixed time before it starts
// the next, so a line that's slower than that never connects.
import { lookup } from 'node:dns/promises';
import { connect, isIPv6, type Socket } from 'node:net';
import { errnoOf } from '../../core/errno.ts';
import { abortable } from './abortable.ts';

/** Milliseconds until the next address is tried too (RFC 8305 section 5). Earlier attempts continue. */
const ATTEMPT_DELAY_MS = 250;

/** What an address fails with if this computer has no route to its family. It says little about the server. */
const WITHOUT_ROUTE = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/** The addresses of a host, best first. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

export const resolveHost: ResolveHost = async (host) =>
  (await lookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address);

/**
 * Connects to the address that answers first.
 * @throws the failure that says most, or the signal's reason
 */
export async function connectTcp(
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
  resolve: ResolveHost = resolveHost,
): Promise<Socket> {
  const addresses = await abortable<readonly string[]>(signal, (found, failed) => {
    resolve(host).then(found, failed);
    // Node can't stop a DNS lookup.
    return () => undefined;
  });
  return connectFirst(
    alternateFamilies(addresses).map((address) => () => connect({ host: address, port, noDelay: true })),
    signal,
  );
}

/** IPv6 and IPv4 in turn, beginning with the family of the best address (RFC 8305 section 4). */
export function alternateFamilies(addresses: readonly string[]): readonly string[] {
  const isFirst = (address: string) => isIPv6(address) === isIPv6(addresses[0] ?? '');
  const [one, other] = [addresses.filter(isFirst), addresses.filter((address) => !isFirst(address))];
  const pairs = Array.from({ length: addresses.length }, (_, n) => [one[n], other[n]]);
  return pairs.flat().filter((address) => address !== undefined);
}

/**
 * Starts the attempts one after another: the next one after 250 ms, or as soon as one fails. The first connection wins,
 * and the other sockets are destroyed.
 * @throws the failure that says most, or the signal's reason
 */
export function connectFirst(attempts: readonly (() => Socket)[], signal: AbortSignal): Promise<Socket> {
  return abortable(signal, (resolve, reject) => {
    const race = new Race(attempts, resolve, reject);
    race.startNext();
    return () => race.end();
  });
}

class Race {
  readonly #waiting: (() => Socket)[];
  readonly #pending = new Set<Socket>();
  readonly #failures: Error[] = [];
  readonly #resolve: (winner: Socket) => void;
  readonly #reject: (failure: Error) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    attempts: readonly (() => Socket)[],
    resolve: (winner: Socket) => void,
    reject: (failure: Error) => void,
  ) {
    this.#waiting = [...attempts];
    this.#resolve = resolve;
    this.#reject = reject;
  }

  startNext(): void {
    clearTimeout(this.#timer);
    const socket = this.#waiting.shift()?.();
    if (socket === undefined) {
      this.#giveUpIfNoneIsLeft();
      return;
    }
    this.#pending.add(socket);
    const onError = (failure: Error): void => this.#lose(socket, failure);
    socket.once('connect', () => {
      this.#pending.delete(socket);
      // Between the listeners of this step and the next, an error would otherwise end the process.
      socket.off('error', onError).on('error', () => undefined);
      this.#resolve(socket);
    });
    socket.on('error', onError);
    this.#timer = setTimeout(() => this.startNext(), ATTEMPT_DELAY_MS);
  }

  #lose(socket: Socket, failure: Error): void {
    this.#pending.delete(socket);
    this.#failures.push(failure);
    this.startNext();
  }

  #giveUpIfNoneIsLeft(): void {
    if (this.#pending.size === 0) this.#reject(mostTelling(this.#failures));
  }

  /** Destroys every socket but the winner. */
  end(): void {
    clearTimeout(this.#timer);
    for (const socket of this.#pending) socket.destroy();
  }
}

function mostTelling(failures: readonly Error[]): Error {
  const telling = failures.find((failure) => !WITHOUT_ROUTE.has(errnoOf(failure) ?? '')) ?? failures[0];
  return telling ?? Object.assign(new Error('the host has no address'), { code: 'ENOTFOUND' });
}
