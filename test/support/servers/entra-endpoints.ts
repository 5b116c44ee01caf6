// The device code and token endpoints of Entra v2.0, as msal-node 7.2.3 uses them: form in, reply out.
import type { IncomingHttpHeaders } from 'node:http';
import { entraErrorReply } from './entra-errors.ts';
import type { SignInSession } from './entra-grants.ts';
import type { EntraTenant } from './entra-tenant.ts';
import { clientInfo, jsonWebKeySet, mintIdToken } from './entra-tokens.ts';
import { jsonReply, type Reply } from './https-listener.ts';

/** RFC 8628's name; MSAL sends the short `device_code`. */
const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** The OpenID Connect scopes that MSAL adds to each request. */
const OIDC_SCOPES = ['openid', 'profile', 'email', 'offline_access'];

/** Timers of a client may fire a little early. */
const CLOCK_TOLERANCE_MS = 50;

export interface EndpointRequest {
  readonly form: URLSearchParams;
  readonly correlationId: string;
  /** Host of the cloud that was asked. */
  readonly authority: string;
}

/** The refusal that this part of the path earns, or `undefined` for the tenant itself. */
export function refuseTenant(tenant: EntraTenant, name: string, correlationId: string): Reply | undefined {
  const wanted = name.toLowerCase();
  if (wanted === tenant.tenantId.toLowerCase() || wanted === tenant.tenantDomain.toLowerCase()) return undefined;
  if (wanted === 'consumers') return entraErrorReply(70002, { correlationId });
  const isMultiTenant = wanted === 'common' || wanted === 'organizations';
  return entraErrorReply(isMultiTenant ? 50194 : 90002, { correlationId });
}

/** `POST /{tenant}/oauth2/v2.0/devicecode` (RFC 8628 section 3.1). */
export function deviceCodeReply(tenant: EntraTenant, { form, correlationId, authority }: EndpointRequest): Reply {
  const refusal = refuseClient(tenant, form, correlationId);
  if (refusal !== undefined) return refusal;
  const scope = form.get('scope') ?? '';
  if (audienceOf(scope) === undefined) return entraErrorReply(70011, { correlationId });
  const { deviceCode, userCode } = tenant.deviceCodes.open(tenant.clientId, scope, tenant.deviceCodeLifetimeSec);
  tenant.issued.deviceCodes.push(deviceCode);
  tenant.issued.userCodes.push(userCode);
  const page = tenant.verificationUri.replace('//login.microsoftonline.com/', `//${authority}/`);
  return jsonReply(200, {
    user_code: userCode,
    device_code: deviceCode,
    verification_uri: page,
    expires_in: tenant.deviceCodeLifetimeSec,
    interval: tenant.interval,
    message: `To sign in, use a web browser to open the page ${page} and enter the code ${userCode} to authenticate.`,
  });
}

/** `POST /{tenant}/oauth2/v2.0/token`. */
export function tokenReply(tenant: EntraTenant, request: EndpointRequest): Reply {
  const { form, correlationId } = request;
  const refusal = refuseClient(tenant, form, correlationId);
  if (refusal !== undefined) return refusal;
  switch (grantOf(form)) {
    case 'device_code':
      return tenant.allowPublicClientFlows
        ? redeemDeviceCode(tenant, request)
        : entraErrorReply(7000218, { correlationId });
    case 'authorization_code':
      return redeemAuthorizationCode(tenant, request);
    case 'refresh_token':
      return redeemRefreshToken(tenant, request);
    default:
      return entraErrorReply(70003, { correlationId });
  }
}

/** The grant type by its short name. */
export function grantOf(form: URLSearchParams): string {
  const grantType = form.get('grant_type') ?? '';
  return grantType === DEVICE_CODE_GRANT ? 'device_code' : grantType;
}

