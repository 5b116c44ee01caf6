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

/**
 * What may keep requests from a proxy, and what to do about it: an exception, a setting that can't be followed, or
 * automatic detection. Empty if there's no such thing, or a proxy is used.
 */
export function proxyClause(plan: RoutePlan): readonly string[] {
  if (proxyOf(plan) !== undefined) return [];
  if (plan.exception !== undefined) return [`if this host is reached through a proxy, remove ${plan.exception}`];
  if (plan.problem !== undefined) {
    return ['correct what the finding says about the proxy, or set "proxy" to a proxy that works'];
  }
  if (plan.autoDetect !== true) return [];
  return [
    `automatic proxy detection (WPAD) is on in ${plan.origin}, and this program doesn't follow it: set "proxy" to the proxy, or to pac+ and the URL of the PAC file`,
  ];
}

/** What to do if someone else answers for this host. Only a browser shows whether that's a sign-in or a refusal. */
export function strangerRemedy(host: string): string {
  return `open https://${host} in a browser: if the network asks you to sign in to it, do that; if a page says that access is blocked, let the team that runs the proxy or firewall allow ${host}`;
}
