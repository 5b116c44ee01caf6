import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, type AgentOptions } from 'node:https';
import { getCACertificates } from 'node:tls';
import { AppError } from '../core/errors.ts';

export interface ConnectionSettings {
  /** Absolute http or https URL, credentials percent-encoded in it. */
  readonly proxy?: string | undefined;
  /** Hosts reached without the proxy: names, `.suffix`, `*`. */
  readonly noProxy?: readonly string[] | undefined;
  /** Absolute path of a PEM file, trusted beside the default roots. */
  readonly caFile?: string | undefined;
}

/** Node 22.21 and later; not yet in @types/node 22. */
type ProxyAgentOptions = AgentOptions & { readonly proxyEnv?: Readonly<Record<string, string>> };

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * An agent for single requests (no keep-alive). `timeoutMs` is when Node gives up a proxy that does not answer CONNECT.
 * @throws AppError ERR_CONFIG_UNREADABLE (`caFile` cannot be read), ERR_CONFIG_INVALID (`caFile` or `proxy`).
 */
export function createHttpsAgent(settings: ConnectionSettings, timeoutMs: number): Agent {
  const { proxy, noProxy, caFile } = settings;
  const options: ProxyAgentOptions = {
    keepAlive: false,
    timeout: timeoutMs,
    // Left unset without caFile, so that NODE_EXTRA_CA_CERTS and the system's roots go on working as Node has them.
    ...(caFile === undefined ? {} : { ca: [...getCACertificates('default'), ...readCertificates(caFile)] }),
    ...(proxy === undefined ? {} : { proxyEnv: proxyEnvironment(proxy, noProxy ?? []) }),
  };
  return new Agent(options);
}

/** The proxy as `host:port`, for people to read: never its credentials. */
export function proxyHost(proxy: string): string {
  return new URL(proxy).host;
}

function proxyEnvironment(proxy: string, noProxy: readonly string[]): Readonly<Record<string, string>> {
  assertProxy(proxy);
  return { HTTPS_PROXY: proxy, NO_PROXY: noProxy.join(',') };
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

function readCertificates(caFile: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(caFile, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new AppError('ERR_CONFIG_UNREADABLE', { detail: `"caFile" ${caFile}${code}`, cause });
  }
  const certificates = text.match(PEM_CERTIFICATE) ?? [];
  try {
    // OpenSSL skips what it cannot parse; here that would end as a puzzling TLS failure.
    for (const certificate of certificates) new X509Certificate(certificate);
  } catch (cause) {
    throw new AppError('ERR_CONFIG_INVALID', { detail: `"caFile" ${caFile} holds a damaged certificate`, cause });
  }
  if (certificates.length === 0) {
    throw new AppError('ERR_CONFIG_INVALID', { detail: `"caFile" ${caFile} holds no PEM certificate` });
  }
  return certificates;
}
