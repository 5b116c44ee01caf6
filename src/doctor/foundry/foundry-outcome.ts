import type { JsonReply } from '../../entra/https-client.ts';
import type { Outcome } from '../check.ts';
import { type FoundryMeaning, meaningOf, replyName } from './foundry-reply.ts';

interface Explanation {
  readonly state: 'warn' | 'fail';
  readonly text: string;
  readonly remedy: string;
}

const EXPLANATIONS: Readonly<Record<Exclude<FoundryMeaning, 'ok'>, Explanation>> = {
  'role-missing': {
    state: 'fail',
    text: 'the token is good, but this user lacks the role on the Foundry resource',
    remedy:
      'assign the user, or a group of theirs, the role "Cognitive Services User" or "Foundry User" on the resource; it takes up to 5 minutes, then run "foundry-credential-helper login" again where a group was changed',
  },
  'token-refused': {
    state: 'fail',
    text: 'Foundry does not accept the token: expired, or for another audience',
    remedy: 'remove "scope", whose default is right for Foundry; then "agent stop" and "login"',
  },
  'other-tenant': {
    state: 'fail',
    text: 'the Foundry resource belongs to another tenant than the token',
    remedy: 'set "tenantId" to the tenant of the subscription that holds the Foundry resource, and sign in again',
  },
  'key-expected': {
    state: 'fail',
    text: 'Foundry looked for an API key, or this is another endpoint',
    remedy: 'check "foundryResource"; a gateway in between must pass the Authorization header on',
  },
  'network-rule': {
    state: 'fail',
    text: 'the network rules of the Foundry resource do not let this computer in',
    remedy:
      'connect to the company network or VPN; the admin checks Networking of the resource, and for a private endpoint the DNS zone privatelink.services.ai.azure.com',
  },
  'deployment-unknown': {
    state: 'fail',
    text: 'the resource has no deployment of this name',
    remedy: 'correct "models" (and inferenceModels of Claude Desktop): they hold deployment names, not model names',
  },
  'api-unsupported': {
    state: 'warn',
    text: 'the resource does not offer this request, which leaves the question open',
    remedy: 'run "doctor --live", which spends one output token per deployment; check "foundryResource"',
  },
  throttled: {
    state: 'warn',
    text: 'the quota of the deployment is used up for the moment',
    remedy: 'wait a minute; the admin raises the quota of the deployment in Foundry',
  },
  'service-fault': {
    state: 'warn',
    text: 'a passing fault of the service, not of this computer',
    remedy: 'try again later; see the Azure status page',
  },
  refused: {
    state: 'fail',
    text: 'Foundry refuses the request',
    remedy:
      'the admin looks up the request id, which "doctor --json" shows, in the diagnostics of the Foundry resource',
  },
  'bad-request': {
    state: 'warn',
    text: 'Foundry took the credential, but not this request',
    remedy: 'run "doctor --live"; check that the deployment is a Claude model',
  },
};

/** The finding for one answer; `okDetail` where it is a good one. */
export function foundryOutcome(reply: JsonReply, okDetail: string): Outcome {
  const meaning = meaningOf(reply);
  const facts = { status: reply.status, meaning, ...requestIds(reply) };
  if (meaning === 'ok') return { state: 'ok', detail: okDetail, facts };
  const { state, text, remedy } = EXPLANATIONS[meaning];
  return { state, detail: `${text} (${replyName(reply)})`, remedy, facts };
}

/** What Microsoft's and Anthropic's support ask for. */
function requestIds({ headers }: JsonReply): Readonly<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const name of ['request-id', 'apim-request-id']) {
    const value = headers[name];
    if (typeof value === 'string' && /^[\w-]{1,80}$/.test(value)) ids[name] = value;
  }
  return ids;
}
