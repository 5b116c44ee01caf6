import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../../../src/core/errors.ts';
import { networkFault, unreachable } from '../../../src/doctor/unreachable.ts';

const address = {
  url: 'https://ai.contoso.com:8443/anthropic',
  host: 'ai.contoso.com:8443',
  from: 'claude-desktop',
  setting: 'inferenceGatewayBaseUrl',
  via: 'gateway',
} as const;

const detailOf = (code: ErrorCode, detail?: string) =>
  unreachable(new AppError(code, detail === undefined ? {} : { detail }), address).detail;

describe("a server that can't be reached", () => {
  it.each([
    ['ERR_NETWORK', 'ai.contoso.com (ECONNREFUSED)', "ai.contoso.com:8443 can't be reached: ECONNREFUSED"],
    [
      'ERR_NETWORK_PROXY',
      'ai.contoso.com through the proxy a:8080 (HTTP 403)',
      "ai.contoso.com:8443 can't be reached: through the proxy a:8080 (HTTP 403)",
    ],
    [
      'ERR_NETWORK_REPLY',
      'ai.contoso.com sent more than 1 MiB',
      "ai.contoso.com:8443 doesn't answer as Foundry or API Management does: sent more than 1 MiB",
    ],
    ['ERR_NETWORK_TIMEOUT', 'ai.contoso.com', "ai.contoso.com:8443 didn't answer within 10 s"],
    ['ERR_NETWORK', 'the proxy a:8080 (EPROTO)', "ai.contoso.com:8443 can't be reached: the proxy a:8080 (EPROTO)"],
    ['ERR_NETWORK', undefined, "ai.contoso.com:8443 can't be reached"],
  ] as const)('is named once: %s, %s', (code, detail, said) => {
    expect(detailOf(code, detail)).toBe(said);
  });

  it('is the only thing that networkFault makes a finding of', () => {
    const secret = new AppError('ERR_API_KEY_MISSING');
    expect(() => networkFault({ address })(secret)).toThrow(secret);
    expect(networkFault({ address })(new AppError('ERR_NETWORK'))).toMatchObject({ state: 'fail' });
  });
});
