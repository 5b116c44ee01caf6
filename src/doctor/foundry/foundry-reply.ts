// What Foundry's answers mean. Its texts were collected from Microsoft's documentation and public issues; they choose
// between causes and are never shown, since they may name a person.
import type { JsonReply } from '../../entra/https-client.ts';

export type FoundryMeaning =
  | 'ok'
  /** The token is good, the permission is missing. */
  | 'role-missing'
  /** The token itself: missing, expired or for another audience. */
  | 'token-refused'
  /** Token and resource are of different tenants. */
  | 'other-tenant'
  /** It looked for an API key. */
  | 'key-expected'
  /** Only certain networks may ask. */
  | 'network-rule'
  | 'deployment-unknown'
  /** This resource does not know the path. */
  | 'api-unsupported'
  | 'throttled'
  /** A fault between Azure and Anthropic, or of the service. */
  | 'service-fault'
  | 'refused'
  | 'bad-request';

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
    meaning: 'role-missing',
    statuses: [401, 403],
    pattern: /PermissionDenied|lacks the required data action|AuthorizationFailed|does not have (access|permission)/i,
  },
  { meaning: 'key-expected', statuses: [401], pattern: /invalid subscription key/i },
  { meaning: 'deployment-unknown', statuses: [404], pattern: /DeploymentNotFound|model not found|not_found_error/i },
  { meaning: 'api-unsupported', statuses: [404], pattern: /api_not_supported/i },
];

export function meaningOf({ status, body }: Pick<JsonReply, 'status' | 'body'>): FoundryMeaning {
  if (status >= 200 && status < 300) return 'ok';
  const { code, text } = describeError(body);
  const rule = RULES.find(({ statuses, pattern }) => statuses.includes(status) && pattern.test(`${code} ${text}`));
  if (rule !== undefined) return rule.meaning;
  if (status === 401) return 'token-refused';
  if (status === 404) return 'api-unsupported';
  if (status === 429) return 'throttled';
  if (status >= 500) return 'service-fault';
  return status === 400 ? 'bad-request' : 'refused';
}

/** `HTTP 403 PermissionDenied`: the status and, where it is a mere name, the code. */
export function replyName({ status, body }: Pick<JsonReply, 'status' | 'body'>): string {
  const { code } = describeError(body);
  return /^[A-Za-z][\w.-]{0,63}$/.test(code) ? `HTTP ${status} ${code}` : `HTTP ${status}`;
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
