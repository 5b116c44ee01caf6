import type { AppError, ErrorCode } from '../core/errors.ts';
import type { RoutePlan } from '../core/route.ts';
import { proxyHost } from '../entra/transport/https-agent.ts';

/** `host:port` of the proxy that is tried first; `undefined` for a direct connection. */
export function proxyOf({ routes: [{ proxy }] }: RoutePlan): string | undefined {
  return proxy === undefined ? undefined : proxyHost(proxy);
}

/** `through a:8080, then directly`, without credentials. */
export function wayText({ routes }: RoutePlan): string {
  const ways = routes.map(({ proxy }) => (proxy === undefined ? 'directly' : `through ${proxyHost(proxy)}`));
  return ways.join(', then ');
}

/** `https://login.microsoftonline.com goes through proxy.contoso.com:8080: GNOME's network settings (https-proxy)` */
export function routeText(url: URL, plan: RoutePlan): string {
  const why = plan.why === undefined || plan.origin === '' ? plan.why : `${plan.origin} (${plan.why})`;
  return `${url.origin} goes ${wayText(plan)}: ${why ?? plan.origin}`;
}

/** Failures of the way to a server, as opposed to what the server does. */
const WAY_CODES: readonly ErrorCode[] = ['ERR_NETWORK', 'ERR_NETWORK_DNS', 'ERR_NETWORK_TIMEOUT'];

/**
 * What to do about a direct connection that failed, if something keeps requests from a proxy that there may be:
 * an exception, a setting that can't be followed, or automatic detection. Otherwise `undefined`.
 */
export function directRemedy(plan: RoutePlan, { code }: Pick<AppError, 'code'>): string | undefined {
  if (proxyOf(plan) !== undefined || !WAY_CODES.includes(code)) return undefined;
  if (plan.exception !== undefined) {
    return `if this host is reached through a proxy, remove ${plan.exception}; otherwise check the network connection and DNS`;
  }
  if (plan.problem !== undefined) {
    return 'correct what the finding says about the proxy, or set "proxy" to a proxy that works; without a proxy, check the network connection and DNS';
  }
  if (plan.autoDetect !== true) return undefined;
  return `automatic proxy detection (WPAD) is on in ${plan.origin}, and this program doesn't follow it: set "proxy" to the proxy, or to pac+ and the URL of the PAC file`;
}

/** What to do if someone else answers for this host. Only a browser shows whether that's a sign-in or a refusal. */
export function strangerRemedy(host: string): string {
  return `open https://${host} in a browser: if the network asks you to sign in to it, do that; if a page says that access is blocked, let the team that runs the proxy or firewall allow ${host}`;
}
