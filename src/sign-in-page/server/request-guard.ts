// What a request must look like before its path is read: against DNS rebinding, other origins and other sites' forms.
import type { IncomingHttpHeaders } from 'node:http';

/** The request as the guard sees it. */
export interface GuardedRequest {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Why the request is refused, or `undefined`. `authority` is `127.0.0.1:<port>`.
 *
 * Host must be exactly ours (a rebound name would come with its own). What changes something must have our Origin.
 * Sec-Fetch-Site (W3C Fetch Metadata), where the browser sends it, must not say that another site asks; `none` is the
 * user or the system opening the address.
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
  // A page fetched ahead of the user would use the one-time address up.
  return headers['sec-purpose'] === undefined ? undefined : 'prefetch';
}

/**
 * The same for the redirect from Microsoft's page, which another site causes by its nature: its `state` proves what
 * Origin and site cannot. It must be the page that the user looks at, not a frame, an image or a script's request.
 */
export function redirectRefusalReason({ headers }: GuardedRequest, authority: string): string | undefined {
  if (headers.host !== authority) return 'host';
  if ((headers['sec-fetch-mode'] ?? 'navigate') !== 'navigate') return 'mode';
  if ((headers['sec-fetch-dest'] ?? 'document') !== 'document') return 'destination';
  return headers['sec-purpose'] === undefined ? undefined : 'prefetch';
}

/** Values of every cookie of that name: another server on 127.0.0.1 may have set one more for our host. */
export function cookieValues(header: string | undefined, name: string): string[] {
  return (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}
