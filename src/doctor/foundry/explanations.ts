import type { FoundryMeaning } from './foundry-reply.ts';
import type { GatewayMeaning } from './gateway-reply.ts';

export interface Explanation {
  readonly text: string;
  readonly remedy: string;
}

/** Passing, or not the last word. Every other meaning is a failure. */
export const WARNINGS: readonly string[] = [
  'api-unsupported',
  'bad-request',
  'gateway-throttled',
  'service-fault',
  'throttled',
] satisfies (FoundryMeaning | GatewayMeaning)[];

const HOW_TO = 'docs/how-to/api-management.md has the policy';

/** Foundry's answers to a token, given directly. */
export const FOUNDRY: Readonly<Record<Exclude<FoundryMeaning, 'ok'>, Explanation>> = {
  'role-missing': {
    text: 'the token is good, but this user lacks the role on the Foundry resource',
    remedy:
      'have an admin assign the user, or one of their groups, the role "Cognitive Services User" or "Foundry User" at the scope of the Foundry resource that is called; Owner and Contributor, and a role on another resource or on a project, don\'t let anyone call the models. It takes up to 5 minutes; then run "foundry-credential-helper doctor" again. If a group was changed, run "foundry-credential-helper agent stop" and "foundry-credential-helper login" first',
  },
  'token-refused': {
    text: "Foundry doesn't accept the token: it has expired, or is for another audience",
    remedy:
      'if "scope" is set, remove it, because its default is right for Foundry; then run "foundry-credential-helper agent stop" and "foundry-credential-helper login"',
  },
  'other-tenant': {
    text: 'the Foundry resource belongs to a different tenant than the token',
    remedy:
      'set "tenantId" to the tenant of the subscription that holds the Foundry resource, then run "foundry-credential-helper login"',
  },
  'key-refused': {
    text: 'Foundry expected an API key, or this is a different endpoint',
    remedy: 'check "foundryResource"; a gateway in between must pass the Authorization header on',
  },
  'keys-disabled': {
    text: 'the Foundry resource accepts tokens, not API keys',
    remedy: 'remove the key from what sends it; the helper hands out a token',
  },
  'network-rule': {
    text: "the network rules of the Foundry resource don't let this computer in",
    remedy:
      'connect to the company network or VPN; if you are connected, have an admin check Networking of the resource, and for a private endpoint the DNS zone privatelink.services.ai.azure.com',
  },
  'deployment-unknown': {
    text: 'the resource has no deployment of this name',
    remedy: 'correct "models" (and inferenceModels of Claude Desktop): they hold deployment names, not model names',
  },
  'api-unsupported': {
    text: "the resource doesn't offer count_tokens, so this couldn't be checked",
    remedy: 'run "foundry-credential-helper doctor --live", which spends one output token per deployment',
  },
  throttled: {
    text: 'the quota is used up for the moment',
    remedy: 'wait a minute; if it happens often, have an admin raise the quota of the deployment in Foundry',
  },
  'service-fault': {
    text: 'the service has a temporary fault; this computer is fine',
    remedy: 'try again later; see the Azure status page (https://azure.status.microsoft)',
  },
  refused: {
    text: 'Foundry refuses the request',
    remedy:
      'have an admin look up the request ID, which "foundry-credential-helper doctor --json" shows, in the diagnostics of the Foundry resource',
  },
  'bad-request': {
    text: 'Foundry accepts the credential, but not this request',
    remedy: 'run "foundry-credential-helper doctor --live"; check that the deployment is a Claude model',
  },
};

/** What differs if the server accepts the credential for other deployments. */
export const DEPLOYMENT: Readonly<Partial<Record<FoundryMeaning, Explanation>>> = {
  refused: {
    text: 'Foundry refuses calls to this deployment, which may be disabled',
    remedy:
      'have an admin open the deployment in Foundry and turn it on or deploy it again; until then, remove it from "models" and from inferenceModels of Claude Desktop',
  },
  'bad-request': {
    text: "Foundry accepts the credential, but not this request, so this couldn't be checked",
    remedy:
      'run "foundry-credential-helper doctor --live"; check in Foundry that the deployment is a Claude model and is turned on',
  },
};

