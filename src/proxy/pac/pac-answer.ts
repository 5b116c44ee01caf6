import type { Route } from '../../core/route.ts';

export interface PacAnswer {
  /** In the file's order; empty if nothing in the answer can be used. */
  readonly routes: readonly Route[];
  /** Kinds of proxies that were passed over: `SOCKS5`. */
  readonly unsupported: readonly string[];
}

/** Default ports as in Chromium. */
const KINDS: Readonly<Record<string, { readonly scheme: string; readonly port: string }>> = {
  PROXY: { scheme: 'http', port: '80' },
  HTTP: { scheme: 'http', port: '80' },
  HTTPS: { scheme: 'https', port: '443' },
};

/**
 * What a PAC file's answer means: `PROXY a:8080; HTTPS b; DIRECT`. An empty answer means a direct connection, and what
 * no one understands is passed over, as in Chromium (net/base/proxy_string_util.cc).
 */
export function parsePacAnswer(answer: string): PacAnswer {
  const entries = answer
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0) return { routes: [{}], unsupported: [] };
  const routes: Route[] = [];
  const unsupported = new Set<string>();
  for (const entry of entries) {
    const [kind = '', place = ''] = entry.split(/\s+/);
    const route = routeOf(kind.toUpperCase(), place);
    if (route !== undefined) routes.push(route);
    else if (/^SOCKS[45]?$/i.test(kind)) unsupported.add(kind.toUpperCase());
  }
  return { routes, unsupported: [...unsupported] };
}

function routeOf(kind: string, place: string): Route | undefined {
  if (kind === 'DIRECT') return {};
  const known = KINDS[kind];
  if (known === undefined || place === '') return undefined;
  const url = URL.parse(`${known.scheme}://${place}`);
  // The file comes from the network: nothing in it may be a password.
  if (url === null || url.username !== '' || url.password !== '' || url.pathname !== '/') return undefined;
  // An explicit default port is dropped by URL, but a proxy's own default isn't always its scheme's.
  return { proxy: `${known.scheme}://${url.hostname}:${url.port === '' ? known.port : url.port}` };
}
