// Which way a request takes: this program's own settings first, then Claude Desktop's, then the system's.
import { isIP } from 'node:net';
import { printable } from '../core/printable.ts';
import type { Route, RoutePlan, Routes } from '../core/route.ts';
import { bypassesProxy } from '../entra/transport/no-proxy.ts';
import type { SystemProxy } from '../platform/system-proxy/system-proxy.ts';
import type { DeadProxies } from './dead-proxies.ts';
import type { PacOutcome } from './pac/pac-files.ts';

export interface ProxySettings {
  /** As config/rules.ts normalizes it: a URL, `pac+` and a URL, `system`, or `none`. */
  readonly proxy?: string | undefined;
  readonly noProxy?: readonly string[] | undefined;
}

/** The proxy that Claude Desktop is given; see claude-desktop/egress-proxy.ts. */
export interface GivenProxy {
  readonly kind: 'pac' | 'proxy' | 'unusable';
  readonly value: string;
  readonly origin: string;
}

export interface RouteFinderOptions extends ProxySettings {
  /** Where one of this program's settings comes from, for people: a file, a registry key, or a variable. */
  readonly locationOf: (key: 'proxy' | 'noProxy') => string | undefined;
  readonly desktop: () => GivenProxy | undefined;
  readonly system: () => Promise<SystemProxy | undefined>;
  /** How the PAC file at this address answers. Never rejects. */
  readonly pac: (address: string, url: URL) => Promise<PacOutcome>;
  readonly dead: DeadProxies;
}

/** Never rejects: what can't be followed is passed over, and the plan says so. */
export class RouteFinder implements Routes {
  readonly #options: RouteFinderOptions;

  constructor(options: RouteFinderOptions) {
    this.#options = options;
  }

  async find(url: URL, signal?: AbortSignal): Promise<RoutePlan> {
    signal?.throwIfAborted();
    const plan = await abortable(this.#decide(url), signal);
    return { ...plan, routes: this.#options.dead.inOrder(plan.routes) };
  }

  failed(route: Route): void {
    this.#options.dead.note(route);
  }

  /** The way that Claude Desktop's own requests take. */
  ofDesktop(url: URL): Promise<RoutePlan> {
    return this.#viaDesktop(url);
  }

  #decide(url: URL): Promise<RoutePlan> {
    const { proxy, noProxy = [] } = this.#options;
    const entry = noProxy.find((one) => bypassesProxy(url, [one]));
    if (entry !== undefined) return this.#exempted(entry);
    if (proxy === undefined) return this.#viaDesktop(url);
    if (proxy === 'system') return this.#viaSystem(url);
    const origin = this.#setting('proxy');
    if (proxy === 'none') return direct(origin, 'the value none');
    if (proxy.startsWith(PAC)) return this.#viaPac(proxy.slice(PAC.length), origin, url);
    return Promise.resolve({ routes: [{ proxy }], origin });
  }

  async #viaDesktop(url: URL): Promise<RoutePlan> {
    const { desktop } = this.#options;
    const given = desktop();
    if (given === undefined) return this.#viaSystem(url);
    if (given.kind === 'unusable') {
      const plan = await this.#viaSystem(url);
      return { ...plan, problem: joined(`${given.origin} ${given.value}`, plan.problem) };
    }
    if (isLocal(url)) return direct(given.origin, 'hosts of this computer and of .local');
    if (given.kind === 'pac') return this.#viaPac(given.value, given.origin, url);
    return { routes: [{ proxy: given.value }], origin: given.origin };
  }

  async #viaSystem(url: URL): Promise<RoutePlan> {
    const system = await this.#options.system();
    if (system === undefined) return direct('', 'no proxy is set');
    if (isLoopback(url)) return direct(system.origin, 'hosts of this computer');
    return { ...(await this.#asSystem(system, url)), autoDetect: system.autoDetect };
  }

  async #asSystem(system: SystemProxy, url: URL): Promise<RoutePlan> {
    const { origin, pacUrl, notes } = system;
    const noted = notes.length === 0 ? undefined : `${origin}: ${notes.join('; ')}`;
    const fixed = fixedPlan(system, url);
    const plan = pacUrl === undefined ? fixed : await this.#viaPac(pacUrl, origin, url, fixed);
    return { ...plan, problem: joined(noted, plan.problem) };
  }

