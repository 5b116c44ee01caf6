import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../../../../src/core/errors.ts';
import { endedAtProxy, mapAbort, mapTransportError } from '../../../../src/entra/transport/transport-error.ts';

const HOST = 'login.microsoftonline.com';

describe('a failed connection', () => {
  const failure = (code: string, extra: object = {}) => Object.assign(new Error('text'), { code, ...extra });

  it.each<[Error, ErrorCode, string]>([
    [failure('ENOTFOUND'), 'ERR_NETWORK_DNS', '(ENOTFOUND)'],
    [failure('EAI_AGAIN'), 'ERR_NETWORK_DNS', '(EAI_AGAIN)'],
    [failure('ETIMEDOUT'), 'ERR_NETWORK_TIMEOUT', '(ETIMEDOUT)'],
    [failure('ECONNRESET'), 'ERR_NETWORK', '(ECONNRESET)'],
    [failure('ENETUNREACH'), 'ERR_NETWORK', '(ENETUNREACH)'],
    [failure('SELF_SIGNED_CERT_IN_CHAIN'), 'ERR_NETWORK_TLS', "issuer of its certificate isn't trusted"],
    [failure('UNABLE_TO_GET_ISSUER_CERT_LOCALLY'), 'ERR_NETWORK_TLS', "issuer of its certificate isn't trusted"],
    [failure('CERT_HAS_EXPIRED'), 'ERR_NETWORK_TLS', 'has expired'],
    [failure('CERT_NOT_YET_VALID'), 'ERR_NETWORK_TLS', "computer's clock"],
    [failure('EPROTO'), 'ERR_NETWORK_TLS', '(EPROTO)'],
    [failure('ERR_SSL_WRONG_VERSION_NUMBER'), 'ERR_NETWORK_TLS', 'WRONG_VERSION'],
    [failure('ERR_PROXY_TUNNEL', { statusCode: 407 }), 'ERR_NETWORK_PROXY_AUTH', '(HTTP 407)'],
    [failure('ERR_PROXY_TUNNEL', { statusCode: 403 }), 'ERR_NETWORK_PROXY', '(HTTP 403)'],
    [failure('ERR_PROXY_TUNNEL', { statusCode: 502 }), 'ERR_NETWORK', '(HTTP 502)'],
    [failure('ERR_PROXY_TUNNEL'), 'ERR_NETWORK', '(ERR_PROXY_TUNNEL)'],
    [new Error('text'), 'ERR_NETWORK', '(Error)'],
  ])('%o is %s', (cause, code, detail) => {
    const error = mapTransportError(cause, { host: HOST, proxy: 'proxy.example:3128' });
    expect(error).toMatchObject({ code, cause, proxy: 'proxy.example:3128' });
    // The name that can't be resolved is the proxy's.
    const where = code === 'ERR_NETWORK_DNS' ? 'the proxy' : `${HOST} through the proxy`;
    expect(error.detail).toMatch(new RegExp(`^${where} proxy\\.example:3128 `));
    expect(error.detail).toContain(detail);
    // TLS begins behind the proxy.
    expect(endedAtProxy(error)).toBe(code !== 'ERR_NETWORK_TLS');
    expect(endedAtProxy(mapTransportError(cause, { host: HOST }))).toBe(code.startsWith('ERR_NETWORK_PROXY'));
  });

  it('ended at a proxy whatever its text says', () => {
    expect(endedAtProxy(new AppError('ERR_NETWORK', { detail: 'reset', proxy: 'proxy.example:3128' }))).toBe(true);
    expect(endedAtProxy(new AppError('ERR_NETWORK', { detail: 'a through the proxy b' }))).toBe(false);
  });
});

describe('an aborted request', () => {
  it("keeps this program's own reason", () => {
    const reason = new AppError('ERR_SIGN_IN_PENDING');
    expect(mapAbort(reason)).toBe(reason);
  });
});
