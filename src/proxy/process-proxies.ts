import type { SecureContext } from 'node:tls';
import { type Clock, systemClock } from '../core/clock.ts';
import { toAppError } from '../core/errors.ts';
import type { Route, RoutePlan, Routes } from '../core/route.ts';
import type { SystemTrustStore } from '../entra/transport/system-trust-store.ts';
import { isIssuerUnknown, mapTransportError } from '../entra/transport/transport-error.ts';
import { TrustStore } from '../entra/transport/trust-store.ts';
import type { EventLog } from '../log/event-log.ts';
import { DeadProxies } from './dead-proxies.ts';
import { networkFingerprint } from './network-fingerprint.ts';
import type { PacFiles, PacTrust } from './pac/pac-files.ts';
import { type GivenProxy, type ProxySettings, RouteFinder } from './route-finder.ts';
import { systemProxyReader } from './system-proxy-reader.ts';

export interface ProcessProxiesOptions {
  readonly log: EventLog;
  readonly systemRoots: SystemTrustStore;
  /** Where one of this program's settings comes from. */
  readonly locationOf: (key: 'proxy' | 'noProxy') => string | undefined;
  /** Claude Desktop's own proxy, or only the one that an admin set. */
  readonly desktop: (managedOnly: boolean) => GivenProxy | undefined;
  /** The environment of the desktop session whose settings count, on Linux. */
  readonly session: () => NodeJS.ProcessEnv;
  readonly clock?: Clock;
}

export interface RouteSettings extends ProxySettings {
  readonly caFile?: string | undefined;
  readonly policyOnly?: boolean | undefined;
}

/** Owns what all routes of a process share: the PAC files in use, and which proxies didn't answer. */
export class ProcessProxies {
  readonly #options: ProcessProxiesOptions;
  readonly #clock: Clock;
  readonly #dead: DeadProxies;
  readonly #system: ReturnType<typeof systemProxyReader>;
  #pac: Promise<PacFiles> | undefined;
  #lastProblem: string | undefined;

  constructor(options: ProcessProxiesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#dead = new DeadProxies(this.#clock, networkFingerprint);
    this.#system = systemProxyReader(this.#clock, options.session);
  }

  /** The routes under these settings. */
  routes({ proxy, noProxy, caFile, policyOnly = false }: RouteSettings): Routes & Pick<RouteFinder, 'ofDesktop'> {
    const { locationOf, desktop, systemRoots } = this.#options;
    const trust = pacTrust(new TrustStore(caFile), systemRoots);
    const finder = new RouteFinder({
      proxy,
      noProxy,
      locationOf,
      desktop: () => desktop(policyOnly),
      system: this.#system,
      pac: async (address, url) => (await this.#pacFiles()).find(address, url, trust),
      dead: this.#dead,
    });
    return {
      find: async (url, signal) => this.#noted(await finder.find(url, signal)),
      failed: (route) => this.#noteFailed(finder, route),
      renew: () => void this.#pac?.then((files) => files.renew()),
      ofDesktop: (url) => finder.ofDesktop(url),
    };
  }

  /** Loaded only if there's a PAC file. */
  #pacFiles(): Promise<PacFiles> {
    this.#pac ??= import('./pac/pac-files.ts').then(({ PacFiles }) => new PacFiles({ clock: this.#clock }));
    return this.#pac;
  }

  #noted(plan: RoutePlan): RoutePlan {
    const problem = plan.problem ?? plainCredentials(plan);
    if (problem !== this.#lastProblem && problem !== undefined) {
      this.#options.log.warn('proxy-problem', { reason: problem });
    }
    this.#lastProblem = problem;
    return plan;
  }

  #noteFailed(finder: RouteFinder, route: Route): void {
    finder.failed(route);
    if (route.proxy === undefined) return;
    this.#options.log.info('proxy-passed-over', { location: new URL(route.proxy).host });
  }
}

/** Basic authentication over a connection that anyone on the way can read (RFC 7617 section 4). */
export function plainCredentials({ routes, origin }: RoutePlan): string | undefined {
  const hasThem = routes.some(({ proxy }) => {
    const url = proxy === undefined ? undefined : new URL(proxy);
    return url?.protocol === 'http:' && url.password !== '';
  });
  return hasThem ? `the password for the proxy from ${origin} is sent unencrypted` : undefined;
}

/** The roots of every other connection, the system's included. */
function pacTrust(trust: TrustStore, systemRoots: SystemTrustStore): PacTrust {
  return {
    context: () => trust.context(systemRoots.current),
    retry: async (thrown): Promise<SecureContext | undefined> => {
      if (!isIssuerUnknown(toAppError(mapTransportError(thrown, { host: '' })))) return undefined;
      const before = systemRoots.current;
      const roots = await systemRoots.load();
      return roots === undefined || roots === before ? undefined : trust.context(roots);
    },
  };
}
