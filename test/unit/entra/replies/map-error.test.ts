import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode, errorCatalog } from '../../../../src/core/errors.ts';
import {
  type EntraReply,
  type Grant,
  isRefreshTokenDead,
  mapAuthorizationError,
  mapEntraError,
  mapMsalError,
} from '../../../../src/entra/replies/map-error.ts';

const HOST = 'login.microsoftonline.com';
const NOW = Date.parse('2026-11-22T12:00:00Z');
const CORRELATION = '11111111-2222-4333-8444-555555555555';

interface Signal {
  readonly error?: string;
  readonly suberror?: string;
  readonly number?: number;
  readonly status?: number;
  readonly headers?: EntraReply['headers'];
  readonly claims?: string;
}

function map(signal: Signal, grant: Grant = 'refresh_token'): AppError {
  const { error, suberror, number, status = 400, headers = {}, claims } = signal;
  const body = {
    ...(error === undefined ? {} : { error }),
    ...(suberror === undefined ? {} : { suberror }),
    ...(number === undefined ? {} : { error_codes: [number] }),
    ...(claims === undefined ? {} : { claims }),
    error_description: `AADSTS${number}: text about zoe@contoso.com.`,
    correlation_id: CORRELATION,
  };
  return mapEntraError({ status, headers, body }, grant, HOST, NOW);
}

