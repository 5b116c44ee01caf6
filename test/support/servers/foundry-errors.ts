// Foundry's refusals as Microsoft documents them or public issues quote them, for tests to let the server answer with.
import type { Fault } from './fault.ts';

const refusal = (status: number, body: object): Fault & { readonly kind: 'http' } => ({ kind: 'http', status, body });

export const foundryErrors = {
  roleMissing: refusal(403, {
    error: {
      code: 'PermissionDenied',
      message:
        'The principal `6f1b2c3d-0000-4000-8000-000000000000` lacks the required data action `Microsoft.CognitiveServices/accounts/MaaS/chat/completions/action` to perform this operation.',
    },
  }),
  /** The same with the status that one route gives it. */
  roleMissingAs401: refusal(401, {
    error: {
      code: 'PermissionDenied',
      message:
        'The principal lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/responses/write`.',
    },
  }),
  /** The same as the route of Claude's models says it. */
  claudeRoleMissing: refusal(401, {
    error: {
      code: 'PermissionDenied',
      message:
        'The principal lacks the required data action Microsoft.CognitiveServices/accounts/AIServices/providers/action to perform POST /anthropic/v1/* operation.',
    },
  }),
  /** Of no kind that is documented, such as that of a disabled deployment. */
  refused: refusal(403, { error: { code: 'Forbidden', message: 'The request is not allowed.' } }),
  versionRefused: refusal(400, {
    type: 'error',
    error: { type: 'invalid_request_error', message: 'anthropic-version: unsupported version' },
  }),
  serverFault: refusal(500, { error: { code: 'InternalServerError', message: 'The server had an error.' } }),
  keyExpected: refusal(401, {
    error: {
      code: '401',
      message:
        'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
    },
  }),
  keysDisabled: refusal(403, {
    error: {
      code: 'AuthenticationTypeDisabled',
      message: 'Key based authentication is disabled for this resource.',
    },
  }),
  tokenRefused: refusal(401, {
    statusCode: 401,
    message:
      'Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com/ or https://ai.azure.com/), or have expired.',
  }),
  otherTenant: refusal(400, { error: { code: 'Tenant provided in token does not match resource token', message: '' } }),
  networkRule: refusal(403, {
    error: { code: '403', message: 'Public access is disabled. Please configure private endpoint.' },
  }),
  backendFault: refusal(401, {
    error: {
      code: 'invalid_model_endpoint_authentication',
      message: 'Failed to authenticate to backend endpoint. RequestId = req_0',
    },
  }),
  deploymentUnknown: refusal(404, {
    error: { code: 'DeploymentNotFound', message: 'The API deployment for this resource does not exist.' },
  }),
  apiUnsupported: refusal(404, {
    error: { code: 'api_not_supported', message: 'API not supported by this resource.' },
  }),
  throttled: refusal(429, { error: { code: 'RateLimitReached', message: 'Rate limit is exceeded.' } }),
} as const;
