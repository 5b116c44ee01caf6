// The only place that turns failures of the network into an AppError.
import { errnoOf } from '../../core/errno.ts';
import { AppError, type ErrorCode } from '../../core/errors.ts';

export interface Peer {
  readonly host: string;
  /** `host:port` of the proxy that the failed connection went to. */
  readonly proxy?: string | undefined;
}

const TLS_CODE =
  /CERT|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|CRL|^ERR_TLS|^ERR_SSL|^EPROTO$/;
const UNTRUSTED_ISSUER = /SELF_SIGNED|UNABLE_TO|CERT_UNTRUSTED|INVALID_CA/;

/** Whether a connection failed because no trusted root vouches for the certificate's issuer. */
export function isIssuerUnknown(thrown: unknown): thrown is AppError {
  if (!(thrown instanceof AppError) || thrown.code !== 'ERR_NETWORK_TLS') return false;
  return UNTRUSTED_ISSUER.test(errnoOf(thrown.cause) ?? '');
}

/** Whether a connection failed at the proxy, so it says nothing about the server behind it. */
export function endedAtProxy(error: AppError): boolean {
  if (error.code === 'ERR_NETWORK_PROXY' || error.code === 'ERR_NETWORK_PROXY_AUTH') return true;
  // TLS starts behind the proxy, after the tunnel is open.
  return error.code !== 'ERR_NETWORK_TLS' && error.proxy !== undefined;
}

/** Adds the issuer's name to an error of `isIssuerUnknown`. It's usually the name of a TLS-inspecting proxy. */
export function nameIssuer(error: AppError, issuer: string | undefined): AppError {
  if (issuer === undefined) return error;
  const { proxy, cause } = error;
  return new AppError(error.code, { detail: `${error.detail}; it names itself "${issuer}"`, proxy, cause });
}

/** Maps a failed connection. `detail` names the host, the proxy, and the cause's code. */
export function mapTransportError(cause: unknown, { host, proxy }: Peer): AppError {
  const code = errnoOf(cause) || (cause instanceof Error ? cause.name : 'unknown');
  const where = proxy === undefined ? host : `${host} through the proxy ${proxy}`;
  if (code === 'ERR_PROXY_TUNNEL') return mapTunnelError(cause, where, proxy);
  if (cause instanceof Error && cause.name === 'TimeoutError') {
    return new AppError('ERR_NETWORK_TIMEOUT', { detail: where, proxy, cause });
  }
  if (TLS_CODE.test(code)) {
    return new AppError('ERR_NETWORK_TLS', { detail: `${where} (${code}${tlsExplanation(code)})`, proxy, cause });
  }
  return new AppError(connectionCode(code), { detail: `${where} (${code})`, proxy, cause });
}

function connectionCode(code: string): ErrorCode {
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return 'ERR_NETWORK_DNS';
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

function tlsExplanation(code: string): string {
  if (UNTRUSTED_ISSUER.test(code)) return ': the issuer of its certificate is not trusted';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return ': its certificate is for another host';
  if (code === 'CERT_HAS_EXPIRED') return ": its certificate has expired, or the computer's clock is wrong";
  if (code === 'CERT_NOT_YET_VALID') return ": its certificate is not valid yet, or the computer's clock is wrong";
  return '';
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