describe('an error of Entra during a refresh', () => {
  it.each<[Signal, ErrorCode, string, boolean]>([
    [{ error: 'invalid_grant', number: 70043, suberror: 'token_expired' }, 'ERR_SIGN_IN_ENDED', 'AADSTS70043', true],
    [{ error: 'invalid_grant', number: 700082, suberror: 'bad_token' }, 'ERR_SIGN_IN_ENDED', 'AADSTS700082', true],
    [{ error: 'invalid_grant', number: 50173 }, 'ERR_SIGN_IN_ENDED', 'AADSTS50173', true],
    [{ error: 'invalid_grant', number: 999999 }, 'ERR_SIGN_IN_REFUSED', 'AADSTS999999', false],
    [{ error: 'invalid_grant', suberror: 'client_mismatch', number: 1 }, 'ERR_SIGN_IN_REFUSED', 'AADSTS1', false],
    [{ error: 'invalid_grant', suberror: 'token_expired', number: 1 }, 'ERR_SIGN_IN_REFUSED', 'AADSTS1', false],
    [{ error: 'invalid_grant', suberror: 'something_new', number: 1 }, 'ERR_SIGN_IN_REFUSED', 'AADSTS1', false],
    [{ error: 'invalid_grant', suberror: 'bad_token', number: 999999 }, 'ERR_SIGN_IN_ENDED', 'AADSTS999999', true],
    [{ error: 'invalid_grant', suberror: 'bad_token', number: 70000 }, 'ERR_SIGN_IN_ENDED', 'AADSTS70000', true],
    [{ error: 'invalid_grant', suberror: 'bad_token', number: 50126 }, 'ERR_SIGN_IN_ENDED', 'AADSTS50126', true],
    [{ error: 'invalid_grant', suberror: 'bad_token', number: 53003 }, 'ERR_POLICY_BLOCKED', 'AADSTS53003', false],
    [{ error: 'invalid_grant', suberror: 'bad_token', number: 530036 }, 'ERR_DEVICE_CODE_BLOCKED', '530036', true],
    [{ error: 'invalid_grant', number: 70000 }, 'ERR_SIGN_IN_REFUSED', 'AADSTS70000', false],
    [{ error: 'invalid_grant', number: 50053 }, 'ERR_ACCOUNT_LOCKED', 'AADSTS50053', false],
    [{ error: 'invalid_grant', number: 50126 }, 'ERR_SIGN_IN_REFUSED', 'AADSTS50126', false],
    [{ error: 'invalid_grant', number: 50133 }, 'ERR_SIGN_IN_ENDED', 'AADSTS50133', true],
    [{ error: 'interaction_required', number: 50173 }, 'ERR_SIGN_IN_STEP_REQUIRED', 'AADSTS50173', false],
    [{ error: 'invalid_request', number: 50173 }, 'ERR_SIGN_IN_REFUSED', 'AADSTS50173', false],
    [
      { error: 'interaction_required', suberror: 'bad_token' },
      'ERR_SIGN_IN_STEP_REQUIRED',
      'interaction_required',
      false,
    ],
    [{ error: 'unauthorized_client', number: 7000112 }, 'ERR_ENTRA_APP_DISABLED', 'AADSTS7000112', false],
    [{ error: 'invalid_grant', number: 7000112 }, 'ERR_ENTRA_APP_DISABLED', 'AADSTS7000112', false],
    [{ error: 'invalid_resource', number: 500011 }, 'ERR_ENTRA_SERVICE_MISSING', 'AADSTS500011', false],
    [{ error: 'unauthorized_client', number: 500011 }, 'ERR_ENTRA_SERVICE_MISSING', 'AADSTS500011', false],
    [{ error: 'invalid_resource', number: 500014 }, 'ERR_ENTRA_SERVICE_DISABLED', 'AADSTS500014', false],
    [{ error: 'unauthorized_client', number: 500014 }, 'ERR_ENTRA_SERVICE_DISABLED', 'AADSTS500014', false],
    [{ error: 'invalid_grant', number: 530084, suberror: 'basic_action' }, 'ERR_TOKEN_PROTECTION', '530084', false],
    [
      { error: 'unauthorized_client', suberror: 'protection_policy_required', number: 53005 },
      'ERR_POLICY_BLOCKED',
      'AADSTS53005',
      false,
    ],
    [{ error: 'unauthorized_client', suberror: 'protection_policy_required' }, 'ERR_POLICY_BLOCKED', '_client', false],
    [
      { error: 'unauthorized_client', suberror: 'protection_policies_required', number: 70000 },
      'ERR_POLICY_BLOCKED',
      'AADSTS70000',
      false,
    ],
    [{ error: 'interaction_required', number: 53005 }, 'ERR_POLICY_BLOCKED', 'AADSTS53005', false],
    [{ error: 'interaction_required', suberror: 'message_only', number: 9 }, 'ERR_ENTRA_REFUSED', 'AADSTS9', false],
    [{ error: 'unauthorized_client', number: 999999 }, 'ERR_ENTRA_REFUSED', 'AADSTS999999', false],
    [{ error: 'invalid_client', number: 999999 }, 'ERR_ENTRA_REFUSED', 'AADSTS999999', false],
    [{ error: 'invalid_grant', number: 530036 }, 'ERR_DEVICE_CODE_BLOCKED', 'AADSTS530036', true],
    [
      { error: 'interaction_required', number: 50076, suberror: 'basic_action' },
      'ERR_SIGN_IN_STEP_REQUIRED',
      '50076',
      false,
    ],
    [
      { error: 'invalid_grant', number: 50076, suberror: 'basic_action' },
      'ERR_SIGN_IN_STEP_REQUIRED',
      'AADSTS50076',
      false,
    ],
    [{ error: 'invalid_grant', number: 50079 }, 'ERR_SIGN_IN_STEP_REQUIRED', 'AADSTS50079', false],
    [{ error: 'interaction_required', number: 999999 }, 'ERR_SIGN_IN_STEP_REQUIRED', 'AADSTS999999', false],
    [
      { error: 'invalid_grant', number: 999999, suberror: 'additional_action' },
      'ERR_SIGN_IN_STEP_REQUIRED',
      '999999',
      false,
    ],
    [{ error: 'invalid_grant', number: 53003, suberror: 'message_only' }, 'ERR_POLICY_BLOCKED', 'AADSTS53003', false],
    [{ error: 'interaction_required', number: 53003 }, 'ERR_POLICY_BLOCKED', 'AADSTS53003', false],
    [{ error: 'invalid_grant', number: 53000, suberror: 'message_only' }, 'ERR_DEVICE_REQUIRED', 'AADSTS53000', false],
    [{ error: 'invalid_grant', number: 999999, suberror: 'message_only' }, 'ERR_ENTRA_REFUSED', '999999', false],
    [{ error: 'invalid_grant', number: 65001, suberror: 'consent_required' }, 'ERR_CONSENT_REQUIRED', '65001', false],
    [{ error: 'invalid_grant', number: 999999, suberror: 'consent_required' }, 'ERR_CONSENT_REQUIRED', '9999', false],
    [{ error: 'invalid_grant', number: 50105 }, 'ERR_NOT_ASSIGNED', 'AADSTS50105', false],
    [{ error: 'invalid_grant', number: 50020 }, 'ERR_WRONG_TENANT', 'AADSTS50020', false],
    [{ error: 'invalid_grant', number: 50057 }, 'ERR_ACCOUNT_DISABLED', 'AADSTS50057', false],
    [{ error: 'invalid_grant', number: 50034 }, 'ERR_ACCOUNT_DISABLED', 'AADSTS50034', false],
    [{ error: 'invalid_client', number: 7000218 }, 'ERR_ENTRA_PUBLIC_CLIENT_OFF', 'AADSTS7000218 ("clientId")', false],
    [{ error: 'unauthorized_client', number: 700016 }, 'ERR_ENTRA_APP_UNKNOWN', 'AADSTS700016 ("clientId")', false],
    [{ error: 'invalid_request', number: 90002 }, 'ERR_ENTRA_TENANT_UNKNOWN', 'AADSTS90002 ("tenantId")', false],
    [{ error: 'invalid_scope', number: 70011 }, 'ERR_ENTRA_SCOPE', 'AADSTS70011 ("scope")', false],
    [{ error: 'unauthorized_client' }, 'ERR_ENTRA_APP_UNKNOWN', '("clientId")', false],
    [{ error: 'invalid_client' }, 'ERR_ENTRA_PUBLIC_CLIENT_OFF', '("clientId")', false],
    [{ error: 'invalid_resource', number: 999999 }, 'ERR_ENTRA_SCOPE', 'AADSTS999999 ("scope")', false],
    [{ error: 'invalid_request', number: 999999 }, 'ERR_ENTRA_REFUSED', 'AADSTS999999', false],
    [{ error: 'invalid_grant', number: 50196 }, 'ERR_THROTTLED', 'AADSTS50196', false],
    [{ error: 'invalid_request', number: 90055, status: 429 }, 'ERR_THROTTLED', 'AADSTS90055', false],
    [{ error: 'temporarily_unavailable' }, 'ERR_THROTTLED', HOST, false],
    [{ error: 'invalid_grant', number: 70043, status: 503 }, 'ERR_THROTTLED', HOST, false],
  ])('%j is %s', (signal, code, detail, dead) => {
    const error = map(signal);
    expect(error.code).toBe(code);
    expect(error.detail).toContain(detail);
    expect(error.correlationId).toBe(CORRELATION);
    expect(isRefreshTokenDead(error)).toBe(dead);
    expect(error.message).not.toContain('zoe');
  });

  it.each<[number, ErrorCode, string]>([
    [500011, 'ERR_ENTRA_RESOURCE_MISSING', 'AADSTS500011 ("scope")'],
    [650052, 'ERR_ENTRA_RESOURCE_MISSING', 'AADSTS650052 ("scope")'],
    [500014, 'ERR_ENTRA_RESOURCE_DISABLED', 'AADSTS500014 ("scope")'],
  ])('AADSTS%i with its own scope is about that application', (number, code, detail) => {
    const body = { error: 'invalid_resource', error_codes: [number] };
    const error = (scope: string): AppError =>
      mapEntraError({ status: 400, headers: {}, body }, 'refresh_token', HOST, NOW, scope);
    expect(error('api://gateway/.default openid profile')).toMatchObject({ code, detail });
    for (const scope of [
      'https://cognitiveservices.azure.com/.default',
      'https://cognitiveservices.azure.us/.default',
    ]) {
      expect(error(`${scope} openid profile offline_access`).code).toMatch(/^ERR_ENTRA_SERVICE_/);
    }
  });

  it("says why, if the code doesn't, and that Azure Cognitive Services is what to add", () => {
    expect(map({ error: 'invalid_grant', number: 50173 }).message).toMatch(/AADSTS50173: the password was changed/);
    const { hint } = errorCatalog[map({ error: 'invalid_resource', number: 500011 }).code];
    expect(hint).toContain('az ad sp create --id 7d312290-28c8-473c-a0ed-8e53749b6d6d');
    expect(errorCatalog[map({ error: 'unauthorized_client', number: 7000112 }).code].hint).not.toContain('clientId');
  });

  it('of several numbers takes the one that says most', () => {
    const body = {
      error: 'unauthorized_client',
      error_codes: [70000],
      error_description: 'AADSTS53005: Application needs to enforce Intune protection policies.',
    };
    const error = mapEntraError({ status: 400, headers: {}, body }, 'refresh_token', HOST, NOW);
    expect(error).toMatchObject({ code: 'ERR_POLICY_BLOCKED', detail: 'AADSTS53005' });
  });

  it('passes the claims challenge on', () => {
    const claims = '{"access_token":{"capolids":{"essential":true,"values":["x"]}}}';
    expect(map({ error: 'interaction_required', number: 50076, claims }).claims).toBe(claims);
  });

  it('reads the number from the description if error_codes is missing', () => {
    const body = { error: 'invalid_grant', error_description: 'AADSTS50105: Your administrator has configured …' };
    const error = mapEntraError({ status: 400, headers: {}, body }, 'refresh_token', HOST, NOW);
    expect(error).toMatchObject({ code: 'ERR_NOT_ASSIGNED', detail: 'AADSTS50105' });
  });

  it("names the OAuth error if there's no number", () => {
    const body = { error: 'invalid_grant' };
    const error = mapEntraError({ status: 400, headers: {}, body }, 'refresh_token', HOST, NOW);
    expect(error).toMatchObject({ code: 'ERR_SIGN_IN_ENDED', detail: 'invalid_grant', correlationId: undefined });
  });

  it.each([{}, { error: 'see zoe@contoso.com' }, { error: 5 }])("isn't an OAuth reply: %j", (body) => {
    const error = mapEntraError({ status: 400, headers: {}, body }, 'refresh_token', HOST, NOW);
    expect(error).toMatchObject({ code: 'ERR_NETWORK_REPLY', detail: `${HOST} (HTTP 400 without an OAuth error)` });
  });

  it('takes the correlation id from a header, and only a real one', () => {
    const headers = { 'client-request-id': CORRELATION };
    const body = { error: 'invalid_grant', correlation_id: 'zoe@contoso.com' };
    const error = mapEntraError({ status: 400, headers, body }, 'refresh_token', HOST, NOW);
    expect(error.correlationId).toBe(CORRELATION);
  });
});

