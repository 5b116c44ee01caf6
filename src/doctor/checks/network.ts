// The way to the first server: name, proxy, TLS, clock. One exchange by the product's own client covers all of them;
// the checks only say at which step it ended.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { errnoOf } from '../../core/errno.ts';
import { type AppError, toAppError } from '../../core/errors.ts';
import { proxyHost } from '../../entra/transport/https-agent.ts';
import { inspectPeer, proxyFor } from '../../entra/transport/transport.ts';
import { endedAtProxy } from '../../entra/transport/transport-error.ts';
import { type Check, type Facts, notNeededWithApiKey, type Outcome } from '../check.ts';
import type { DoctorContext, FirstServer } from '../context.ts';
import { type FailureOptions, failure } from '../failure.ts';
import { unknownAddress } from '../unknown-address.ts';
import { unreachable } from '../unreachable.ts';

/** Long enough for a proxy that doesn't answer, and for the first reading of the system's roots. */
const EXCHANGE_DEADLINE_MS = 75_000;

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
    const proxy = proxyFor(url, context.connection());
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
        detail: `${host}, the name of ${whose}, cannot be resolved (${code})`,
        remedy:
          proxy === undefined
            ? 'check the network connection and DNS; behind a proxy set "proxy" or HTTPS_PROXY'
            : 'correct the host in "proxy" or HTTPS_PROXY, or connect to the company network or VPN',
        facts: { host, code },
      };
    }
  },
};

export const proxyCheck: Check<DoctorContext> = {
  id: 'proxy',
  title: 'Proxy',
  needs: ['dns'],
  deadlineMs: EXCHANGE_DEADLINE_MS,
  async run(context) {
    const { resolution } = context;
    const server = context.firstServer();
    if (server === undefined) return unknownAddress(context);
    const proxy = proxyFor(server.url, context.connection());
    if (proxy === undefined) return withoutProxy(context);
    const facts = { proxy: proxyHost(proxy), origin: resolution.settings.proxy.origin?.location ?? '' };
    const error = await exchangeError(server);
    if (error === undefined || !endedAtProxy(error)) {
      return { state: 'ok', detail: `${facts.proxy} (from ${facts.origin}) lets ${server.name} pass`, facts };
    }
    return connectionFailure(context, error, { remedy: proxyRemedy(error), facts });
  },
};

function withoutProxy({ resolution }: DoctorContext): Outcome {
  const { value } = resolution.settings.proxy;
  const detail =
    value === undefined
      ? 'none is set; connections go out directly'
      : `${proxyHost(value)} is passed by, as "noProxy" (from ${resolution.settings.noProxy.origin?.location}) says`;
  return { state: 'ok', detail };
}

function proxyRemedy({ code }: AppError): string | undefined {
  if (code === 'ERR_NETWORK_PROXY' || code === 'ERR_NETWORK_PROXY_AUTH' || code === 'ERR_NETWORK_TLS') return undefined;
  return 'check host and port in "proxy" or HTTPS_PROXY, and that the proxy runs and reaches the internet';
}

export const tlsCheck: Check<DoctorContext> = {
  id: 'tls',
  title: 'TLS',
  needs: ['proxy'],
  deadlineMs: EXCHANGE_DEADLINE_MS,
  async run(context) {
    const server = context.firstServer();
    if (server === undefined) return unknownAddress(context);
    const error = await exchangeError(server);
    if (error !== undefined) return connectionFailure(context, error, { facts: dateFacts(error) });
    const { url } = server;
    const peer = await inspectPeer(context.connection(), url);
    if (peer === undefined) return { state: 'ok', detail: `${url.host} answers` };
    const { issuer, trusted } = peer;
    const detail = trusted
      ? `${url.host} has a certificate of "${issuer}"`
      : `${url.host} has a certificate of "${issuer}", which only this computer trusts: the network inspects TLS`;
    return { state: 'ok', detail, facts: { issuer, publicRoot: trusted } };
  },
};

/** @returns why the exchange failed, if it did */
async function exchangeError(server: FirstServer): Promise<AppError | undefined> {
  try {
    await server.exchange();
    return undefined;
  } catch (thrown) {
    const error = toAppError(thrown);
    // A strange answer means a good connection; the endpoint's check reports it.
    return error.code === 'ERR_NETWORK_REPLY' && server.name !== 'the sign-in host' ? undefined : error;
  }
}

/** The error table's hints are about the sign-in service. */
function connectionFailure(context: DoctorContext, error: AppError, options: FailureOptions): Outcome {
  const client = context.entra() === undefined ? context.messages() : undefined;
  return client === undefined ? failure(error, options) : unreachable(error, client.address, options);
}

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
    if (Number.isNaN(serverTime)) return { state: 'skip', detail: 'the sign-in host does not say what time it is' };
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
