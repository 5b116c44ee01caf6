import type { JsonReply } from '../../entra/transport/https-client.ts';
import type { Outcome } from '../check.ts';
import { API_KEY, BEHIND_GATEWAY, type Explanation, FOUNDRY, GATEWAY, WARNINGS } from './explanations.ts';
import type { MessagesClient } from './foundry-client.ts';
import { meaningOf, type ReplyMeaning, replyName, requestIds } from './foundry-reply.ts';

/** Who was asked, with what. */
export interface Asked {
  readonly via: MessagesClient['address']['via'];
  readonly credential: MessagesClient['credential'];
}

export const askedOf = ({ address: { via }, credential }: MessagesClient): Asked => ({ via, credential });

/** The finding for one answer; `okDetail` if it's a good one. */
export function foundryOutcome(reply: JsonReply, okDetail: string, asked: Asked): Outcome {
  const meaning = meaningOf(reply, asked.via);
  const facts = { status: reply.status, meaning, ...requestIds(reply) };
  if (meaning === 'ok') return { state: 'ok', detail: okDetail, facts };
  const { text, remedy } = explain(meaning, asked);
  return {
    state: WARNINGS.includes(meaning) ? 'warn' : 'fail',
    detail: `${text} (${replyName(reply)})`,
    remedy,
    facts,
  };
}

/** The most specific explanation: users fix a key's faults, and the gateway's admin those behind it. */
function explain(meaning: Exclude<ReplyMeaning, 'ok'>, { via, credential }: Asked): Explanation {
  const tables: Readonly<Partial<Record<ReplyMeaning, Explanation>>>[] = [
    ...(credential === 'api-key' ? [API_KEY] : []),
    ...(via === 'gateway' ? [BEHIND_GATEWAY] : []),
  ];
  const specific = tables.map((table) => table[meaning]).find((found) => found !== undefined);
  return specific ?? { ...FOUNDRY, ...GATEWAY }[meaning];
}