/** `GET /{tenant}/v2.0/.well-known/openid-configuration`, under the host that was asked. */
export function metadataReply(tenant: EntraTenant, headers: IncomingHttpHeaders): Reply {
  const origin = `https://${headers.host ?? 'login.microsoftonline.com'}`;
  const base = `${origin}/${tenant.tenantId}`;
  return jsonReply(200, {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_types_supported: ['code', 'id_token', 'code id_token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    scopes_supported: OIDC_SCOPES,
  });
}

/** `GET /{tenant}/discovery/v2.0/keys`. */
export function keysReply(): Reply {
  return jsonReply(200, jsonWebKeySet());
}

function refuseClient(tenant: EntraTenant, form: URLSearchParams, correlationId: string): Reply | undefined {
  const clientId = form.get('client_id');
  if (clientId === null) return entraErrorReply(900144, { correlationId });
  return clientId.toLowerCase() === tenant.clientId.toLowerCase()
    ? undefined
    : entraErrorReply(700016, { correlationId });
}

function redeemDeviceCode(tenant: EntraTenant, request: EndpointRequest): Reply {
  const { form, correlationId } = request;
  const authorization = tenant.deviceCodes.byDeviceCode(form.get('device_code') ?? '');
  if (authorization === undefined) return entraErrorReply(70018, { correlationId });
  const isEarly = Date.now() - (authorization.lastPollAt ?? 0) < tenant.interval * 1000 - CLOCK_TOLERANCE_MS;
  authorization.lastPollAt = Date.now();
  if (isEarly) tenant.earlyPolls += 1;
  if (isEarly && tenant.slowDownEarlyPolls) return jsonReply(400, { error: 'slow_down' });
  switch (authorization.state) {
    case 'declined':
      return entraErrorReply(65004, { correlationId });
    case 'redeemed':
      return entraErrorReply(54005, { correlationId });
    case 'pending':
      return entraErrorReply(authorization.expiresAt > Date.now() ? 70016 : 70019, { correlationId });
    case 'approved': {
      authorization.state = 'redeemed';
      tenant.grants.device_code += 1;
      const session = tenant.newSession(authorization.account ?? tenant.account());
      return grantReply(tenant, { session, scope: form.get('scope') ?? authorization.scope }, request);
    }
  }
}

/** RFC 6749 section 4.1.3, RFC 7636 section 4.5. */
function redeemAuthorizationCode(tenant: EntraTenant, request: EndpointRequest): Reply {
  const { form, correlationId } = request;
  const redemption = {
    clientId: tenant.clientId,
    redirectUri: form.get('redirect_uri') ?? '',
    codeVerifier: form.get('code_verifier') ?? '',
  };
  const grant = tenant.authorizationCodes.redeem(form.get('code') ?? '', redemption);
  if (typeof grant === 'number') return entraErrorReply(grant, { correlationId });
  tenant.grants.authorization_code += 1;
  const session = tenant.newSession(grant.account, grant.authenticatedAt);
  return grantReply(tenant, { session, scope: form.get('scope') ?? grant.scope, nonce: grant.nonce }, request);
}

function redeemRefreshToken(tenant: EntraTenant, request: EndpointRequest): Reply {
  const { form, correlationId } = request;
  const refreshToken = form.get('refresh_token');
  if (refreshToken === null) return entraErrorReply(900144, { correlationId });
  const session = tenant.refreshTokens.redeem(refreshToken, tenant.clientId, tenant.revokeOnReplay);
  if (typeof session === 'number') return entraErrorReply(session, { correlationId });
  if (tenant.isTooOld(session.authenticatedAt)) return entraErrorReply(70043, { correlationId });
  const scope = form.get('scope') ?? '';
  const audience = audienceOf(scope);
  if (audience === undefined) return entraErrorReply(70011, { correlationId });
  const refused = tenant.refusedResources.get(audience);
  if (refused !== undefined) return entraErrorReply(refused, { correlationId });
  tenant.grants.refresh_token += 1;
  return grantReply(tenant, { session, scope }, request);
}

interface Granted {
  readonly session: SignInSession;
  readonly scope: string;
  readonly nonce?: string | undefined;
}

function grantReply(
  tenant: EntraTenant,
  { session, scope, nonce }: Granted,
  { form, correlationId, authority }: EndpointRequest,
): Reply {
  const scopes = scope.split(' ');
  const audience = audienceOf(scope) ?? '';
  const lifetimeSec = tenant.accessTokenLifetimeSec;
  const mayRefresh =
    scopes.includes('offline_access') && (grantOf(form) !== 'refresh_token' || tenant.rotateRefreshTokens);
  const body = {
    token_type: 'Bearer',
    scope: `${audience}/user_impersonation ${audience}/.default`,
    expires_in: lifetimeSec,
    ext_expires_in: lifetimeSec,
    ...(tenant.refreshInSec === undefined ? {} : { refresh_in: tenant.refreshInSec }),
    ...(tenant.refreshTokenExpiresInSec === undefined
      ? {}
      : { refresh_token_expires_in: tenant.refreshTokenExpiresInSec }),
    access_token: tenant.issueAccessToken(session, audience),
    ...(mayRefresh ? { refresh_token: tenant.issueRefreshToken(session) } : {}),
    ...(scopes.includes('openid')
      ? {
          id_token: mintIdToken({
            ...session,
            optional: optionalClaims(tenant, session),
            tenantId: tenant.tenantId,
            audience,
            lifetimeSec,
            nonce,
            authority,
          }),
        }
      : {}),
    ...(form.get('client_info') === '1' ? { client_info: clientInfo(session.account, tenant.tenantId) } : {}),
  };
  return jsonReply(200, body, { 'client-request-id': correlationId });
}

function optionalClaims({ optionalClaims: { auth_time, pwd_exp } }: EntraTenant, session: SignInSession): object {
  return {
    ...(auth_time === undefined ? {} : { auth_time: Math.floor(session.authenticatedAt / 1000) }),
    ...(pwd_exp === undefined ? {} : { pwd_exp }),
  };
}

/** The resource that a scope such as `https://cognitiveservices.azure.com/.default` names: all before the last slash. */
function audienceOf(scope: string): string | undefined {
  const resourceScope = scope.split(' ').find((part) => part !== '' && !OIDC_SCOPES.includes(part));
  return /^((?:(?:https|api):\/\/|[\da-f]{8}-)\S+)\/[^/\s]+$/.exec(resourceScope ?? '')?.[1];
}
