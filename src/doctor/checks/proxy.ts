import type { AppError } from '../../core/errors.ts';
import type { RoutePlan } from '../../core/route.ts';
import { proxyAuthFault } from '../../entra/transport/proxy-auth.ts';
import { endedAtProxy } from '../../entra/transport/transport-error.ts';
import { plainCredentials } from '../../proxy/process-proxies.ts';
import type { Check, Facts, Outcome } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import { proxyOf, routeText, wayText } from '../route-text.ts';
import { unknownAddress } from '../unknown-address.ts';
import { connectionFailure, EXCHANGE_DEADLINE_MS, exchangeError } from './exchange.ts';

/** Which way requests take, and that the proxy lets them pass. */
export const proxyCheck: Check<DoctorContext> = {
  id: 'proxy',
  title: 'Proxy',
  needs: ['dns'],
  deadlineMs: EXCHANGE_DEADLINE_MS,
  async run(context) {
    const server = context.firstServer();
    if (server === undefined) return unknownAddress(context);
    const plan = await context.route(server.url);
    const proxy = proxyOf(plan);
    const facts = { ...(proxy === undefined ? {} : { proxy }), origin: plan.origin, way: wayText(plan) };
    if (proxy !== undefined) {
      const error = await exchangeError(server);
      if (error !== undefined && endedAtProxy(error)) {
        return connectionFailure(context, error, { remedy: proxyRemedy(error, plan), facts });
      }
    }
    return judged(await routeTexts(context, server.url), plan, facts);
  },
};

/** One sentence for each host, and for Claude Desktop if it takes another way. */
async function routeTexts(context: DoctorContext, first: URL): Promise<string> {
  const messages = context.messages();
  const urls = [first, ...(messages === undefined ? [] : [new URL(messages.address.url)])];
  const different = urls.filter((url, index) => urls.findIndex(({ origin }) => origin === url.origin) === index);
  const texts = await Promise.all(different.map(async (url) => routeText(url, await context.route(url))));
  const desktop = await desktopText(context, different);
  return [...texts, ...(desktop === undefined ? [] : [desktop])].join('; ');
}

/** Claude Desktop sends its own requests to the last of these. */
async function desktopText(context: DoctorContext, urls: readonly URL[]): Promise<string | undefined> {
  const url = urls.at(-1);
  if (url === undefined) return undefined;
  const [ours, theirs] = await Promise.all([context.route(url), context.desktopRoute(url)]);
  if (wayText(ours) === wayText(theirs)) return undefined;
  return `Claude Desktop's own requests take another way: ${routeText(url, theirs)}`;
}

function judged(detail: string, plan: RoutePlan, facts: Facts): Outcome {
  if (plan.problem !== undefined) {
    return {
      state: 'warn',
      detail: `${detail}; ${plan.problem}`,
      remedy: 'correct it there, or set "proxy"; if direct connections are right, set "proxy" to none',
      facts,
    };
  }
  const plain = plainCredentials(plan);
  if (plain === undefined) return { state: 'ok', detail, facts };
  return {
    state: 'warn',
    detail: `${detail}; ${plain}`,
    remedy: 'use an https:// proxy, or exempt the sign-in host from proxy authentication',
    facts,
  };
}

function proxyRemedy(error: AppError, { origin, routes }: RoutePlan): string | undefined {
  const { code } = error;
  if (code === 'ERR_NETWORK_PROXY_AUTH') return proxyAuthFault(error, routes[0])?.remedy;
  if (code === 'ERR_NETWORK_PROXY' || code === 'ERR_NETWORK_TLS') return undefined;
  return `check host and port in ${origin}, and that the proxy runs and reaches the internet`;
}
