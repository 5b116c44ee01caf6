import { describe, expect, it } from 'vitest';
import { EndingReminder } from '../../../../src/agent/sign-in/ending.ts';
import type { ForeseenEnd } from '../../../../src/agent/tokens/sign-in-life.ts';
import type { NotifyOutcome } from '../../../../src/notify/notify.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { createState, KEY, LogProbe } from '../support.ts';

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;

/** A sign-in that lasts a week and has this many hours left. */
function bench(leftHours: number, { notifications = true, state = createState(), clock = new FakeClock() } = {}) {
  const shown: { end: ForeseenEnd; signal: AbortSignal; answer: (outcome: NotifyOutcome) => void }[] = [];
  const told = { prompting: false, renewed: 0, offered: [] as ForeseenEnd[] };
  const signedInAt = clock.now() + leftHours * HOUR - WEEK;
  state.update(KEY, { signedInAt, life: { atLeastMs: WEEK - HOUR, atMostMs: WEEK + HOUR } });
  const create = () =>
    new EndingReminder({
      ...{ key: KEY, state, clock, log: new LogProbe() },
      notify: notifications
        ? (end, signal) =>
            new Promise((answer) => {
              signal.addEventListener('abort', () => answer('dismissed'));
              shown.push({ end, signal, answer });
            })
        : undefined,
      isPrompting: () => told.prompting,
      renew: () => {
        told.renewed += 1;
      },
      offer: (end) => void told.offered.push(end),
    });
  return { ...{ state, clock, shown, told, create, signedInAt }, reminder: create() };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function use(reminder: EndingReminder, context: 'interactive' | 'background' = 'background'): Promise<void> {
  reminder.used(context, undefined);
  await nextTurn();
}

describe('a sign-in that ends within a day', () => {
  it('is announced once to someone who uses it, no matter how often they do or what restarts', async () => {
    const { reminder, create, shown, signedInAt } = bench(23);
    reminder.used('background', undefined);
    reminder.used('interactive', undefined);
    await nextTurn();
    expect(shown.map(({ end }) => end)).toEqual([{ at: signedInAt + WEEK, reason: 'policy' }]);
    await use(reminder);
    shown[0]?.answer('dismissed');
    await nextTurn();
    await use(reminder, 'interactive');
    await use(create(), 'interactive');
    expect(shown).toHaveLength(1);
  });

  it("isn't announced earlier, after its end, or to someone who's signing in", async () => {
    for (const hours of [25, -1]) {
      const { reminder, shown } = bench(hours);
      await use(reminder, 'interactive');
      expect(shown).toEqual([]);
    }
    const { reminder, shown, told } = bench(20);
    told.prompting = true;
    await use(reminder);
    expect(shown).toEqual([]);
    told.prompting = false;
    await use(reminder);
    expect(shown).toHaveLength(1);
  });

  it.each<[NotifyOutcome, number]>([
    ['activated', 1],
    ['dismissed', 0],
  ])('when the notification is %s: begins %d sign-ins', async (outcome, renewed) => {
    const { reminder, shown, told } = bench(23);
    await use(reminder);
    shown[0]?.answer(outcome);
    await nextTurn();
    expect(told).toMatchObject({ renewed, offered: [] });
  });

  it('is announced anew after the next sign-in', async () => {
    const { reminder, shown, state, clock } = bench(23);
    await use(reminder);
    reminder.withdraw();
    expect(shown[0]?.signal.aborted).toBe(true);
    clock.advance(6 * 24 * HOUR);
    state.update(KEY, { signedInAt: clock.now() - WEEK + 10 * HOUR, endTold: undefined });
    await use(reminder);
    expect(shown).toHaveLength(2);
  });

  it("isn't announced after the agent has stopped", async () => {
    const { reminder, shown } = bench(23);
    reminder.used('background', undefined);
    reminder.stop();
    await nextTurn();
    expect(shown).toEqual([]);
  });
});

describe('without notifications', () => {
  it('the page offers it when someone starts a session, and only once', async () => {
    const { reminder, create, told } = bench(23, { notifications: false });
    await use(reminder);
    expect(told.offered).toEqual([]);
    await use(reminder, 'interactive');
    await use(reminder, 'interactive');
    await use(create(), 'interactive');
    expect(told.offered).toHaveLength(1);
  });

  it('so also if the session turns out to have none', async () => {
    const { reminder, shown, told } = bench(23);
    await use(reminder);
    shown[0]?.answer('unavailable');
    await nextTurn();
    await use(reminder);
    expect(told.offered).toEqual([]);
    await use(reminder, 'interactive');
    expect(told.offered).toHaveLength(1);
    expect(shown).toHaveLength(1);
  });
});

it('a password that expires opens the page, which says to change it first', async () => {
  const { reminder, shown, told, state, clock } = bench(100);
  const at = clock.now() + 20 * HOUR;
  state.update(KEY, { reportedEnd: { at, reason: 'password', isFixed: true } });
  await use(reminder);
  shown[0]?.answer('activated');
  await nextTurn();
  expect(told).toMatchObject({ renewed: 0, offered: [{ at, reason: 'password' }] });
});
