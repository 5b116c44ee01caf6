// The way to the first server, without its proxy: name, TLS, clock.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { errnoOf } from '../../core/errno.ts';
import type { AppError } from '../../core/errors.ts';
import type { RoutePlan } from '../../core/route.ts';
import { inspectPeer } from '../../entra/transport/transport.ts';
import { aboutWay } from '../about-way.ts';
import { type Check, type Facts, notNeededWithApiKey } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import { proxyClause, strangerRemedy } from '../route-text.ts';
import { unknownAddress } from '../unknown-address.ts';
import { connectionFailure, EXCHANGE_DEADLINE_MS, exchangeError } from './exchange.ts';

/** The name that this computer must resolve itself: behind a proxy, only the proxy's. */
export const dnsCheck: Check<DoctorContext> = {
  id: 'dns',
  title: 'Name resolution (DNS)',
  needs: ['configuration'],
  deadlineMs: 15_000,
  async run(context) {
    const server = context.firstServer();
    if (server === undefined) return unknownAddress(context);
    const { url, name } = server;
    const plan = await context.route(url);
    const [{ proxy }] = plan.routes;
    const host = proxy === undefined ? url.hostname : new URL(proxy).hostname.replace(/^\[(.*)\]$/, '$1');
    const whose = proxy === undefined ? name : 'the proxy';
    if (isIP(host) !== 0) return { state: 'ok', detail: `${whose} is given by its address ${host}` };
    try {
      const addresses = (await lookup(host, { all: true })).map(({ address }) => address);
      return { state: 'ok', detail: `${host} is ${addresses[0]}`, facts: { host, addresses } };
    } catch (thrown) {
      const code = errnoOf(thrown) ?? 'unknown';
      return {
        state: 'fail',
        detail: [`${host}, the name of ${whose}, can't be resolved (${code})`, plan.problem].filter(Boolean).join('; '),
        remedy:
          proxy === undefined
            ? directRemedy(plan)
            : `correct the host in ${plan.origin}, or connect to the company network or VPN`,
        facts: { host, code },
      };
    }
  },
};

function directRemedy(plan: RoutePlan): string {
  const [clause] = proxyClause(plan);
  if (clause === undefined) return 'check the network connection and DNS; behind a proxy set "proxy" or HTTPS_PROXY';
  return `${clause}; without a proxy, check the network connection and DNS`;
}

export const tlsCheck: Check<DoctorContext> = {
  id: 'tls',
  title: 'TLS',
  needs: ['proxy'],
  deadlineMs: EXCHANGE_DEADLINE_MS,
  async run(context) {
    const server = context.firstServer();
    if (server === undefined) return unknownAddress(context);
    const { url } = server;
    const [error, plan] = [await exchangeError(server), await context.route(url)];
    if (error !== undefined) {
      const isStranger = error.code === 'ERR_NETWORK_REPLY' && server.name === 'the sign-in host';
      const remedy = isStranger ? strangerRemedy(url.host) : undefined;
      return aboutWay(context, url, connectionFailure(context, error, { remedy, facts: dateFacts(error) }));
    }
    const peer = await inspectPeer(plan.routes[0], url);
    if (peer === undefined) return { state: 'ok', detail: `${url.host} answers` };
    const { issuer, trusted } = peer;
    const detail = trusted
      ? `${url.host} has a certificate of "${issuer}"`
      : `${url.host} has a certificate of "${issuer}", which only this computer trusts: the network inspects TLS`;
    return { state: 'ok', detail, facts: { issuer, publicRoot: trusted } };
  },
};

/** The computer's date, if it may be what is wrong. */
function dateFacts({ tlsFault }: AppError): Facts {
  const mayBeClock = tlsFault === 'expired' || tlsFault === 'not-yet-valid';
  return mayBeClock ? { computerTime: new Date().toISOString() } : {};
}

const CLOCK_WARN_SECONDS = 60;
/** Entra's own tolerance for the times in a token. */
const CLOCK_FAIL_SECONDS = 300;

export const clockCheck: Check<DoctorContext> = {
  id: 'clock',
  title: 'Clock',
  needs: ['tls'],
  async run(context) {
    const entra = context.entra();
    if (entra === undefined) return notNeededWithApiKey();
    const { reply, receivedAt } = await entra.metadata();
    const serverTime = Date.parse(reply.headers.date ?? '');
    if (Number.isNaN(serverTime)) return { state: 'skip', detail: "the sign-in host doesn't say what time it is" };
    const skewSeconds = Math.round((receivedAt - serverTime) / 1000);
    const facts = { skewSeconds };
    const size = Math.abs(skewSeconds);
    if (size <= CLOCK_WARN_SECONDS) return { state: 'ok', detail: 'it agrees with the sign-in host', facts };
    return {
      state: size >= CLOCK_FAIL_SECONDS ? 'fail' : 'warn',
      detail: `it is ${spoken(size)} ${skewSeconds > 0 ? 'ahead of' : 'behind'} the sign-in host's`,
      remedy: 'set date and time from the internet, and check the time zone',
      facts,
    };
  },
};

function spoken(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
