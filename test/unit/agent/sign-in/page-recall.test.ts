import { expect, it } from 'vitest';
import { PageRecall } from '../../../../src/agent/sign-in/page-recall.ts';
import { silentLog } from '../../../../src/log/event-log.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';

it('counts for the whole agent, whichever sign-in asks', async () => {
  const clock = new FakeClock();
  const recall = new PageRecall({ clock, log: silentLog, notify: undefined });
  const opened: string[] = [];
  const pageOf = (tenant: string) => async () => opened.push(tenant) > 0;
  expect(await recall.remind(undefined, pageOf('one'))).toBe(true);
  expect(await recall.remind(undefined, pageOf('two'))).toBeUndefined();
  expect(await recall.reopen(pageOf('two'))).toBeUndefined();
  // The computer's clock may be wrong, and be set right.
  clock.set(-3_600_000);
  clock.advance(60_000);
  expect(await recall.reopen(pageOf('two'))).toBe(true);
  expect(opened).toEqual(['one', 'two']);
});

it('opens nothing after the notification was withdrawn, and shows the next one', async () => {
  const clock = new FakeClock();
  let shown = 0;
  const recall = new PageRecall({
    clock,
    log: silentLog,
    notify: (_, signal) => {
      shown += 1;
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve('unavailable')));
    },
  });
  const first = recall.remind(undefined, () => Promise.reject(new Error('opened')));
  recall.withdraw();
  expect(await first).toBeUndefined();
  clock.advance(60_000);
  const second = recall.remind(undefined, async () => true);
  expect(shown).toBe(2);
  recall.withdraw();
  expect(await second).toBeUndefined();
});
