import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../src/core/errors.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { tenantOfIssuer } from '../../../../src/entra/cloud.ts';
import { type Claims, checkIdToken, type ExpectedIdentity } from '../../../../src/entra/replies/id-token.ts';

const TENANT = '11111111-0000-4000-8000-00000000000a';
const CLIENT = '33333333-0000-4000-8000-00000000000b';
const OTHER = '99999999-0000-4000-8000-00000000000c';
const NOW = 1_790_000_000_000;
const seconds = NOW / 1000;
const CLAIMS: Claims = {
  iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  tid: TENANT,
  aud: CLIENT,
  sub: 'subject',
  oid: 'object',
  iat: seconds,
  nbf: seconds,
  exp: seconds + 3600,
};
const EXPECTED: ExpectedIdentity = { cloud: 'public', clientId: CLIENT, tenantIds: [TENANT] };
const RECORD = {
  refreshToken: new Secret('r'),
  homeAccountId: 'object.home',
  localAccountId: 'object',
  tenantId: TENANT,
  subject: 'subject',
  environment: 'login.windows.net',
  username: 'ada@contoso.com',
};

/** The claims that the refusal names. */
function refused(claims: object, expected: object = {}): string | undefined {
  try {
    checkIdToken({ ...CLAIMS, ...claims }, { ...EXPECTED, ...expected }, NOW, 'login.example');
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    expect(thrown).toMatchObject({ code: 'ERR_NETWORK_IDENTITY', category: 'network' });
    return /^login\.example sent an ID token with another (.*)$/.exec(thrown.detail ?? '')?.[1];
  }
}

describe('an ID token', () => {
  it.each<[string, object, object?]>([
    ['as Entra sends it', {}],
    ['of version 1.0', { iss: `https://sts.windows.net/${TENANT}/` }],
    ['with its IDs in capitals', { tid: TENANT.toUpperCase(), aud: CLIENT.toUpperCase() }],
    ['with its audience in a list', { aud: [CLIENT] }],
    ['for several, issued to this application', { aud: [OTHER, CLIENT], azp: CLIENT }],
    ['issued by a clock that is 4 minutes ahead', { iat: seconds + 240, nbf: seconds + 240 }],
    ['that expired 4 minutes ago', { exp: seconds - 240 }],
    ['of a tenant that is configured by a domain name', {}, { tenantIds: [] }],
    ['of the same user at a refresh', {}, { record: RECORD }],
    ['without an object ID', { oid: undefined }],
  ])('is accepted %s', (_, claims, expected) => {
    expect(refused(claims, expected)).toBeUndefined();
  });

  it.each<[string, object, string, object?]>([
    ['of another tenant', { tid: OTHER }, 'iss, tid'],
    ['of another tenant and its issuer', { tid: OTHER, iss: `https://login.microsoftonline.com/${OTHER}/v2.0` }, 'tid'],
    ['without a tenant', { tid: undefined }, 'iss, tid'],
    ['whose tenant is no GUID', { tid: 'contoso.com' }, 'iss, tid', { tenantIds: [] }],
    ['of an issuer of another tenant', { iss: `https://login.microsoftonline.com/${OTHER}/v2.0` }, 'iss'],
    ['of another host', { iss: `https://login.example/${TENANT}/v2.0` }, 'iss'],
    ['of another cloud', { iss: `https://login.microsoftonline.us/${TENANT}/v2.0` }, 'iss'],
    ['of an issuer with more before it', { iss: `https://evil.example/https://sts.windows.net/${TENANT}/` }, 'iss'],
    ['of a plain http issuer', { iss: `http://login.microsoftonline.com/${TENANT}/v2.0` }, 'iss'],
    ['without an issuer', { iss: undefined }, 'iss'],
    ['for another application', { aud: OTHER }, 'aud'],
    ['for several, issued to nobody', { aud: [CLIENT, OTHER] }, 'aud'],
    ['issued to another application', { azp: OTHER }, 'azp'],
    ['for nobody', { aud: undefined }, 'aud'],
    ['without a subject', { sub: undefined, oid: undefined }, 'sub, oid'],
    ['with a line break in its object ID', { oid: 'a\nb' }, 'oid'],
    ['that expired 6 minutes ago', { exp: seconds - 360 }, 'exp'],
    ['that never expires', { exp: undefined }, 'exp'],
    ['whose time is text', { exp: '9999999999' }, 'exp'],
    ['issued in 6 minutes', { iat: seconds + 360 }, 'iat'],
    ['valid in 6 minutes', { nbf: seconds + 360 }, 'nbf'],
    ['of another user at a refresh', { oid: 'other', sub: 'other' }, 'sub, oid', { record: RECORD }],
    [
      'of another tenant at a refresh, whatever is configured',
      {},
      'tid',
      { tenantIds: [], record: { ...RECORD, tenantId: OTHER } },
    ],
  ])('is refused %s', (_, claims, named, expected) => {
    expect(refused(claims, expected)).toBe(named);
  });
});

describe('the issuer of a redirect', () => {
  it.each([
    ['public', `https://login.microsoftonline.com/${TENANT}/v2.0`],
    ['usgovernment', `https://login.microsoftonline.us/${TENANT}/v2.0`],
    ['china', `https://login.partner.microsoftonline.cn/${TENANT}/v2.0`],
    ['china', `https://sts.chinacloudapi.cn/${TENANT.toUpperCase()}/`],
  ] as const)('names its tenant in the cloud %s', (cloud, issuer) => {
    expect(tenantOfIssuer(cloud, issuer)).toBe(TENANT);
  });

  it.each([
    undefined,
    '',
    'https://login.microsoftonline.com/',
    'https://login.microsoftonline.com//v2.0',
    `https://login.microsoftonline.com/${TENANT}`,
    `https://login.microsoftonline.com/${TENANT}/v2.0/`,
    `https://login.microsoftonline.com/common/v2.0`,
    `https://login.microsoftonline.com@evil.example/${TENANT}/v2.0`,
    `https://login.microsoftonline.com.evil.example/${TENANT}/v2.0`,
  ])('%s names none', (issuer) => {
    expect(tenantOfIssuer('public', issuer)).toBeUndefined();
  });
});
