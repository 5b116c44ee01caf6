// The only place that turns failures of the network into an AppError.
import { errnoOf, isCode } from '../../core/errno.ts';
import { AppError, type ErrorCode } from '../../core/errors.ts';
import { type TlsFault, tlsFaults } from '../../core/tls-fault.ts';
import { ConnectReplyError } from './connect-reply.ts';
import { tlsFailureOf } from './openssl-fault.ts';
import { HandshakeError } from './tls-handshake.ts';

export interface Peer {
  readonly host: string;
  /** `host:port` of the proxy that the failed connection went to. */
  readonly proxy?: string | undefined;
}

const UNTRUSTED: readonly (TlsFault | undefined)[] = ['unknown-issuer', 'incomplete-chain', 'self-signed'];

/** Whether a connection failed because no trusted root vouches for the certificate's issuer. */
export function isIssuerUnknown(thrown: unknown): thrown is AppError {
  return thrown instanceof AppError && UNTRUSTED.includes(thrown.tlsFault);
}

/** Whether a connection failed at the proxy, so it says nothing about the server behind it. */
export function endedAtProxy({ code, proxy, cause }: AppError): boolean {
  if (code === 'ERR_NETWORK_PROXY' || code === 'ERR_NETWORK_PROXY_AUTH') return true;
  // The server's TLS starts behind the proxy, after the tunnel is open.
  return proxy !== undefined && (code !== 'ERR_NETWORK_TLS' || isTlsOfProxy(cause));
}

const NOT_CONNECTED = ['ECONNREFUSED', 'ENETDOWN', 'ENETUNREACH', 'EHOSTDOWN', 'EHOSTUNREACH', 'ERR_PROXY_TUNNEL'];

/** Whether the network is down so that the request never reached the server. False if that isn't certain. */
export function couldNotConnect({ code, cause }: AppError): boolean {
  return code === 'ERR_NETWORK_DNS' || (code === 'ERR_NETWORK' && isCode(cause, ...NOT_CONNECTED));
}

/** Maps a failed connection. `detail` names the host, the proxy, and the cause's code. */
export function mapTransportError(cause: unknown, { host, proxy }: Peer): AppError {
  const code = errnoOf(cause) || (cause instanceof Error ? cause.name : 'unknown');
  const where = proxy === undefined ? host : `${host} through the proxy ${proxy}`;
  if (code === 'ERR_PROXY_TUNNEL') return mapTunnelError(cause, where, proxy);
  if (cause instanceof Error && cause.name === 'TimeoutError') {
    return new AppError('ERR_NETWORK_TIMEOUT', { detail: where, proxy, cause });
  }
  if (cause instanceof ConnectReplyError) {
    return new AppError('ERR_NETWORK_PROXY', { detail: `${where} (${cause.message})`, proxy, cause });
  }
  const failure = tlsFailureOf(cause instanceof HandshakeError ? cause.cause : cause);
  if (failure === undefined) {
    const kind = connectionCode(code);
    // The name that can't be resolved is then the proxy's.
    const place = kind === 'ERR_NETWORK_DNS' && proxy !== undefined ? `the proxy ${proxy}` : where;
    return new AppError(kind, { detail: `${place} (${code})`, proxy, cause });
  }
  const { fault, name } = failure;
  const what = fault === 'handshake' ? name : `${name}: ${tlsFaults[fault].meaning}`;
  const detail = `${isTlsOfProxy(cause) ? `the proxy ${proxy}` : where} (${what})`;
  return new AppError('ERR_NETWORK_TLS', { detail: detail + names(fault, cause), tlsFault: fault, proxy, cause });
}

function isTlsOfProxy(cause: unknown): boolean {
  return cause instanceof HandshakeError && cause.end === 'proxy';
}

/** Who the certificate says it's from. For an unknown issuer, that's usually a TLS-inspecting proxy. */
function names(fault: TlsFault, cause: unknown): string {
  const peer = cause instanceof HandshakeError ? cause.peer : undefined;
  if (peer === undefined) return '';
  const { issuer, subject } = peer;
  if (UNTRUSTED.includes(fault)) return `; it names itself "${issuer}"`;
  const isForOther = fault === 'wrong-name' && subject !== undefined;
  return isForOther ? `; "${issuer}" issued it to "${subject}"` : `; "${issuer}" issued it`;
}

function connectionCode(code: string): ErrorCode {
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return 'ERR_NETWORK_DNS';
  // Node's HTTP parser didn't understand the reply, so no sign-in service sent it.
  if (code.startsWith('HPE_')) return 'ERR_NETWORK_REPLY';
  return code === 'ETIMEDOUT' ? 'ERR_NETWORK_TIMEOUT' : 'ERR_NETWORK';
}

function mapTunnelError(cause: unknown, where: string, proxy: string | undefined): AppError {
  const status = typeof cause === 'object' && cause !== null && 'statusCode' in cause ? Number(cause.statusCode) : NaN;
  if (Number.isNaN(status)) return new AppError('ERR_NETWORK', { detail: `${where} (ERR_PROXY_TUNNEL)`, proxy, cause });
  const detail = `${where} (HTTP ${status})`;
  if (status === 407) return new AppError('ERR_NETWORK_PROXY_AUTH', { detail, proxy, cause });
  // A 5xx means that the proxy can't reach the server, which may pass.
  return new AppError(status >= 500 ? 'ERR_NETWORK' : 'ERR_NETWORK_PROXY', { detail, proxy, cause });
}

/**
 * Maps an AbortSignal's reason: a timeout to ERR_NETWORK_TIMEOUT, an AppError to itself, anything else to
 * ERR_SIGN_IN_CANCELLED.
 */
export function mapAbort(reason: unknown): AppError {
  if (reason instanceof AppError) return reason;
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError';
  return new AppError(timedOut ? 'ERR_NETWORK_TIMEOUT' : 'ERR_SIGN_IN_CANCELLED', { cause: reason });
}
