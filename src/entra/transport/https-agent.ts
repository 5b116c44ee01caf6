import { Agent } from 'node:https';
import type { SecureContext } from 'node:tls';
import { AppError } from '../../core/errors.ts';

export interface HttpsAgentOptions {
  /** Absolute http or https URL. Credentials in it are percent-encoded. */
  readonly proxy?: string | undefined;
  /** The roots to trust, from `TrustStore`. Default: Node's roots. */
  readonly trust?: SecureContext | undefined;
  /** Milliseconds until Node gives up on a proxy that doesn't answer CONNECT. */
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

/** The proxy as `host:port` for display, without its credentials. */
export function proxyHost(proxy: string): string {
  return new URL(proxy).host;
}

/** If Node doesn't understand the URL, it connects directly without a warning, which would bypass the proxy. */
function assertProxy(proxy: string): void {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new AppError('ERR_CONFIG_INVALID', { detail: '"proxy" must be an http:// or https:// URL' });
  }
  try {
    decodeURIComponent(`${url.username}:${url.password}`);
  } catch {
    // No cause: it would contain the credentials.
    throw new AppError('ERR_CONFIG_INVALID', { detail: 'the credentials in "proxy" must be percent-encoded' });
  }
}
