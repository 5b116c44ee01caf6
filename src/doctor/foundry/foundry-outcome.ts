import type { JsonReply } from '../../entra/transport/https-client.ts';
import type { Outcome } from '../check.ts';
import { API_KEY, BEHIND_GATEWAY, type Explanation, FOUNDRY, GATEWAY, WARNINGS } from './explanations.ts';
import type { MessagesClient } from './foundry-client.ts';
import { meaningOf, type ReplyMeaning, replyName, requestIds } from './foundry-reply.ts';

type Client = Pick<MessagesClient, 'credential'> & { readonly address: Pick<MessagesClient['address'], 'via'> };

/** The finding for one answer to the client; `okDetail` if it's a good one. */
export function foundryOutcome(reply: JsonReply, okDetail: string, client: Client): Outcome {
  const meaning = meaningOf(reply, client.address.via);
  const facts = { status: reply.status, meaning, ...requestIds(reply) };
  if (meaning === 'ok') return { state: 'ok', detail: okDetail, facts };
  const { text, remedy } = explain(meaning, client);
  return {
    state: WARNINGS.includes(meaning) ? 'warn' : 'fail',
    detail: `${text} (${replyName(reply)})`,
    remedy,
    facts,
  };
}

/** The most specific explanation: users fix a key's faults, and the gateway's admin those behind it. */
function explain(meaning: Exclude<ReplyMeaning, 'ok'>, { address, credential }: Client): Explanation {
  const tables: Readonly<Partial<Record<ReplyMeaning, Explanation>>>[] = [
    ...(credential === 'api-key' ? [API_KEY] : []),
    ...(address.via === 'gateway' ? [BEHIND_GATEWAY] : []),
  ];
  const specific = tables.map((table) => table[meaning]).find((found) => found !== undefined);
  return specific ?? { ...FOUNDRY, ...GATEWAY }[meaning];
}
