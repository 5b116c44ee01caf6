import type { JsonReply } from '../../entra/transport/https-client.ts';
import type { Outcome } from '../check.ts';
import { API_KEY, BEHIND_GATEWAY, DEPLOYMENT, type Explanation, FOUNDRY, GATEWAY, WARNINGS } from './explanations.ts';
import type { MessagesClient } from './foundry-client.ts';
import { meaningOf, type ReplyMeaning, replyName, requestIds } from './foundry-reply.ts';

type Client = Pick<MessagesClient, 'credential'> & { readonly address: Pick<MessagesClient['address'], 'via'> };

type Explanations = Readonly<Partial<Record<ReplyMeaning, Explanation>>>;

/** The finding for one answer to the client; `okDetail` if it's a good one. */
export function foundryOutcome(reply: JsonReply, okDetail: string, client: Client): Outcome {
  return outcomeOf(reply, okDetail, client);
}

/** The same for a deployment, once it's known that the server accepts the credential. */
export function deploymentOutcome(reply: JsonReply, okDetail: string, client: Client): Outcome {
  return outcomeOf(reply, okDetail, client, client.address.via === 'foundry' ? DEPLOYMENT : {});
}

function outcomeOf(reply: JsonReply, okDetail: string, client: Client, first: Explanations = {}): Outcome {
  const meaning = meaningOf(reply, client.address.via);
  const facts = { status: reply.status, meaning, ...requestIds(reply) };
  if (meaning === 'ok') return { state: 'ok', detail: okDetail, facts };
  const { text, remedy } = explain(meaning, client, first);
  const detail = `${text} (${replyName(reply)})`;
  return WARNINGS.includes(meaning)
    ? { state: 'warn', detail, remedy, facts: { ...facts, judged: false } }
    : { state: 'fail', detail, remedy, facts };
}

/** The most specific explanation: users fix a key's faults, and the gateway's admin those behind it. */
function explain(
  meaning: Exclude<ReplyMeaning, 'ok'>,
  { address, credential }: Client,
  first: Explanations,
): Explanation {
  const tables: Explanations[] = [
    first,
    ...(credential === 'api-key' ? [API_KEY] : []),
    ...(address.via === 'gateway' ? [BEHIND_GATEWAY] : []),
  ];
  const specific = tables.map((table) => table[meaning]).find((found) => found !== undefined);
  return specific ?? { ...FOUNDRY, ...GATEWAY }[meaning];
}