describe('an error of Entra during a sign-in', () => {
  it.each<[Signal, ErrorCode]>([
    [{ error: 'authorization_declined', number: 70018 }, 'ERR_SIGN_IN_DECLINED'],
    [{ error: 'access_denied' }, 'ERR_SIGN_IN_DECLINED'],
    [{ error: 'expired_token', number: 70020 }, 'ERR_SIGN_IN_CODE_EXPIRED'],
    [{ error: 'bad_verification_code' }, 'ERR_SIGN_IN_CODE_EXPIRED'],
    [{ error: 'invalid_grant', number: 53003 }, 'ERR_POLICY_BLOCKED'],
    [{ error: 'invalid_grant', number: 530036 }, 'ERR_DEVICE_CODE_BLOCKED'],
    [{ error: 'invalid_grant', number: 50105 }, 'ERR_NOT_ASSIGNED'],
    [{ error: 'invalid_grant', number: 999999 }, 'ERR_ENTRA_REFUSED'],
    [{ error: 'invalid_client', number: 7000218, status: 401 }, 'ERR_ENTRA_PUBLIC_CLIENT_OFF'],
  ])('%j is %s', (signal, code) => {
    expect(map(signal, 'device_code').code).toBe(code);
  });
});

describe('an error of Entra when an authorization code is redeemed', () => {
  it.each<[Signal, ErrorCode]>([
    [{ error: 'invalid_grant', number: 54005 }, 'ERR_SIGN_IN_CODE_EXPIRED'],
    [{ error: 'invalid_grant', number: 70008 }, 'ERR_SIGN_IN_CODE_EXPIRED'],
    [{ error: 'invalid_grant', number: 501481 }, 'ERR_ENTRA_REFUSED'],
    [{ error: 'invalid_grant' }, 'ERR_ENTRA_REFUSED'],
    [{ error: 'invalid_grant', number: 53003, suberror: 'message_only' }, 'ERR_POLICY_BLOCKED'],
    [{ error: 'invalid_grant', number: 65001, suberror: 'consent_required' }, 'ERR_CONSENT_REQUIRED'],
    [{ error: 'invalid_client', number: 7000218, status: 401 }, 'ERR_ENTRA_PUBLIC_CLIENT_OFF'],
    [{ error: 'invalid_request', number: 90055, status: 429 }, 'ERR_THROTTLED'],
  ])('%j is %s', (signal, code) => {
    const error = map(signal, 'authorization_code');
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('zoe');
  });

  it('means another thing for a refresh token', () => {
    expect(map({ error: 'invalid_grant', number: 70008 }).code).toBe('ERR_SIGN_IN_ENDED');
  });
});

