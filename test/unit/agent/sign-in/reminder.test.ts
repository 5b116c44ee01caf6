import { describe, expect, it } from 'vitest';
import { SignInReminder } from '../../../../src/agent/sign-in/reminder.ts';
import { AppError } from '../../../../src/core/errors.ts';
import type { NotifyOutcome } from '../../../../src/notify/notify.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { createBench, createState, KEY, LogProbe, signedIn } from '../support.ts';

function bench(state = createState()) {
  const shown: { account: string; signal: AbortSignal; answer: (outcome: NotifyOutcome) => void }[] = [];
  const told = { prompting: false, signIns: 0 };
  const create = (): SignInReminder =>
    new SignInReminder({
      key: KEY,
      state,
      clock: new FakeClock(),
      log: new LogProbe(),
      notify: (account, signal) =>
        new Promise((answer) => {
          signal.addEventListener('abort', () => answer('dismissed'));
          shown.push({ account, signal, answer });
        }),
      isPrompting: () => told.prompting,
      signIn: async () => {
        told.signIns += 1;
      },
    });
  return { state, shown, told, create, reminder: create() };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a sign-in that is over', () => {
  it('is announced once, no matter how often it is found or what restarts', async () => {
    const { reminder, shown, create } = bench();
    reminder.needed('ada');
    reminder.needed('ada');
    await nextTurn();
    expect(shown.map(({ account }) => account)).toEqual(['ada']);
    shown[0]?.answer('dismissed');
    await nextTurn();
    reminder.needed('ada');
    create().needed('ada');
    await nextTurn();
    expect(shown).toHaveLength(1);
  });

  it('is told again when it is another one', async () => {
    const { reminder, shown, state } = bench();
    reminder.needed('ada');
    await nextTurn();
    await reminder.withdraw();
    expect(shown[0]?.signal.aborted).toBe(true);
    state.update(KEY, { remindedAt: undefined });
    reminder.needed('ada');
    await nextTurn();
    expect(shown).toHaveLength(2);
  });

  it("isn't announced to someone who is at the prompt", async () => {
    const { reminder, shown, told } = bench();
    reminder.needed('ada');
    told.prompting = true;
    await nextTurn();
    told.prompting = false;
    reminder.needed('ada');
    await nextTurn();
    expect(shown).toEqual([]);
  });

  it("is announced by the next agent if this one couldn't, and not at every run", async () => {
    const { reminder, shown, create } = bench();
    reminder.needed('ada');
    await nextTurn();
    shown[0]?.answer('unavailable');
    await nextTurn();
    reminder.needed('ada');
    await nextTurn();
    expect(shown).toHaveLength(1);
    create().needed('ada');
    await nextTurn();
    expect(shown).toHaveLength(2);
  });

  it("isn't announced after someone signed in or out, or after the agent has stopped", async () => {
    const { reminder, shown } = bench();
    reminder.needed('ada');
    await reminder.withdraw();
    expect(shown).toEqual([]);
    await reminder.stop();
    reminder.needed('ada');
    await nextTurn();
    expect(shown).toEqual([]);
  });
});

it.each<[NotifyOutcome, number]>([
  ['activated', 1],
  ['dismissed', 0],
  ['unavailable', 0],
])('%s: begins %d sign-ins', async (outcome, signIns) => {
  const { reminder, shown, told } = bench();
  reminder.needed('ada');
  await nextTurn();
  shown[0]?.answer(outcome);
  await nextTurn();
  expect(told.signIns).toBe(signIns);
});

describe('the refresher tells', () => {
  const patient = { urgent: false };

  it.each(['ERR_SIGN_IN_ENDED', 'ERR_DEVICE_CODE_BLOCKED', 'ERR_SIGN_IN_STEP_REQUIRED'] as const)(
    'whose sign-in is over: %s',
    async (code) => {
      const { refresher, source, signInNeeded } = await signedIn(createBench());
      source.script.push(new AppError(code));
      await expect(refresher.get(patient)).rejects.toMatchObject({ code });
      expect(signInNeeded).toEqual(['ada@contoso.example']);
    },
  );

  it('so also when it finds that in the keystore', async () => {
    const bench = await signedIn(createBench());
    bench.source.script.push(new AppError('ERR_SIGN_IN_ENDED'));
    await expect(bench.refresher.get(patient)).rejects.toThrow();
    bench.restart();
    await expect(bench.refresher.get(patient)).rejects.toThrow();
    expect(bench.signInNeeded).toHaveLength(2);
  });

  it('nothing if no one was ever signed in, if someone signed out, and about any other fault', async () => {
    const bench = createBench();
    await expect(bench.refresher.get(patient)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
    await signedIn(bench);
    bench.restart();
    bench.source.script.push(new AppError('ERR_NETWORK'));
    await expect(bench.refresher.get(patient)).rejects.toMatchObject({ code: 'ERR_NETWORK' });
    await bench.refresher.forget();
    await expect(bench.refresher.get(patient)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
    expect(bench.signInNeeded).toEqual([]);
    expect(bench.signInChanges).toBe(1);
  });

  it('of a sign-in that Entra keeps refusing, and that it works again', async () => {
    const bench = await signedIn(createBench());
    const refused = () => new AppError('ERR_SIGN_IN_REFUSED', { detail: 'AADSTS999999' });
    bench.source.script.push(refused(), refused());
    await expect(bench.refresher.get(patient)).rejects.toThrow();
    expect(bench.signInNeeded).toEqual([]);
    bench.clock.advance(60 * 60_000);
    await expect(bench.refresher.get(patient)).rejects.toThrow();
    expect(bench.signInNeeded).toEqual(['ada@contoso.example']);
    expect(bench.refresher.lastRefusal).toMatchObject({
      error: { code: 'ERR_SIGN_IN_REFUSED', detail: 'AADSTS999999' },
    });
    bench.state.update(KEY, { remindedAt: 1 });
    bench.clock.advance(60 * 60_000);
    await bench.refresher.get(patient);
    expect(bench.signInChanges).toBe(1);
    expect(bench.refresher.lastRefusal).toBeUndefined();
  });

  it('that someone signed in, which makes the next end another one', async () => {
    const bench = await signedIn(createBench());
    bench.state.update(KEY, { remindedAt: 1 });
    await bench.refresher.adopt(bench.source.grant());
    expect(bench.signInChanges).toBe(1);
    expect(bench.state.get(KEY)).not.toHaveProperty('remindedAt');
  });
});
