// API Management's own refusals as Microsoft documents them or public reports quote them.
// https://learn.microsoft.com/azure/api-management/api-management-error-handling-policies
import type { Fault } from './fault.ts';

type Refusal = Fault & { readonly kind: 'http' };

const refusal = (status: number, message: string, headers: Readonly<Record<string, string>> = {}): Refusal => ({
  kind: 'http',
  status,
  headers,
  body: { statusCode: status, message },
});

const KEY_CHALLENGE = {
  'www-authenticate':
    'AzureApiManagementKey realm="https://contoso.azure-api.net/anthropic",name="Ocp-Apim-Subscription-Key",type="header"',
};

export const apiManagementErrors = {
  tokenMissing: refusal(401, 'Azure AD JWT not present.'),
  tokenRefused: refusal(401, 'Invalid Azure AD JWT.'),
  /** `failed-validation-error-message` may be anything. */
  tokenRefusedInOwnWords: refusal(401, 'Unauthorized. Access token of ada@contoso.com is missing or invalid.'),
  subscriptionKeyMissing: refusal(
    401,
    'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.',
    KEY_CHALLENGE,
  ),
  /** A policy's `on-error` may change the body, but as a rule leaves the challenge. */
  subscriptionKeyMissingInOwnWords: {
    kind: 'http',
    status: 401,
    headers: KEY_CHALLENGE,
    body: { error: 'unauthorized' },
  } as Refusal,
  subscriptionKeyRefused: refusal(
    401,
    'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.',
    KEY_CHALLENGE,
  ),
  forbidden: refusal(403, 'Forbidden'),
  quota: refusal(403, 'Out of call volume quota. Quota will be replenished in 05:12:44.'),
  throttled: refusal(429, 'Rate limit is exceeded. Try again in 54 seconds.', { 'retry-after': '54' }),
  pathUnknown: refusal(404, 'Resource not found'),
  fault: {
    kind: 'http',
    status: 500,
    headers: {},
    body: {
      statusCode: 500,
      message: 'Internal server error',
      activityId: '87aeb87f-192c-424c-84d1-32d5bbfec437',
    },
  } as Refusal,
} as const;