describe('an error that the redirect brings', () => {
  const redirect = (error: string, number?: number): AppError => {
    const text = `AADSTS${number}: text about zoe@contoso.com. Trace ID: x Correlation ID: ${CORRELATION} Timestamp: 2026`;
    return mapAuthorizationError({ error, ...(number === undefined ? {} : { error_description: text }) }, HOST);
  };

  it.each<[string, number, ErrorCode]>([
    ['access_denied', 65004, 'ERR_SIGN_IN_DECLINED'],
    ['access_denied', 53003, 'ERR_POLICY_BLOCKED'],
    ['access_denied', 50105, 'ERR_NOT_ASSIGNED'],
    ['consent_required', 65001, 'ERR_CONSENT_REQUIRED'],
    ['interaction_required', 50076, 'ERR_SIGN_IN_STEP_REQUIRED'],
    ['temporarily_unavailable', 90033, 'ERR_THROTTLED'],
    ['server_error', 90000, 'ERR_THROTTLED'],
    ['invalid_request', 999999, 'ERR_ENTRA_REFUSED'],
  ])('%s with AADSTS%i is %s', (name, number, code) => {
    const error = redirect(name, number);
    expect(error.code).toBe(code);
    expect(error.detail).toContain(`AADSTS${number}`);
    expect(error.correlationId).toBe(CORRELATION);
    expect(JSON.stringify([error.message, error.detail])).not.toContain('zoe');
  });

  it('is recognized only by its name, not by free text', () => {
    expect(redirect('access_denied')).toMatchObject({ code: 'ERR_SIGN_IN_DECLINED', detail: 'access_denied' });
    expect(redirect('ask zoe@contoso.com')).toMatchObject({ code: 'ERR_NETWORK_REPLY' });
    expect(redirect('ask zoe@contoso.com').message).not.toContain('zoe');
  });
});

