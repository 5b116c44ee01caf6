// Notices that the computer was asleep or that its network has changed, by looking every half minute: Node has no event
// for either, and a look costs microseconds.
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { type Clock, elapsedSince, type Instant, instant } from '../core/clock.ts';

/** What has happened. `wake` also means that the process itself was stopped for a while. */
export type Return = 'wake' | 'network';

export interface WakeWatchOptions {
  readonly clock: Clock;
  /** Default: those of the interfaces that lead to other computers. */
  readonly addresses?: () => readonly string[];
  readonly onReturn: (what: Return) => void;
}

/** How often it looks. */
export const LOOK_EVERY_MS = 30_000;
/** A look that is this late means that the computer slept. A busy computer isn't that late. */
const LATE_MS = 30_000;
/** After a wake, the network comes back for the person who has just opened the computer. */
const WAKING_MS = 2 * 60_000;

/**
 * Calls back within 30 seconds after the computer wakes up, and after it gets a new network address, which it also does
 * if a VPN connects. Losing an address isn't reported. In the first two minutes after a wake, a new address counts as
 * part of that wake. It never keeps the process alive.
 */
export class WakeWatch {
  readonly #options: WakeWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #looked: Instant | undefined;
  #addresses: ReadonlySet<string> = new Set();
  #woke: Instant | undefined;

  constructor(options: WakeWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#looked = instant(this.#options.clock);
    this.#addresses = this.#read();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { clock, onReturn } = this.#options;
    const isWake = this.#looked !== undefined && elapsedSince(this.#looked, clock) >= LOOK_EVERY_MS + LATE_MS;
    this.#looked = instant(clock);
    const before = this.#addresses;
    this.#addresses = this.#read();
    const hasNew = [...this.#addresses].some((address) => !before.has(address));
    if (isWake) this.#woke = this.#looked;
    if (isWake) onReturn('wake');
    else if (hasNew) onReturn(this.#isWaking() ? 'wake' : 'network');
  }

  #isWaking(): boolean {
    return this.#woke !== undefined && elapsedSince(this.#woke, this.#options.clock) < WAKING_MS;
  }

  #read(): ReadonlySet<string> {
    return new Set((this.#options.addresses ?? ownAddresses)());
  }
}

/** With the interfaces' names; none if the system doesn't say. */
function ownAddresses(): readonly string[] {
  try {
    return Object.entries(networkInterfaces()).flatMap(([name, entries = []]) =>
      entries.filter(leadsSomewhere).map(({ address }) => `${name} ${address}`),
    );
  } catch {
    return [];
  }
}

/** Link-local addresses come before those of the network (RFC 4862 section 5.3, RFC 3927). */
function leadsSomewhere({ internal, address }: NetworkInterfaceInfo): boolean {
  return !internal && !/^(?:fe80:|169\.254\.)/i.test(address);
}