  /**
   * Without a PAC file that works, browsers use the fixed proxy next to it, or connect directly, and so does this
   * program.
   * @param fixed the plan by the settings next to the PAC file
   */
  async #viaPac(address: string, source: string, url: URL, fixed?: RoutePlan): Promise<RoutePlan> {
    const shown = shownAddress(address);
    const origin = `the PAC file ${shown} from ${source}`;
    const without = (fault: string): RoutePlan => {
      const instead = fixed?.routes[0].proxy === undefined ? { routes: DIRECT, origin } : fixed;
      return { ...instead, problem: `${origin} ${fault}` };
    };
    if (!/^(?:https?|file):/i.test(address)) return without("has an address that this program can't use");
    const outcome = await this.#options.pac(address, url);
    if (outcome.state === 'failed') return without(outcome.reason);
    const [first, ...others] = outcome.routes;
    const unsupported = outcome.unsupported.join(' and ');
    const problem = unsupported === '' ? undefined : `${origin} names ${unsupported}, which this program can't use`;
    if (first !== undefined) return { routes: [first, ...others], origin, problem };
    return { routes: DIRECT, origin, problem: problem ?? `${origin} has an answer that can't be understood` };
  }

  #exempted(text: string): Promise<RoutePlan> {
    const [origin, entry] = [this.#setting('noProxy'), printable(text, MAX_TEXT)];
    const exception = `the entry ${entry} of ${origin}`;
    return Promise.resolve({ routes: DIRECT, origin, why: `the entry ${entry}`, exception });
  }

  #setting(key: 'proxy' | 'noProxy'): string {
    const location = this.#options.locationOf(key);
    // A variable says by its name what it's for.
    if (location === undefined || /^\w+$/.test(location)) return location ?? `"${key}"`;
    return `"${key}" in ${location}`;
  }
}

const PAC = 'pac+';
const MAX_TEXT = 200;

const DIRECT: RoutePlan['routes'] = [{}];

/** What the system's settings say apart from a PAC file. */
function fixedPlan(system: SystemProxy, url: URL): RoutePlan {
  const { origin } = system;
  const decision = system.proxyFor(url);
  const { why } = decision;
  if (decision.kind === 'proxy') return { routes: [{ proxy: decision.proxy }], origin, why };
  if (decision.kind === 'unsupported') return { routes: DIRECT, origin, why, problem: `${origin}: ${why}` };
  const exception = decision.exception === undefined ? undefined : `the exception ${decision.exception} of ${origin}`;
  return { routes: DIRECT, origin, why, exception };
}

function direct(origin: string, why: string): Promise<RoutePlan> {
  return Promise.resolve({ routes: DIRECT, origin, why });
}

const joined = (...texts: readonly (string | undefined)[]): string | undefined =>
  texts.filter((text) => text !== undefined).join('; ') || undefined;

/** Without user name, password, and query, which may hold a secret. */
function shownAddress(address: string): string {
  const url = URL.parse(address);
  return url === null ? '(unreadable)' : printable(`${url.protocol}//${url.host}${url.pathname}`, MAX_TEXT);
}

/** Chromium's implicit rules, which settings can't change: net/docs/proxy.md of Chromium. */
function isLoopback({ hostname }: URL): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  if (isIP(host) === 4) return host.startsWith('127.') || host.startsWith('169.254.');
  if (isIP(host) === 6) return host === '::1' || /^fe[89ab]/.test(host) || /^::ffff:7f/.test(host);
  return host === 'localhost' || host.endsWith('.localhost');
}

/** Claude Desktop's own exceptions from its proxy. */
const isLocal = (url: URL): boolean => isLoopback(url) || /\.local\.?$/.test(url.hostname);

async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