describe('a number without an entry', () => {
  it("is explained in Microsoft's own words, and with its page", () => {
    const description =
      'AADSTS999999: The moon is in the wrong phase. Ask an astronomer. Trace ID: x Correlation ID: y Timestamp: z';
    const body = { error: 'invalid_grant', error_codes: [999999], error_description: description };
    const error = mapEntraError({ status: 400, headers: {}, body }, 'refresh_token', HOST, NOW);
    expect(error.reason).toBe(
      'The moon is in the wrong phase; see https://login.microsoftonline.com/error?code=999999',
    );
    expect(error.publicMessage).toContain('AADSTS999999: The moon is in the wrong phase');
  });

  it('names the page alone if Entra says nothing', () => {
    const body = { error: 'invalid_grant', error_codes: [999999], error_description: 'zoe@contoso.com' };
    const error = mapEntraError({ status: 400, headers: {}, body }, 'refresh_token', HOST, NOW);
    expect(error.reason).toBe('see https://login.microsoftonline.com/error?code=999999');
  });
});

describe('Retry-After', () => {
  it.each<[string, EntraReply['headers'], number | undefined]>([
    ['seconds', { 'retry-after': '120' }, 120_000],
    ['a date', { 'retry-after': 'Sun, 22 Nov 2026 12:01:30 GMT' }, 90_000],
    [
      "a date by the server's clock",
      { 'retry-after': 'Sun, 22 Nov 2026 10:00:10 GMT', date: 'Sun, 22 Nov 2026 10:00:00 GMT' },
      10_000,
    ],
    ['a date gone by', { 'retry-after': 'Sun, 22 Nov 2026 11:00:00 GMT' }, 0],
    ['nonsense', { 'retry-after': 'soon' }, undefined],
    ['nothing', {}, undefined],
  ])('as %s', (_, headers, expected) => {
    expect(map({ status: 429, headers }).retryAfterMs).toBe(expected);
  });
});

describe('other errors', () => {
  it('of MSAL are shown by their code', () => {
    const unreadable = Object.assign(new Error('secret text'), { errorCode: 'token_parsing_error' });
    expect(mapMsalError(unreadable)).toMatchObject({ code: 'ERR_NETWORK_REPLY', detail: 'MSAL token_parsing_error' });
    const other = Object.assign(new Error('secret text'), { errorCode: 'no_tokens_found' });
    expect(mapMsalError(other)).toMatchObject({ code: 'ERR_INTERNAL', detail: 'MSAL no_tokens_found' });
    expect(mapMsalError(new TypeError('secret text')).message).toBe('unexpected failure');
  });

  it("of the agent don't kill a refresh token", () => {
    expect(isRefreshTokenDead(new AppError('ERR_NETWORK'))).toBe(false);
    expect(isRefreshTokenDead(new AppError('ERR_SIGN_IN_ENDED'))).toBe(true);
  });
});
