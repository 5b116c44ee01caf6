import { type Clock, elapsedSince, type Instant, instant } from '../core/clock.ts';
import type { Route } from '../core/route.ts';

/** As in Chromium (net/proxy_resolution/proxy_list.cc). */
const DEAD_MS = 5 * 60_000;

/** Remembers for a few minutes which proxies didn't answer, so that a request tries the others first. */
export class DeadProxies {
  readonly #clock: Clock;
  readonly #network: () => string;
  readonly #dead = new Map<string, { readonly at: Instant; readonly network: string }>();

  constructor(clock: Clock, network: () => string) {
    this.#clock = clock;
    this.#network = network;
  }

  note({ proxy }: Route): void {
    if (proxy !== undefined) this.#dead.set(proxy, { at: instant(this.#clock), network: this.#network() });
  }

  /** The same routes. Those that didn't work come last: if all others fail, they may work again. */
  inOrder(routes: readonly [Route, ...Route[]]): readonly [Route, ...Route[]] {
    if (routes.length === 1 || this.#dead.size === 0) return routes;
    const network = this.#network();
    const [first = routes[0], ...others] = [
      ...routes.filter((route) => !this.#isDead(route, network)),
      ...routes.filter((route) => this.#isDead(route, network)),
    ];
    return [first, ...others];
  }

  #isDead({ proxy }: Route, network: string): boolean {
    const noted = proxy === undefined ? undefined : this.#dead.get(proxy);
    if (noted === undefined) return false;
    if (noted.network === network && elapsedSince(noted.at, this.#clock) < DEAD_MS) return true;
    this.#dead.delete(proxy ?? '');
    return false;
  }
}
