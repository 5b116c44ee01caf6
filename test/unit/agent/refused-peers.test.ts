import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RefusedPeers } from '../../../src/agent/refused-peers.ts';
import type { LogFields } from '../../../src/log/public-fields.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('notes the first few of a minute one by one, and how many more there were', () => {
  const lines: [string, LogFields | undefined][] = [];
  const peers = new RefusedPeers({ warn: (event, fields) => void lines.push([event, fields]) });
  const refuse = (count: number): void => {
    for (let made = 0; made < count; made += 1) peers.note({ code: 'ERR_AGENT_PROTOCOL', detail: 'why' });
  };
  const one = ['peer-refused', { code: 'ERR_AGENT_PROTOCOL', detail: 'why' }];
  refuse(1_000);
  expect(lines).toEqual([one, one, one, one, one]);
  vi.advanceTimersByTime(60_000);
  expect(lines.splice(0).slice(5)).toEqual([['peers-refused', { detail: 'more within a minute: 995' }]]);

  refuse(2);
  vi.advanceTimersByTime(60_000);
  expect(lines).toEqual([one, one]);
});
