import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../src/core/errors.ts';
import { parseRecord, serializeRecord } from '../../../../src/entra/refresh-token-record.ts';
import { fakeRecord } from '../../../support/fakes/fake-token-source.ts';
import { type Bench, createBench, KEY, MINUTE, signedIn } from '../support.ts';

const urgent = { urgent: true };

/** A computer whose broker signs the user in, and someone who has asked for a token. */
function brokered(): Bench {
  const bench = createBench(undefined, { hasBroker: true });
  bench.refresher.noteRequest();
  return bench;
}

async function stored(bench: Bench) {
  const secret = await bench.store.get(KEY);
  return secret && parseRecord(secret);
}

describe('without a sign-in, on a computer with a broker', () => {
  it('signs in without the user, once for everyone who asks, and keeps the account only', async () => {
    const bench = brokered();
    const [one, other] = await Promise.all([
      bench.refresher.get({ urgent: false }),
      bench.refresher.get({ urgent: false }),
    ]);
    expect(one).toBe(other);
    expect(one.value.reveal()).toBe('access-1');
    expect(bench.source.brokered).toHaveLength(1);
    expect(await stored(bench)).toMatchObject({ kind: 'active', record: { brokerAccountId: 'broker-1' } });
    expect((await bench.store.get(KEY))?.reveal()).not.toContain('refresh-');
  });

  it('signs in only if someone asks for a token', async () => {
    const bench = createBench(undefined, { hasBroker: true });
    await expect(bench.refresher.refresh({ urgent: false })).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
    expect(bench.source.brokered).toHaveLength(0);
  });

  it('renews the sign-in from then on, without writing what is stored already', async () => {
    const bench = brokered();
    await bench.refresher.get(urgent);
    const writes = bench.store.writes;
    bench.clock.advance(45 * MINUTE);
    expect((await bench.refresher.get(urgent)).value.reveal()).toBe('access-2');
    expect(bench.source.sent).toEqual(['broker-1']);
    expect(bench.store.writes).toBe(writes);
  });

  it('names the token that the new one replaces', async () => {
    const bench = brokered();
    const token = await bench.refresher.get(urgent);
    await bench.refresher.refresh(urgent);
    expect(bench.source.replaced).toEqual([token.value.reveal()]);
  });

  it("says what the broker answered, and asks again when that's due", async () => {
    const bench = brokered();
    bench.source.noSilentSignIn = new AppError('ERR_BROKER_MISSING', { detail: 'none' });
    await expect(bench.refresher.get({ urgent: false })).rejects.toMatchObject({ code: 'ERR_BROKER_MISSING' });
    expect(bench.refresher.isWithoutSignIn).toBe(true);
    await expect(bench.refresher.get({ urgent: false })).rejects.toMatchObject({ code: 'ERR_BROKER_MISSING' });
    expect(bench.source.brokered).toHaveLength(1);
    bench.source.noSilentSignIn = undefined;
    bench.clock.advance(60 * MINUTE);
    expect((await bench.refresher.get({ urgent: false })).value.reveal()).toBe('access-1');
    expect(bench.refresher.isWithoutSignIn).toBe(false);
    expect(bench.refresher.lastProblem).toBeUndefined();
  });

  it("doesn't take that for the end of a sign-in, or remind anyone of it", async () => {
    const bench = brokered();
    bench.source.noSilentSignIn = new AppError('ERR_SIGN_IN_STEP_REQUIRED');
    await expect(bench.refresher.get(urgent)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_STEP_REQUIRED' });
    expect(bench.signInNeeded).toEqual([]);
    expect(bench.refresher.lastRefusal).toBeUndefined();
    expect(await stored(bench)).toBeUndefined();
  });

  it('keeps the sign-in if the broker refuses to renew it, and tells the user', async () => {
    const bench = brokered();
    await bench.refresher.get(urgent);
    bench.source.script.push(new AppError('ERR_SIGN_IN_STEP_REQUIRED', { detail: 'AADSTS50076' }));
    bench.clock.advance(60 * MINUTE);
    await expect(bench.refresher.get(urgent)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_STEP_REQUIRED' });
    expect(await stored(bench)).toMatchObject({ kind: 'active' });
    expect(bench.signInNeeded).toEqual(['ada@contoso.example']);
  });
});

describe('a sign-in that the settings no longer allow', () => {
  it('is neither used nor deleted until the next sign-in replaces it', async () => {
    const bench = await signedIn(createBench(undefined, { hasBroker: true }));
    bench.refresher.noteRequest();
    bench.source.noSilentSignIn = new AppError('ERR_SIGN_IN_STEP_REQUIRED');
    await expect(bench.refresher.get(urgent)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_STEP_REQUIRED' });
    expect(bench.source.sent).toEqual([]);
    expect(await stored(bench)).toMatchObject({ record: { refreshToken: fakeRecord('refresh-0').refreshToken } });
    bench.source.noSilentSignIn = undefined;
    bench.clock.advance(60 * MINUTE);
    await bench.refresher.get(urgent);
    expect((await bench.store.get(KEY))?.reveal()).not.toContain('refresh-0');
  });

  it('is named if no one may be signed in without being asked', async () => {
    const bench = createBench(undefined, { hasBroker: true });
    await bench.store.set(KEY, serializeRecord(fakeRecord('refresh-0')));
    await expect(bench.refresher.refresh(urgent)).rejects.toMatchObject({
      code: 'ERR_SIGN_IN_REQUIRED',
      detail: expect.stringContaining('"signInMethod"') as string,
    });
  });
});

describe('a user who signs out', () => {
  it("isn't signed in again before they start a session", async () => {
    const bench = brokered();
    await bench.refresher.get(urgent);
    expect(await bench.refresher.forget()).toBe(true);
    bench.refresher.noteRequest();
    await expect(bench.refresher.get(urgent)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
    bench.restart();
    bench.refresher.noteRequest();
    await expect(bench.refresher.get(urgent)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
    expect(bench.source.brokered).toHaveLength(1);

    await bench.refresher.adopt(bench.source.brokerGrant());
    await bench.store.delete(KEY);
    bench.restart();
    bench.refresher.noteRequest();
    await bench.refresher.get(urgent);
    expect(bench.source.brokered).toHaveLength(2);
  });

  it("isn't signed in again by a silent sign-in that was under way", async () => {
    const bench = brokered();
    let answer = (): void => undefined;
    const { source } = bench;
    const ordinary = source.signInWithBroker.bind(source);
    source.signInWithBroker = async (options) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return ordinary(options);
    };
    const outcome = bench.refresher.get(urgent);
    outcome.catch(() => undefined);
    await bench.records.summary();
    await bench.refresher.forget();
    answer();
    await expect(outcome).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
    await bench.refresher.stop();
    expect(await stored(bench)).toBeUndefined();
    expect(bench.refresher.current()).toBeUndefined();
  });
});
