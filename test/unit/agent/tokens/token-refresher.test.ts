import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { AppError } from '../../../../src/core/errors.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { parseRecord, serializeRecord } from '../../../../src/entra/refresh-token-record.ts';
import { fakeRecord } from '../../../support/fakes/fake-token-source.ts';
import { createBench, KEY, MINUTE, signedIn } from '../support.ts';

const DAY = 24 * 60 * MINUTE;
const patient = { urgent: false };
const urgent = { urgent: true };

describe('a current token', () => {
  it('is handed out again while enough of its life is left', async () => {
    const { refresher, clock, source } = await signedIn(createBench());
    const first = await refresher.get(patient);
    clock.advance(42 * MINUTE);
    expect(await refresher.get(patient)).toBe(first);
    expect(source.sent).toEqual(['refresh-0']);
  });

  it('is refreshed when less is left than may be handed out', async () => {
    const { refresher, clock, source } = await signedIn(createBench());
    const first = await refresher.get(patient);
    clock.advance(44 * MINUTE);
    expect(await refresher.get(patient)).not.toBe(first);
    expect(source.sent).toEqual(['refresh-0', 'refresh-1']);
  });

  it('keeps its age when the clock is set back or forward by a day, and in sleep', async () => {
    const { refresher, clock, source } = await signedIn(createBench());
    await refresher.get(patient);
    clock.set(-DAY);
    clock.advance(44 * MINUTE);
    await refresher.get(patient);
    expect(source.sent).toHaveLength(2);
    clock.set(DAY);
    await refresher.get(patient);
    expect(source.sent).toHaveLength(3);
    clock.sleep(50 * MINUTE);
    await refresher.get(patient);
    expect(source.sent).toHaveLength(4);
  });

  it('hides a failing Entra until it expires, and says so once', async () => {
    const { refresher, clock, source, log } = await signedIn(createBench());
    const first = await refresher.get(patient);
    source.script.push(...Array.from({ length: 9 }, () => new AppError('ERR_NETWORK_DNS')));
    for (const minutes of [44, 5, 5, 5]) {
      clock.advance(minutes * MINUTE);
      expect(await refresher.get(urgent)).toBe(first);
    }
    expect(log.events.filter((event) => event === 'refresh-failed')).toHaveLength(1);
    clock.advance(2 * MINUTE);
    await expect(refresher.get(urgent)).rejects.toMatchObject({ code: 'ERR_NETWORK_DNS' });
  });

  it('hides an Entra that hangs', async () => {
    const { refresher, clock, source } = await signedIn(createBench());
    const first = await refresher.get(patient);
    clock.advance(50 * MINUTE);
    source.script.push(() => new Promise(() => undefined));
    expect(await refresher.get(urgent)).toBe(first);
  });
});

