// API Management's own errors are `{ "statusCode", "message" }`, those of Foundry behind it `{ "error": { … } }`.
// https://learn.microsoft.com/azure/api-management/api-management-error-handling-policies
import type { JsonReply } from '../../entra/transport/https-client.ts';

export type GatewayMeaning =
  | 'gateway-token-missing'
  | 'gateway-token-refused'
  | 'subscription-key-missing'
  | 'subscription-key-refused'
  /** An address filter or a rule of the policy. */
  | 'gateway-forbidden'
  | 'gateway-quota'
  | 'gateway-throttled'
  /** No API or operation has this path. */
  | 'gateway-path-unknown'
  /** A policy failed, or the gateway couldn't reach Foundry. */
  | 'gateway-fault'
  /** Foundry doesn't accept the token that the gateway sent it. */
  | 'gateway-identity-refused';

interface Rule {
  readonly meaning: GatewayMeaning;
  readonly status: (status: number) => boolean;
  readonly pattern: RegExp;
}

const is = (wanted: number) => (status: number) => status === wanted;

/** The first that fits counts. Policies may set their own texts, so each status ends with a rule for any text. */
const RULES: readonly Rule[] = [
  // Foundry's own words, in the form that the gateway uses too.
  {
    meaning: 'gateway-identity-refused',
    status: is(401),
    pattern: /audience is incorrect \(https:\/\/cognitiveservices/i,
  },
  { meaning: 'subscription-key-missing', status: is(401), pattern: /missing subscription key/i },
  { meaning: 'subscription-key-refused', status: is(401), pattern: /invalid subscription key/i },
  { meaning: 'gateway-token-missing', status: is(401), pattern: /JWT not present/i },
  { meaning: 'gateway-token-refused', status: is(401), pattern: /^/ },
  { meaning: 'gateway-quota', status: is(403), pattern: /quota/i },
  { meaning: 'gateway-forbidden', status: is(403), pattern: /^/ },
  { meaning: 'gateway-path-unknown', status: is(404), pattern: /^/ },
  { meaning: 'gateway-throttled', status: is(429), pattern: /^/ },
  { meaning: 'gateway-fault', status: (status) => status >= 500, pattern: /^/ },
];

/** `undefined` if the answer is Foundry's, or of a kind that API Management doesn't send. */
export function gatewayMeaning({
  status,
  headers,
  body,
}: Pick<JsonReply, 'status' | 'headers' | 'body'>): GatewayMeaning | undefined {
  const { statusCode, message, error } = body;
  if (typeof error === 'object') return undefined;
  if (typeof statusCode !== 'number' || typeof message !== 'string') {
    return asksForSubscriptionKey(headers) && status === 401 ? 'subscription-key-missing' : undefined;
  }
  return RULES.find((rule) => rule.status(status) && rule.pattern.test(message))?.meaning;
}

const asksForSubscriptionKey = (headers: JsonReply['headers']): boolean =>
  /^AzureApiManagementKey\b/i.test(headers['www-authenticate'] ?? '');
