// Checks a request before its path is read, against DNS rebinding, other origins, and other sites' forms.
import type { IncomingHttpHeaders } from 'node:http';

/** The request as the guard sees it. */
export interface GuardedRequest {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Returns why the request is refused, or `undefined`. `authority` is `127.0.0.1:<port>`.
 *
 * Host must be exactly `authority`, because a rebound name would come with its own. A request that changes something
 * must have the page's Origin. If the browser sends Sec-Fetch-Site (W3C Fetch Metadata), it must not name another site.
 * `none` means that the user or the system opened the address.
 */
export function refusalReason(request: GuardedRequest, authority: string): string | undefined {
  const { headers } = request;
  if (headers.host !== authority) return 'host';
  const changes = request.method !== 'GET';
  const origin = headers.origin;
  if (origin === undefined ? changes : origin !== `http://${authority}`) return 'origin';
  const site = headers['sec-fetch-site'];
  const allowed = changes ? ['same-origin'] : ['same-origin', 'none'];
  if (site !== undefined && !allowed.includes(String(site))) return 'site';
  // Fetching the page before the user opens it would use up the one-time address.
  return headers['sec-purpose'] === undefined ? undefined : 'prefetch';
}

/**
 * The same for the redirect from Microsoft's page. It always comes from another site, so `state` proves what Origin and
 * Sec-Fetch-Site can't. It must load the page that the user sees, not a frame, an image, or a script's request.
 */
export function redirectRefusalReason({ headers }: GuardedRequest, authority: string): string | undefined {
  if (headers.host !== authority) return 'host';
  if ((headers['sec-fetch-mode'] ?? 'navigate') !== 'navigate') return 'mode';
  if ((headers['sec-fetch-dest'] ?? 'document') !== 'document') return 'destination';
  return headers['sec-purpose'] === undefined ? undefined : 'prefetch';
}

/** The values of all cookies with this name. Another server on 127.0.0.1 may have set one for the same host. */
export function cookieValues(header: string | undefined, name: string): string[] {
  return (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}
