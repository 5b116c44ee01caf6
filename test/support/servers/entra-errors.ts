// Entra's error replies by AADSTS number. Texts and fields follow Microsoft's list of error codes
// (learn.microsoft.com/entra/identity-platform/reference-error-codes) and replies quoted in public issues.
import { randomUUID } from 'node:crypto';
import { jsonReply, type Reply } from './https-listener.ts';

interface EntraErrorSpec {
  readonly error: string;
  readonly message: string;
  readonly suberror?: string;
  /** HTTP status, 400 unless given. */
  readonly status?: number;
  /** Entra sends a claims challenge with it. */
  readonly challenges?: true;
}

const blockedByPolicy = { error: 'invalid_grant', suberror: 'message_only', challenges: true } as const;

/** The errors that a public client meets in the device code, authorization code and refresh token grants. */
const entraErrors: Readonly<Record<number, EntraErrorSpec>> = {
  50011: {
    error: 'invalid_request',
    message:
      'The redirect URI specified in the request does not match the redirect URIs configured for the application.',
  },
  50020: {
    error: 'invalid_grant',
    message: "User account 'user@fabrikam.com' from identity provider 'live.com' does not exist in tenant 'Contoso'.",
  },
  50034: { error: 'invalid_grant', message: 'The user account does not exist in the directory.' },
  50053: {
    error: 'invalid_grant',
    message: 'Sign-in was blocked because it came from an IP address with malicious activity.',
  },
  50055: { error: 'invalid_grant', message: 'The password is expired.', suberror: 'user_password_expired' },
  50057: { error: 'invalid_grant', message: 'The user account is disabled.' },
  50059: { error: 'invalid_request', message: 'No tenant-identifying information found in the request.' },
  50076: {
    error: 'interaction_required',
    message:
      'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.',
    suberror: 'basic_action',
    challenges: true,
  },
  50079: {
    error: 'interaction_required',
    message:
      'Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access the resource.',
    suberror: 'basic_action',
    challenges: true,
  },
  50105: {
    error: 'invalid_grant',
    message:
      'Your administrator has configured the application to block users unless they are specifically granted access to the application.',
  },
  50173: {
    error: 'invalid_grant',
    message:
      'The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.',
    suberror: 'bad_token',
  },
  50194: {
    error: 'invalid_request',
    message:
      'Application is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps.',
  },
  50196: {
    error: 'invalid_grant',
    message: 'The server terminated an operation because it encountered a client request loop.',
  },
  50126: { error: 'invalid_grant', message: 'Error validating credentials due to invalid username or password.' },
  50133: {
    error: 'invalid_grant',
    message: 'The session is not valid due to password expiration or recent password change.',
  },
  53000: { ...blockedByPolicy, message: 'Device is not in required device state: compliant.' },
  53003: {
    ...blockedByPolicy,
    message: 'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
  },
  53005: {
    error: 'unauthorized_client',
    message: 'Application needs to enforce Intune protection policies.',
    suberror: 'protection_policy_required',
  },
  54005: {
    error: 'invalid_grant',
    message: 'OAuth2 Authorization code was already redeemed, please retry with a new valid code.',
  },
  65001: {
    error: 'invalid_grant',
    message:
      'The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.',
    suberror: 'consent_required',
  },
  65004: { error: 'authorization_declined', message: 'User declined to consent to access the app.' },
  70000: { error: 'invalid_grant', message: 'Provided grant is invalid or malformed.', suberror: 'bad_token' },
  70002: {
    error: 'invalid_client',
    message: 'The client does not exist or is not enabled for consumers.',
  },
  70003: { error: 'unsupported_grant_type', message: 'The app requested an unsupported grant type.' },
  70008: {
    error: 'invalid_grant',
    message: 'The provided authorization code or refresh token has expired due to inactivity.',
  },
  70011: {
    error: 'invalid_scope',
    message:
      "The provided request must include a 'scope' input parameter. The provided value for 'scope' is not valid.",
  },
  70016: {
    error: 'authorization_pending',
    message: 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
  },
  70018: {
    error: 'bad_verification_code',
    message:
      'Invalid verification code due to User typing in wrong user code for device code flow. Authorization is not approved.',
  },
  70019: { error: 'expired_token', message: 'Verification code expired. Have the user retry the sign-in.' },
  70043: {
    error: 'invalid_grant',
    message:
      'The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token was issued on 2026-11-20T08:00:00.0000000Z and the maximum allowed lifetime for this request is 3600.',
    suberror: 'token_expired',
  },
  90002: {
    error: 'invalid_request',
    message:
      'Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.',
  },
  90055: {
    error: 'temporarily_unavailable',
    message: 'Too many requests were sent. Please try again later.',
    status: 429,
  },
  500011: {
    error: 'invalid_resource',
    message:
      'The resource principal named https://cognitiveservices.azure.com was not found in the tenant named Contoso. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.',
  },
  500014: {
    error: 'invalid_resource',
    message:
      "The service principal for resource 'https://cognitiveservices.azure.com' is disabled. This indicate that a subscription within the tenant has lapsed, or that the administrator for this tenant has disabled the application, preventing tokens from being issued for it.",
  },
  500112: {
    error: 'invalid_grant',
    message: 'The reply address does not match the reply address provided when requesting the authorization code.',
  },
  501481: {
    error: 'invalid_grant',
    message: 'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  },
  530036: {
    error: 'invalid_grant',
    message: 'Access was blocked by Conditional Access: device code flow is not allowed.',
  },
  530084: {
    error: 'invalid_grant',
    message:
      'Access has been blocked by conditional access token protection policy configured by this organization. To learn more, see https://aka.ms/TBCADocs.',
    challenges: true,
  },
  700016: {
    error: 'unauthorized_client',
    message:
      'Application with this identifier was not found in the directory. You may have sent your authentication request to the wrong tenant.',
  },
  700082: {
    error: 'invalid_grant',
    message: 'The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00.',
    suberror: 'bad_token',
  },
  900144: { error: 'invalid_request', message: 'The request body must contain the required parameters.' },
  9002325: {
    error: 'invalid_request',
    message: 'Proof Key for Code Exchange is required for cross-origin authorization code redemption.',
  },
  7000112: {
    error: 'unauthorized_client',
    message: "Application '11111111-2222-4333-8444-666666666666'(Claude) is disabled.",
  },
  7000218: {
    error: 'invalid_client',
    message: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    status: 401,
  },
};

export interface EntraErrorOptions {
  readonly error?: string;
  /** `null` leaves it out. */
  readonly suberror?: string | null;
  readonly status?: number;
  /** JSON text of a claims challenge. */
  readonly claims?: string;
  /** Seconds, sent as `Retry-After`. */
  readonly retryAfterSec?: number;
  /** Otherwise a new one. Entra repeats the request's `client-request-id`. */
  readonly correlationId?: string;
}

const CLAIMS_CHALLENGE = JSON.stringify({
  access_token: { capolids: { essential: true, values: ['2d4f5a36-8f0c-4c9e-9b2a-0c9c3d7c1f10'] } },
});

/** The reply Entra sends for this AADSTS number; an unknown number is an `invalid_grant` without a suberror. */
export function entraErrorReply(code: number, options: EntraErrorOptions = {}): Reply {
  const spec = entraErrors[code] ?? {
    error: 'invalid_grant',
    message: 'Error of a kind that the documentation does not list.',
  };
  const correlationId = options.correlationId ?? randomUUID();
  const traceId = randomUUID();
  const timestamp = new Date()
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
  const suberror = options.suberror === undefined ? spec.suberror : options.suberror;
  const claims = options.claims ?? (spec.challenges ? CLAIMS_CHALLENGE : undefined);
  const body = {
    error: options.error ?? spec.error,
    error_description: `AADSTS${code}: ${spec.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    ...(suberror ? { suberror } : {}),
    ...(claims === undefined ? {} : { claims }),
  };
  return jsonReply(options.status ?? spec.status ?? 400, body, {
    'x-ms-request-id': traceId,
    'client-request-id': correlationId,
    ...(options.retryAfterSec === undefined ? {} : { 'retry-after': String(options.retryAfterSec) }),
  });
}
