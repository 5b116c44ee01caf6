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

/** What to do about detection that this program doesn't follow; `undefined` if it makes no difference. */
export function detectionRemedy(plan: RoutePlan): string | undefined {
  if (plan.autoDetect !== true || proxyOf(plan) !== undefined) return undefined;
  return `automatic proxy detection (WPAD) is on in ${plan.origin}, and this program doesn't follow it: set "proxy" to the proxy, or to pac+ and the URL of the PAC file`;
}