describe('refreshing', () => {
  it('happens once for all who ask at the same time', async () => {
    const { refresher, source } = await signedIn(createBench());
    const tokens = await Promise.all(Array.from({ length: 30 }, () => refresher.get(urgent)));
    expect(new Set(tokens).size).toBe(1);
    expect(source.sent).toEqual(['refresh-0']);
  });

  it('keeps the rotated refresh token before anyone has the access token', async () => {
    const bench = await signedIn(createBench());
    await bench.refresher.get(patient);
    const stored = await bench.store.get(KEY);
    expect(stored && parseRecord(stored)).toMatchObject({ kind: 'active' });
    bench.restart();
    await bench.refresher.get(patient);
    expect(bench.source.sent).toEqual(['refresh-0', 'refresh-1']);
  });

  it('survives a keystore that takes nothing: the newest record stays in memory and is saved later', async () => {
    const bench = await signedIn(createBench());
    await bench.refresher.get(patient);
    bench.source.script.push(async () => bench.store.lock());
    bench.clock.advance(50 * MINUTE);
    await bench.refresher.get(patient);
    expect(bench.records.unsaved).toBe(true);
    // What isn't stored is used from memory.
    bench.clock.advance(50 * MINUTE);
    await bench.refresher.get(patient);
    expect(bench.source.sent).toEqual(['refresh-0', 'refresh-1', 'refresh-2']);
    bench.store.unlock();
    await bench.records.flush();
    expect(bench.records.unsaved).toBe(false);
    bench.restart();
    await bench.refresher.get(patient);
    expect(bench.source.sent.at(-1)).toBe('refresh-3');
  });

  it('reads the refresh token each time: a keystore that is locked in between keeps it', async () => {
    const bench = await signedIn(createBench());
    const first = await bench.refresher.get(patient);
    bench.store.lock();
    bench.clock.advance(50 * MINUTE);
    expect(await bench.refresher.get(patient)).toBe(first);
    expect(await bench.records.summary()).toMatchObject({ kind: 'active' });
    await expect(bench.refresher.refresh(patient)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_LOCKED' });
    expect(bench.source.sent).toEqual(['refresh-0']);
    bench.store.unlock();
    await bench.refresher.get(patient);
    expect(bench.source.sent).toEqual(['refresh-0', 'refresh-1']);
  });
});

describe('back-off', () => {
  it('holds unattended callers off, lets a waiting user try every 5 s, and ends with success', async () => {
    const { refresher, clock, source } = await signedIn(createBench());
    source.script.push(new AppError('ERR_NETWORK'), new AppError('ERR_NETWORK'));
    await expect(refresher.get(patient)).rejects.toMatchObject({ code: 'ERR_NETWORK' });
    await expect(refresher.get(urgent)).rejects.toMatchObject({ code: 'ERR_NETWORK' });
    expect(source.sent).toHaveLength(1);
    clock.advance(5_100);
    await expect(refresher.get(patient)).rejects.toMatchObject({ code: 'ERR_NETWORK' });
    expect(source.sent).toHaveLength(1);
    await expect(refresher.get(urgent)).rejects.toMatchObject({ code: 'ERR_NETWORK' });
    expect(source.sent).toHaveLength(2);
    clock.advance(5 * MINUTE);
    await refresher.get(patient);
    expect(refresher.backOff).toBeUndefined();
  });

  it('lets someone who waits try although a try that no one waits for was refused at the same moment', async () => {
    const bench = await signedIn(createBench());
    bench.source.script.push(new AppError('ERR_NETWORK'));
    await expect(bench.refresher.get(patient)).rejects.toMatchObject({ code: 'ERR_NETWORK' });
    bench.clock.advance(5_001);
    const [unattended, waiting] = await Promise.allSettled([
      bench.refresher.refresh(patient),
      bench.refresher.refresh(urgent),
    ]);
    expect([unattended.status, waiting.status]).toEqual(['rejected', 'fulfilled']);
  });

  it('honors Retry-After also for a waiting user, and across a restart', async () => {
    const bench = await signedIn(createBench());
    bench.source.script.push(
      new AppError('ERR_THROTTLED', { detail: 'HTTP 429', retryAfterMs: 120_000, correlationId: 'c-1' }),
    );
    await expect(bench.refresher.get(urgent)).rejects.toMatchObject({ code: 'ERR_THROTTLED' });
    bench.restart();
    bench.clock.advance(119_000);
    await expect(bench.refresher.get(urgent)).rejects.toMatchObject({ code: 'ERR_THROTTLED', correlationId: 'c-1' });
    expect(bench.source.sent).toHaveLength(1);
    bench.clock.advance(2_000);
    await bench.refresher.get(urgent);
  });

  it('believes no Retry-After longer than an hour', async () => {
    const bench = await signedIn(createBench());
    bench.source.script.push(new AppError('ERR_THROTTLED', { retryAfterMs: 30 * DAY }));
    await expect(bench.refresher.get(patient)).rejects.toMatchObject({ code: 'ERR_THROTTLED' });
    bench.clock.advance(60 * MINUTE + 1);
    await bench.refresher.get(patient);
  });
});

describe('why a refresh failed', () => {
  it('is the same after a restart, down to what is wrong with the TLS connection', async () => {
    const bench = await signedIn(createBench());
    const thrown = new AppError('ERR_NETWORK_TLS', { detail: 'login.example', tlsFault: 'expired' });
    bench.source.script.push(thrown);
    await expect(bench.refresher.get(patient)).rejects.toBe(thrown);
    bench.restart();
    await expect(bench.refresher.get(patient)).rejects.toMatchObject({ code: 'ERR_NETWORK_TLS', hint: thrown.hint });
    expect(bench.source.sent).toHaveLength(1);
  });

  it('is known after its back-off, until one succeeds', async () => {
    const bench = await signedIn(createBench());
    bench.source.script.push(new AppError('ERR_NETWORK_DNS'));
    await expect(bench.refresher.get(patient)).rejects.toThrow();
    bench.clock.advance(60 * MINUTE);
    expect(bench.refresher.backOff).toBeUndefined();
    expect(bench.refresher.lastProblem).toMatchObject({ code: 'ERR_NETWORK_DNS' });
    expect(bench.refresher.lastRefusal).toBeUndefined();
    await bench.refresher.get(patient);
    expect(bench.refresher.lastProblem).toBeUndefined();
  });

  it("is known when the keystore couldn't be read", async () => {
    const bench = await signedIn(createBench());
    bench.store.lock();
    await expect(bench.refresher.get(patient)).rejects.toThrow();
    expect(bench.refresher.lastProblem).toMatchObject({ code: 'ERR_KEYSTORE_LOCKED' });
    expect(bench.state.lastFailure).toMatchObject({ error: { code: 'ERR_KEYSTORE_LOCKED' } });
    bench.store.unlock();
    await bench.refresher.get(patient);
    expect(bench.refresher.lastProblem).toBeUndefined();
  });

  it("isn't Entra's refusal if the settings are wrong", async () => {
    const bench = await signedIn(createBench());
    bench.source.script.push(new AppError('ERR_CONFIG_UNREADABLE', { detail: '"caFile"' }));
    await expect(bench.refresher.get(patient)).rejects.toThrow();
    expect(bench.refresher.lastRefusal).toBeUndefined();
  });
});

describe('a sign-in that is over', () => {
  it('is sent once, remembered with its account across a restart, and replaced by the next sign-in', async () => {
    const bench = await signedIn(createBench());
    bench.source.script.push(new AppError('ERR_SIGN_IN_ENDED', { detail: 'AADSTS700082', correlationId: 'c-9' }));
    await expect(bench.refresher.get(patient)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_ENDED' });
    bench.restart();
    await expect(bench.refresher.get(urgent)).rejects.toMatchObject({
      code: 'ERR_SIGN_IN_ENDED',
      message: expect.stringContaining(': ada@contoso.example, since 2026-11-22 '),
    });
    expect(bench.source.sent).toEqual(['refresh-0']);
    expect((await bench.store.get(KEY))?.reveal()).not.toContain('refresh-0');
    await bench.refresher.adopt(bench.source.grant());
    expect((await bench.refresher.get(patient)).username).toBe('ada@contoso.example');
  });

  it('is in the state file with its time and reason, without the account, until someone signs in', async () => {
    const bench = await signedIn(createBench());
    const cause = { detail: 'AADSTS50173', reason: 'the password was changed', correlationId: 'c-9' };
    bench.source.script.push(new AppError('ERR_SIGN_IN_ENDED', cause));
    const at = bench.clock.now();
    await expect(bench.refresher.get(patient)).rejects.toMatchObject(cause);
    bench.restart();
    const ended = { at, error: { code: 'ERR_SIGN_IN_ENDED', ...cause } };
    expect(bench.state.get(KEY).ended).toEqual(ended);
    // The keystore has it too, for an agent that finds no state file.
    rmSync(join(bench.folder, 'agent.json'));
    bench.restart();
    await expect(bench.refresher.get(patient)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_ENDED' });
    expect(bench.state.get(KEY).ended).toEqual(ended);
    await bench.refresher.adopt(bench.source.grant());
    expect(bench.state.get(KEY).ended).toBeUndefined();
  });

  it('was the last failed attempt, which is past when someone signs in, and forgotten when someone signs out', async () => {
    const bench = await signedIn(createBench());
    bench.source.script.push(new AppError('ERR_SIGN_IN_ENDED', { detail: 'AADSTS50173' }));
    await expect(bench.refresher.get(patient)).rejects.toThrow();
    expect(bench.state.lastFailure).toMatchObject({ client: 'refresh-ahead', error: { code: 'ERR_SIGN_IN_ENDED' } });
    expect(bench.state.lastFailure).not.toHaveProperty('recoveredAt');
    await bench.refresher.adopt(bench.source.grant());
    expect(bench.state.lastFailure).toMatchObject({ recoveredAt: bench.clock.now() });
    await bench.refresher.forget();
    expect(bench.state.lastFailure).toBeUndefined();
  });

  it('is remembered with what Entra said, until someone signs in or out', async () => {
    const bench = await signedIn(createBench());
    const cause = { detail: 'AADSTS50173', reason: 'the password was changed', correlationId: 'c-9' };
    bench.source.script.push(new AppError('ERR_SIGN_IN_ENDED', cause));
    await expect(bench.refresher.get(patient)).rejects.toMatchObject(cause);
    bench.restart();
    await expect(bench.refresher.get(patient)).rejects.toMatchObject({
      message: expect.stringMatching(
        /, since 2026-11-22 \d\d:\d\d \(UTC[^)]*\), AADSTS50173: the password was changed$/,
      ),
      correlationId: 'c-9',
    });
    expect(bench.records.knownEnd).toMatchObject(cause);
    await bench.refresher.adopt(bench.source.grant());
    expect(bench.records.knownEnd).toBeUndefined();
  });

  it.each([
    'ERR_NETWORK',
    'ERR_NETWORK_TIMEOUT',
    'ERR_THROTTLED',
    'ERR_SIGN_IN_REFUSED',
    'ERR_ACCOUNT_LOCKED',
    'ERR_POLICY_BLOCKED',
    'ERR_ENTRA_APP_UNKNOWN',
    'ERR_INTERNAL',
  ] as const)("isn't concluded from %s", async (code) => {
    const bench = await signedIn(createBench());
    bench.source.script.push(new AppError(code));
    await expect(bench.refresher.get(patient)).rejects.toMatchObject({ code });
    bench.clock.advance(60 * MINUTE);
    await bench.refresher.get(patient);
    expect(bench.source.sent).toEqual(['refresh-0', 'refresh-0']);
  });
});

describe('a back-off', () => {
  it.each([-DAY, -60 * MINUTE, DAY])('ends within the time it named when the clock is moved by %i ms', async (move) => {
    const bench = await signedIn(createBench());
    bench.source.script.push(new AppError('ERR_THROTTLED', { retryAfterMs: 60_000 }));
    await expect(bench.refresher.get(urgent)).rejects.toMatchObject({ code: 'ERR_THROTTLED' });
    bench.clock.set(move);
    bench.clock.advance(60_001);
    await bench.refresher.get(patient);
    expect(bench.source.sent).toHaveLength(2);
  });

  it("that was written while the clock was ahead doesn't make anyone wait", async () => {
    const bench = await signedIn(createBench());
    bench.source.script.push(new AppError('ERR_THROTTLED', { retryAfterMs: 60 * MINUTE }));
    await expect(bench.refresher.get(urgent)).rejects.toMatchObject({ code: 'ERR_THROTTLED' });
    bench.clock.set(-DAY);
    bench.restart();
    await bench.refresher.get(patient);
  });
});

describe('a refresh that a sign-in overtakes', () => {
  it.each(['lands', 'fails', 'hangs'])(
    'and that %s later returns the token of the sign-in to anyone who waits',
    async (how) => {
      const bench = await signedIn(createBench());
      let end: (error?: AppError) => void = () => undefined;
      bench.source.script.push(
        () => new Promise((resolve, reject) => (end = (error) => (error === undefined ? resolve() : reject(error)))),
      );
      const waiting = bench.refresher.get(urgent);
      await expect.poll(() => bench.source.sent.length).toBe(1);
      const signedInWith = await bench.refresher.adopt(bench.source.grant());
      expect(await waiting).toBe(signedInWith);
      if (how === 'lands') end();
      if (how === 'fails') end(new AppError('ERR_SIGN_IN_ENDED'));
      await bench.records.flush();
      expect(bench.refresher.current()).toBe(signedInWith);
      expect((await bench.store.get(KEY))?.reveal()).toContain('refresh-1');
    },
  );
});

describe('an entry that another program has changed', () => {
  const another = serializeRecord(fakeRecord('of-another-sign-in'));

  it('counts for the next refresh', async () => {
    const bench = await signedIn(createBench());
    await bench.refresher.get(patient);
    await bench.store.set(KEY, another);
    bench.clock.advance(50 * MINUTE);
    await bench.refresher.get(patient);
    expect(bench.source.sent).toEqual(['refresh-0', 'of-another-sign-in']);
    expect((await bench.store.get(KEY))?.reveal()).toContain('refresh-2');
    expect(bench.log.events).toContain('keystore-entry-replaced');
  });

  it('is read again, not overwritten, when a refresh has rotated the older token', async () => {
    const bench = await signedIn(createBench());
    await bench.refresher.get(patient);
    bench.source.script.push(() => bench.store.set(KEY, another));
    bench.clock.advance(50 * MINUTE);
    await bench.refresher.get(patient);
    expect(bench.source.sent).toEqual(['refresh-0', 'refresh-1', 'of-another-sign-in']);
    expect((await bench.store.get(KEY))?.reveal()).toContain('refresh-3');
  });

  it('is never ended because of the older token', async () => {
    const bench = await signedIn(createBench());
    await bench.refresher.get(patient);
    bench.source.script.push(async () => {
      await bench.store.set(KEY, another);
      throw new AppError('ERR_SIGN_IN_ENDED');
    });
    bench.clock.advance(70 * MINUTE);
    await bench.refresher.get(patient);
    expect(bench.source.sent).toEqual(['refresh-0', 'refresh-1', 'of-another-sign-in']);
    expect(bench.signInNeeded).toEqual([]);
    bench.restart();
    expect((await bench.refresher.get(patient)).username).toBe('ada@contoso.example');
  });

  it("stays removed, and its token isn't handed to anyone", async () => {
    const bench = await signedIn(createBench());
    await bench.refresher.get(patient);
    await bench.store.delete(KEY);
    bench.clock.advance(50 * MINUTE);
    await expect(bench.refresher.refresh(patient)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
    expect(bench.refresher.current()).toBeUndefined();
    expect(await bench.store.get(KEY)).toBeUndefined();
  });
});

describe('a token', () => {
  it.each(['refresh', 'sign-in'] as const)(
    "of a %s isn't handed to anyone before its record is stored",
    async (how) => {
      const bench = await signedIn(createBench());
      const first = await bench.refresher.get(patient);
      bench.clock.advance(45 * MINUTE);
      const { set } = bench.store;
      const kept = new Promise<() => void>((resolve) => {
        bench.store.set = (key, value) =>
          new Promise<void>((release) => resolve(release)).then(() => set.call(bench.store, key, value));
      });
      const renewed = how === 'refresh' ? bench.refresher.get(patient) : bench.refresher.adopt(bench.source.grant());
      const release = await kept;
      expect(bench.refresher.current()).toBe(first);
      release();
      expect((await renewed).value.reveal()).toBe('access-2');
    },
  );
});

describe('a locked keystore', () => {
  it("is asked less and less often to take what couldn't be saved, by one timer", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const bench = await signedIn(createBench());
    await bench.records.summary();
    bench.store.lock();
    const set = vi.spyOn(bench.store, 'set');
    for (let grants = 0; grants < 10; grants += 1) await bench.records.keep(bench.source.grant().record);
    expect(set).toHaveBeenCalledTimes(10);
    await vi.advanceTimersByTimeAsync(6 * 60 * MINUTE);
    expect(set.mock.calls.length).toBeLessThan(10 + 8);
    bench.store.unlock();
    await vi.advanceTimersByTimeAsync(60 * MINUTE);
    expect(bench.records.unsaved).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('signing out', () => {
  it.each([
    ['hangs', () => new Promise<void>(() => undefined)],
    ['fails later', async () => void (await setTimeout(200).then(() => Promise.reject(new AppError('ERR_NETWORK'))))],
  ])('withholds the token from those who wait while a refresh %s', async (_, step) => {
    const bench = await signedIn(createBench());
    await bench.refresher.get(patient);
    bench.clock.advance(50 * MINUTE);
    bench.source.script.push(step);
    const waiting = bench.refresher.get(patient);
    waiting.catch(() => undefined);
    await expect.poll(() => bench.source.sent.length).toBe(2);
    await bench.refresher.forget();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
  });

  it("removes the record, and a refresh that lands later doesn't bring it back", async () => {
    const bench = await signedIn(createBench());
    let land: () => void = () => undefined;
    bench.source.script.push(() => new Promise((resolve) => (land = resolve)));
    const refresh = bench.refresher.get(urgent);
    await expect.poll(() => bench.source.sent.length).toBe(1);
    expect(await bench.refresher.forget()).toBe(true);
    land();
    await expect(refresh).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
    expect(await bench.store.get(KEY)).toBeUndefined();
    expect(bench.refresher.current()).toBeUndefined();
    await expect(bench.refresher.get(urgent)).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
  });
});

describe('a keystore in trouble', () => {
  it('locked isn\'t "no one is signed in", and costs nothing once it is unlocked', async () => {
    const bench = await signedIn(createBench());
    bench.store.lock();
    await expect(bench.refresher.get(urgent)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_LOCKED' });
    bench.store.unlock();
    await bench.refresher.get(urgent);
    expect(bench.source.sent).toEqual(['refresh-0']);
  });

  it.each([
    ['truncated', '{"v":1,"refre', 'ERR_KEYSTORE_DAMAGED'],
    ['foreign', 'something else', 'ERR_KEYSTORE_DAMAGED'],
    ["a newer version's", '{"v":3,"what":"ever"}', 'ERR_KEYSTORE_RECORD'],
  ])("a %s record is an error and doesn't change", async (_, text, code) => {
    const bench = createBench();
    await bench.store.set(KEY, new Secret(text));
    await expect(bench.refresher.get(urgent)).rejects.toMatchObject({ code });
    await bench.refresher.stop();
    expect((await bench.store.get(KEY))?.reveal()).toBe(text);
    expect(bench.source.sent).toEqual([]);
  });
});

describe('the state file', () => {
  it('is written after the answer, and only if something changes', async () => {
    const bench = await signedIn(createBench());
    await bench.refresher.get(urgent);
    const file = join(bench.folder, 'agent.json');
    const before = statSync(file).ino;
    bench.refresher.noteRequest();
    expect(statSync(file).ino).toBe(before);
    await setImmediate();
    const after = statSync(file).ino;
    expect(after).not.toBe(before);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      identities: { [KEY]: { lastAskedAt: bench.clock.now() } },
    });
    bench.state.update(KEY, { backOff: undefined, username: 'ada@contoso.example' });
    expect(statSync(file).ino).toBe(after);
  });

  it('holds no secret', async () => {
    const bench = await signedIn(createBench());
    await bench.refresher.get(urgent);
    bench.refresher.noteRequest();
    const text = readFileSync(join(bench.folder, 'agent.json'), 'utf8');
    expect(text).toContain('ada@contoso.example');
    expect(text).not.toMatch(/access-|refresh-/);
  });

  it.each(['', '{', '[]', '{"version":2}', '{"version":1,"identities":{"x":{"backOff":"soon"}}}'])(
    'is ignored when it says %s',
    async (text) => {
      const bench = await signedIn(createBench());
      writeFileSync(join(bench.folder, 'agent.json'), text, { mode: 0o600 });
      bench.restart();
      await bench.refresher.get(urgent);
    },
  );

  it("that can't be written doesn't cost a token", async () => {
    const bench = await signedIn(createBench());
    rmSync(join(bench.folder, 'agent.json'), { force: true });
    mkdirSync(join(bench.folder, 'agent.json'));
    chmodSync(bench.folder, 0o700);
    await bench.refresher.get(urgent);
    expect(bench.refresher.current()).toBeDefined();
  });
});
