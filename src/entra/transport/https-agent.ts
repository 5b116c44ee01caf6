import { Agent } from 'node:https';
import type { SecureContext } from 'node:tls';
import { AppError } from '../../core/errors.ts';

export interface HttpsAgentOptions {
  /** Absolute http or https URL, credentials percent-encoded in it. */
  readonly proxy?: string | undefined;
  /** Whom to trust, by `Trust`. Default: Node's roots. */
  readonly trust?: SecureContext | undefined;
  /** When Node gives up a proxy that does not answer CONNECT. */
  readonly timeoutMs: number;
}

/** An agent for single requests (no keep-alive). @throws AppError ERR_CONFIG_INVALID (`proxy`). */
export function createHttpsAgent({ proxy, trust, timeoutMs }: HttpsAgentOptions): Agent {
  if (proxy !== undefined) assertProxy(proxy);
  return new Agent({
    keepAlive: false,
    timeout: timeoutMs,
    secureContext: trust,
    proxyEnv: proxy === undefined ? undefined : { HTTPS_PROXY: proxy },
  });
}

/** The proxy as `host:port`, for people to read: never its credentials. */
export function proxyHost(proxy: string): string {
  return new URL(proxy).host;
}

/** Node connects directly, without a word, where it does not understand the URL; that would pass a proxy by. */
function assertProxy(proxy: string): void {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new AppError('ERR_CONFIG_INVALID', { detail: '"proxy" must be an http:// or https:// URL' });
  }
  try {
    decodeURIComponent(`${url.username}:${url.password}`);
  } catch {
    // The cause is dropped: it would carry the credentials.
    throw new AppError('ERR_CONFIG_INVALID', { detail: 'the credentials in "proxy" must be percent-encoded' });
  }
}
