// Foundry's texts come from Microsoft's documentation and public issues. They're never shown: they may name a person.
import type { JsonReply } from '../../entra/transport/https-client.ts';
import { type GatewayMeaning, gatewayMeaning } from './gateway-reply.ts';

export type FoundryMeaning =
  | 'ok'
  | 'role-missing'
  /** The token itself: missing, expired or for another audience. */
  | 'token-refused'
  | 'other-tenant'
  /** It got an API key that isn't its own, or expected one. */
  | 'key-refused'
  | 'keys-disabled'
  | 'network-rule'
  | 'deployment-unknown'
  /** This resource doesn't know the path. */
  | 'api-unsupported'
  | 'throttled'
  /** A fault between Azure and Anthropic, or of the service. */
  | 'service-fault'
  | 'refused'
  | 'bad-request';

export type ReplyMeaning = FoundryMeaning | GatewayMeaning;

type Answer = Pick<JsonReply, 'status' | 'headers' | 'body'>;

interface Rule {
  readonly meaning: FoundryMeaning;
  readonly statuses: readonly number[];
  /** Of the error's code or its text. */
  readonly pattern: RegExp;
}

/** The first that fits counts. */
const RULES: readonly Rule[] = [
  { meaning: 'service-fault', statuses: [401, 403], pattern: /invalid_model_endpoint_authentication/i },
  { meaning: 'other-tenant', statuses: [400, 401, 403], pattern: /tenant\b.*\bdoes not match|tenant.*mismatch/i },
  {
    meaning: 'network-rule',
    statuses: [403],
    pattern: /public access is disabled|virtual network|firewall|private endpoint/i,
  },
  {
    meaning: 'keys-disabled',
    statuses: [401, 403],
    pattern: /AuthenticationTypeDisabled|key based authentication is (disabled|not permitted)/i,
  },
  {
    meaning: 'role-missing',
    statuses: [401, 403],
    pattern: /PermissionDenied|lacks the required data action|AuthorizationFailed|does not have (access|permission)/i,
  },
  { meaning: 'key-refused', statuses: [401], pattern: /invalid subscription key/i },
  { meaning: 'deployment-unknown', statuses: [404], pattern: /DeploymentNotFound|model not found|not_found_error/i },
  { meaning: 'api-unsupported', statuses: [404], pattern: /api_not_supported/i },
];

/** What an answer of Foundry means, or with `via` gateway, of the gateway or of Foundry behind it. */
export function meaningOf(answer: Answer, via: 'foundry' | 'gateway' = 'foundry'): ReplyMeaning {
  const { status } = answer;
  if (status >= 200 && status < 300) return 'ok';
  const { code, text } = describeError(answer.body);
  const ofGateway = via === 'gateway' ? gatewayMeaning(answer) : undefined;
  if (ofGateway !== undefined) return ofGateway;
  const rule = RULES.find(({ statuses, pattern }) => statuses.includes(status) && pattern.test(`${code} ${text}`));
  if (rule !== undefined) return rule.meaning;
  if (status === 401) return 'token-refused';
  if (status === 404) return 'api-unsupported';
  if (status === 429) return 'throttled';
  if (status >= 500) return 'service-fault';
  return status === 400 ? 'bad-request' : 'refused';
}

/** Whether the server doesn't know the path, so it says nothing about access or a deployment. */
export const isNotOffered = (meaning: ReplyMeaning): boolean =>
  meaning === 'api-unsupported' || meaning === 'gateway-path-unknown';

/** `HTTP 403 PermissionDenied`: the status and, if it's only a name, the code. */
export function replyName({ status, body }: Pick<JsonReply, 'status' | 'body'>): string {
  const { code } = describeError(body);
  return /^[A-Za-z][\w.-]{0,63}$/.test(code) ? `HTTP ${status} ${code}` : `HTTP ${status}`;
}

/** What Microsoft's and Anthropic's support ask for. */
export function requestIds({ headers }: Pick<JsonReply, 'headers'>): Readonly<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const name of ['request-id', 'apim-request-id', 'x-ms-request-id']) {
    const value = headers[name];
    if (typeof value === 'string' && /^[\w-]{1,80}$/.test(value)) ids[name] = value;
  }
  return ids;
}

/** `{ error: { code, message } }`, `{ error: { type, message } }` or `{ statusCode, message }`. */
function describeError(body: JsonReply['body']): { readonly code: string; readonly text: string } {
  const { error } = body;
  const holder: object = typeof error === 'object' && error !== null ? error : body;
  const property = (name: string): string => {
    const value: unknown = Reflect.get(holder, name);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  return { code: property('code') || property('type'), text: property('message') };
}