/** What API Management answers itself. Each remedy but the user's own setting is for the gateway's admin. */
export const GATEWAY: Readonly<Record<GatewayMeaning, Explanation>> = {
  'gateway-token-missing': {
    text: "the gateway's policy finds no token in the request",
    remedy: `have the policy read the Authorization header, and check that nothing in front of the gateway removes it; ${HOW_TO}`,
  },
  'gateway-token-refused': {
    text: "the gateway's policy doesn't accept the token",
    remedy: `set "scope" to the API that the policy names as its audience (api://<application>/.default); the policy must also name "tenantId" and "clientId"; ${HOW_TO}`,
  },
  'subscription-key-missing': {
    text: 'the gateway wants a subscription key in addition to the token',
    remedy:
      'turn off "Subscription required" for the API, or set "headers" to {"Ocp-Apim-Subscription-Key": "…"} and "outputFormat" to "json"',
  },
  'subscription-key-refused': {
    text: "the gateway doesn't accept the subscription key",
    remedy:
      'correct the key in "headers" (or in inferenceCustomHeaders of Claude Desktop): it must belong to an active subscription for this API',
  },
  'gateway-forbidden': {
    text: "the gateway doesn't let this computer or user in",
    remedy:
      'connect to the company network or VPN; the admin checks ip-filter and other access rules in the policies of the API, its product, and all APIs',
  },
  'gateway-quota': {
    text: "the gateway's quota for this user is used up",
    remedy: 'wait until the quota is renewed; the admin raises quota, quota-by-key, or llm-token-limit in the policy',
  },
  'gateway-throttled': {
    text: "the gateway's rate limit is reached",
    remedy: 'wait a minute; the admin raises rate-limit, rate-limit-by-key, or llm-token-limit in the policy',
  },
  'gateway-path-unknown': {
    text: 'the gateway has no API at this address',
    remedy:
      'correct the path of the address: it must be the API URL suffix, and the API must have the operations POST /v1/messages and POST /v1/messages/count_tokens',
  },
  'gateway-fault': {
    text: 'the gateway itself failed',
    remedy:
      "the admin turns on the gateway's managed identity, checks the backend's address, and looks up the failed request in the gateway's logs",
  },
  'gateway-identity-refused': {
    text: "Foundry doesn't accept the token that the gateway sends it",
    remedy: `set the resource of authentication-managed-identity to https://cognitiveservices.azure.com; ${HOW_TO}`,
  },
};

/** What differs if Foundry is behind a gateway: it sees the gateway's identity, and the gateway's admin fixes that. */
export const BEHIND_GATEWAY: Readonly<Partial<Record<FoundryMeaning, Explanation>>> = {
  'role-missing': {
    text: 'the gateway accepts the token, but the identity that it calls Foundry with lacks the role on the resource',
    remedy:
      'assign the managed identity of the gateway the role "Cognitive Services User" or "Foundry User" on the resource (if the gateway passes the user\'s token on, assign it to the users); it takes up to 5 minutes',
  },
  'token-refused': {
    text: "the gateway, or Foundry behind it, doesn't accept the token",
    remedy: `check "scope" against the audience that the gateway expects; ${HOW_TO}`,
  },
  'other-tenant': {
    text: 'the gateway calls Foundry with a token from a different tenant than the resource',
    remedy: "use a managed identity of the resource's tenant in the gateway's policy",
  },
  'key-refused': {
    text: 'Foundry behind the gateway got an API key or nothing instead of a token',
    remedy: `have the policy remove x-api-key and api-key and authenticate with its managed identity; ${HOW_TO}`,
  },
  'keys-disabled': {
    text: "the gateway calls Foundry with an API key, but the resource doesn't accept keys",
    remedy: `have the policy authenticate with its managed identity; ${HOW_TO}`,
  },
  'network-rule': {
    text: "the network rules of the Foundry resource don't let the gateway in",
    remedy: "the admin allows the gateway's network or private endpoint under Networking of the resource",
  },
  'deployment-unknown': {
    text: 'the resource behind the gateway has no deployment of this name',
    remedy:
      'correct "models" (and inferenceModels of Claude Desktop): they hold deployment names, not model names; check that the gateway leads to the right resource',
  },
  'api-unsupported': {
    text: "Foundry behind the gateway doesn't know the path that the gateway asks for",
    remedy:
      'check that the backend address ends in /anthropic; then run "foundry-credential-helper doctor --live", which spends one output token per deployment',
  },
  refused: {
    text: 'the gateway, or Foundry behind it, refuses the request',
    remedy:
      'the admin looks up the request id, which "foundry-credential-helper doctor --json" shows, in the logs of the gateway',
  },
};

/** What differs with an API key. */
export const API_KEY: Readonly<Partial<Record<FoundryMeaning | GatewayMeaning, Explanation>>> = {
  'key-refused': {
    text: 'Foundry refuses the API key',
    remedy:
      'run "foundry-credential-helper login --api-key" with a key of this resource (in the Azure portal under "Keys and Endpoint"), and check "foundryResource"',
  },
  'token-refused': {
    text: 'the API key is refused',
    remedy: 'run "foundry-credential-helper login --api-key" with a key of this resource, and check the address',
  },
  'keys-disabled': {
    text: "the Foundry resource doesn't accept API keys (disableLocalAuth is on)",
    remedy: 'have the admin allow keys for the resource, or set "credential" to "entra" and sign in',
  },
  'subscription-key-refused': {
    text: 'the gateway refuses the API key',
    remedy: 'run "foundry-credential-helper login --api-key" with a key of an active subscription for this API',
  },
  'subscription-key-missing': {
    text: 'the gateway expects its subscription key in a header other than x-api-key',
    remedy:
      'have the API take its subscription key from the header x-api-key, or turn off "Subscription required" for it',
  },
  'gateway-token-missing': {
    text: 'the gateway wants an Entra token, not an API key',
    remedy: 'set "credential" to "entra" and "scope" to the API that the gateway expects, then sign in',
  },
  'gateway-token-refused': {
    text: 'the gateway refuses the API key',
    remedy: 'run "foundry-credential-helper login --api-key" with a key that the gateway accepts',
  },
};
