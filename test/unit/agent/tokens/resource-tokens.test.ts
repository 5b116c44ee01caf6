// Tokens for other resources: all from one sign-in, which none of their failures touches.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ResourceStates } from '../../../../src/agent/tokens/resource-state.ts';
import { AppError, type ErrorCode } from '../../../../src/core/errors.ts';
import { parseRecord } from '../../../../src/entra/refresh-token-record.ts';
import { KEY, MINUTE } from '../support.ts';
import { createResourceBench, GIT, MCP, type ResourceBench, refusal } from './resource-bench.ts';

const HOUR = 60 * MINUTE;

const storedKind = async ({ store }: ResourceBench): Promise<string | undefined> => {
  const secret = await store.get(KEY);
  return secret && parseRecord(secret).kind;
};

/** What the sign-in itself has of failures. */
const ownState = ({ refresher, state, signInNeeded, signInChanges }: ResourceBench) => {
  const { backOff, lastRefusal, lastProblem } = refresher;
  const { ended, claims } = state.get(KEY);
  return { backOff, lastRefusal, lastProblem, signInNeeded, signInChanges, ended, claims, last: state.lastFailure };
};

describe('a token for another resource', () => {
  it('comes from the same sign-in, whose refresh token it rotates', async () => {
    const bench = await createResourceBench();
    await bench.refresher.get({ urgent: true });
    const token = await bench.resources.of(MCP).get();
    const other = await bench.resources.of(GIT).get();
    await bench.refresher.refresh({ urgent: true });
    expect(bench.scopes).toEqual([undefined, MCP, GIT, undefined]);
    expect(bench.source.sent).toEqual(['refresh-0', 'refresh-1', 'refresh-2', 'refresh-3']);
    expect([token.value.reveal(), other.value.reveal()]).toEqual(['access-2', 'access-3']);
    expect(token.username).toBe('ada@contoso.example');
  });

  it('never uses a refresh token at the same time as another grant, no matter how many ask', async () => {
    const bench = await createResourceBench();
    const { resources, refresher } = bench;
    const asked = [MCP, GIT, MCP, GIT, MCP].map((scope) => resources.of(scope).get());
    const all = await Promise.all([...asked, refresher.get({ urgent: true }), refresher.refresh({ urgent: true })]);
    // Those who ask for the same one share a refresh.
    expect(new Set(all.map(({ value }) => value.reveal())).size).toBe(3);
    expect(bench.atOnce).toBe(1);
    expect(bench.source.sent).toEqual(['refresh-0', 'refresh-1', 'refresh-2']);
  });

  it('is handed out again while it has 35 minutes left, and then replaced', async () => {
    const bench = await createResourceBench();
    const source = bench.resources.of(MCP);
    const first = await source.get();
    bench.clock.advance(25 * MINUTE);
    expect(await source.get()).toBe(first);
    bench.clock.advance(1);
    expect(await source.get()).not.toBe(first);
    expect(bench.scopes).toEqual([MCP, MCP]);
  });

  it('is handed out as long as it works if Entra fails', async () => {
    const bench = await createResourceBench();
    const source = bench.resources.of(MCP);
    const first = await source.get();
    bench.refusals.set(MCP, new AppError('ERR_NETWORK_TIMEOUT'));
    bench.clock.advance(59 * MINUTE);
    expect(await source.get()).toBe(first);
    bench.clock.advance(MINUTE);
    await expect(source.get()).rejects.toMatchObject({ code: 'ERR_NETWORK_TIMEOUT' });
    expect(ownState(bench)).toMatchObject({ backOff: undefined, lastProblem: undefined, last: undefined });
  });

  it("needs a sign-in, and doesn't tell the user", async () => {
    const bench = await createResourceBench();
    await bench.store.delete(KEY);
    await expect(bench.resources.of(MCP).get()).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
    expect(bench.scopes).toEqual([]);
    expect(bench.signInNeeded).toEqual([]);
  });

  it('says so if the sign-in has ended', async () => {
    const bench = await createResourceBench();
    bench.refusals.set('', refusal('ERR_SIGN_IN_ENDED', 'AADSTS50173'));
    await expect(bench.refresher.get({ urgent: true })).rejects.toMatchObject({ code: 'ERR_SIGN_IN_ENDED' });
    await expect(bench.resources.of(MCP).get()).rejects.toMatchObject({
      code: 'ERR_SIGN_IN_ENDED',
      account: 'ada@contoso.example',
    });
    expect(bench.signInNeeded).toEqual(['ada@contoso.example']);
  });
});

describe('a refusal of another resource', () => {
  it.each<[ErrorCode, ErrorCode]>([
    ['ERR_CONSENT_REQUIRED', 'ERR_RESOURCE_CONSENT_REQUIRED'],
    ['ERR_ENTRA_SCOPE', 'ERR_RESOURCE_UNKNOWN'],
    ['ERR_ENTRA_SERVICE_MISSING', 'ERR_RESOURCE_UNKNOWN'],
    ['ERR_ENTRA_RESOURCE_MISSING', 'ERR_RESOURCE_UNKNOWN'],
    ['ERR_ENTRA_RESOURCE_DISABLED', 'ERR_ENTRA_RESOURCE_DISABLED'],
    ['ERR_SIGN_IN_STEP_REQUIRED', 'ERR_RESOURCE_STEP_REQUIRED'],
    ['ERR_SIGN_IN_REFUSED', 'ERR_SIGN_IN_REFUSED'],
    ['ERR_POLICY_BLOCKED', 'ERR_POLICY_BLOCKED'],
    ['ERR_TOKEN_PROTECTION', 'ERR_TOKEN_PROTECTION'],
    ['ERR_NOT_ASSIGNED', 'ERR_NOT_ASSIGNED'],
  ])('%s is reported as %s, and the sign-in is as it was', async (sent, reported) => {
    const bench = await createResourceBench();
    bench.refusals.set(MCP, refusal(sent, 'AADSTS65001 ("scope")'));
    const before = structuredClone(ownState(bench));
    const failed = bench.resources.of(MCP).get();
    await expect(failed).rejects.toMatchObject({
      code: reported,
      detail: `${MCP}, AADSTS65001`,
      correlationId: '11111111-2222-3333-4444-555555555555',
    });
    expect(ownState(bench)).toEqual(before);
    expect(await storedKind(bench)).toBe('active');
    await bench.refresher.get({ urgent: true });
    await bench.resources.of(GIT).get();
    expect(bench.resources.status()).toMatchObject([
      { scope: MCP, problem: { code: reported, at: expect.any(String) } },
      { scope: GIT, token: { remainingSeconds: 3600 } },
    ]);
  });

  it.each(['ERR_SIGN_IN_ENDED', 'ERR_DEVICE_CODE_BLOCKED'] as const)(
    "%s doesn't end a sign-in that works for Foundry",
    async (code) => {
      const bench = await createResourceBench();
      bench.refusals.set(MCP, refusal(code, 'AADSTS70043'));
      await expect(bench.resources.of(MCP).get()).rejects.toMatchObject({ code: 'ERR_RESOURCE_STEP_REQUIRED' });
      await Promise.all(bench.triggered);
      // The sign-in has been tried once for Foundry, and is fine.
      expect(bench.scopes).toEqual([MCP, undefined]);
      expect(await storedKind(bench)).toBe('active');
      expect(bench.refresher.current()).toBeDefined();
      bench.clock.advance(6_000);
      await expect(bench.resources.of(MCP).get()).rejects.toMatchObject({ code: 'ERR_RESOURCE_STEP_REQUIRED' });
      await Promise.all(bench.triggered);
      expect(bench.scopes).toEqual([MCP, undefined, MCP]);
      expect(bench.signInNeeded).toEqual([]);
    },
  );

  it('of a dead refresh token lets the sign-in find out, which then ends as usual', async () => {
    const bench = await createResourceBench();
    const dead = refusal('ERR_SIGN_IN_ENDED', 'AADSTS50173');
    bench.refusals.set(MCP, dead).set('', dead);
    await expect(bench.resources.of(MCP).get()).rejects.toMatchObject({ code: 'ERR_RESOURCE_STEP_REQUIRED' });
    await Promise.all(bench.triggered);
    expect(await storedKind(bench)).toBe('ended');
    expect(bench.signInNeeded).toEqual(['ada@contoso.example']);
    await expect(bench.resources.of(MCP).get()).rejects.toMatchObject({ code: 'ERR_SIGN_IN_ENDED' });
    expect(bench.scopes).toEqual([MCP, undefined]);
  });

  it("keeps a claims challenge for this resource's own sign-in", async () => {
    const bench = await createResourceBench();
    bench.refusals.set(MCP, new AppError('ERR_SIGN_IN_STEP_REQUIRED', { claims: '{"access_token":{}}' }));
    await expect(bench.resources.of(MCP).get()).rejects.toMatchObject({ code: 'ERR_RESOURCE_STEP_REQUIRED' });
    expect(bench.state.get(KEY).claims).toBeUndefined();
    expect(bench.state.get(KEY).resources?.[MCP]?.claims).toBe('{"access_token":{}}');
    bench.refusals.clear();
    bench.clock.advance(6_000);
    await bench.resources.of(MCP).get();
    expect(bench.state.get(KEY).resources?.[MCP]?.claims).toBeUndefined();
  });
});

describe('the back-off of another resource', () => {
  it('holds for that resource only, also after a restart', async () => {
    const bench = await createResourceBench();
    bench.refusals.set(MCP, refusal('ERR_CONSENT_REQUIRED', 'AADSTS65001'));
    const failed = { code: 'ERR_RESOURCE_CONSENT_REQUIRED' };
    await expect(bench.resources.of(MCP).get()).rejects.toMatchObject(failed);
    // Someone waits, so every five seconds is allowed, but not more.
    await expect(bench.resources.of(MCP).get()).rejects.toMatchObject(failed);
    expect(bench.scopes).toEqual([MCP]);
    await bench.resources.of(GIT).get();
    await bench.refresher.get({ urgent: true });
    expect(bench.scopes).toEqual([MCP, GIT, undefined]);
    bench.restart();
    expect(bench.resources.status()).toMatchObject([{ scope: MCP, problem: failed }, { scope: GIT }]);
    expect(bench.resources.status()[1]).not.toHaveProperty('problem');
    bench.refusals.clear();
    bench.clock.advance(6_000);
    await bench.resources.of(MCP).get();
    expect(bench.resources.status()[0]).not.toHaveProperty('problem');
  });

  it('heeds the time that Entra names, also after a restart, while others continue', async () => {
    const bench = await createResourceBench();
    bench.refusals.set(MCP, new AppError('ERR_THROTTLED', { retryAfterMs: 5 * MINUTE }));
    await expect(bench.resources.of(MCP).get()).rejects.toMatchObject({ code: 'ERR_THROTTLED' });
    bench.refusals.clear();
    bench.restart();
    bench.clock.advance(4 * MINUTE);
    await expect(bench.resources.of(MCP).get()).rejects.toMatchObject({ code: 'ERR_THROTTLED' });
    await bench.resources.of(GIT).get();
    expect(bench.scopes).toEqual([MCP, GIT]);
    bench.clock.advance(MINUTE);
    await bench.resources.of(MCP).get();
  });

  it("isn't tried around the time that Entra named to the sign-in itself", async () => {
    const bench = await createResourceBench();
    bench.refusals.set('', new AppError('ERR_THROTTLED', { retryAfterMs: 5 * MINUTE }));
    await expect(bench.refresher.get({ urgent: true })).rejects.toMatchObject({ code: 'ERR_THROTTLED' });
    await expect(bench.resources.of(MCP).get()).rejects.toMatchObject({ code: 'ERR_THROTTLED' });
    expect(bench.scopes).toEqual([undefined]);
    bench.clock.advance(5 * MINUTE);
    await bench.resources.of(MCP).get();
  });
});

describe('a new sign-in', () => {
  it('drops the tokens and discards a refresh from before it', async () => {
    const bench = await createResourceBench();
    const first = await bench.resources.of(MCP).get();
    let answer = (): void => undefined;
    bench.source.script.push(() => new Promise((resolve) => (answer = resolve)));
    const waiting = bench.resources.of(GIT).get();
    await expect.poll(() => bench.scopes).toEqual([MCP, GIT]);
    const signIn = bench.source.grant('grace@contoso.example');
    const adopted = bench.refresher.adopt(signIn);
    bench.resources.drop();
    answer();
    await adopted;
    expect((await waiting).username).toBe('grace@contoso.example');
    expect(await bench.resources.of(MCP).get()).not.toBe(first);
    expect(bench.source.sent.at(-1)).not.toBe('refresh-0');
    const [used] = bench.source.sent.slice(2);
    if (!('refreshToken' in signIn.record)) throw new Error('no refresh token');
    expect(used).toBe(signIn.record.refreshToken.reveal());
  });

  it("doesn't get back what a sign-out has removed", async () => {
    const bench = await createResourceBench();
    let answer = (): void => undefined;
    bench.source.script.push(() => new Promise((resolve) => (answer = resolve)));
    const waiting = bench.resources.of(MCP).get();
    await expect.poll(() => bench.scopes).toEqual([MCP]);
    const removed = bench.refresher.forget();
    await removed;
    bench.resources.drop();
    answer();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
    expect(await storedKind(bench)).toBeUndefined();
  });
});

it('a record that another program has replaced is used for the next try', async () => {
  const bench = await createResourceBench();
  bench.source.script.push(async () => {
    const { serializeRecord } = await import('../../../../src/entra/refresh-token-record.ts');
    const { fakeRecord } = await import('../../../support/fakes/fake-token-source.ts');
    await bench.store.set(KEY, serializeRecord(fakeRecord('refresh-of-another-program')));
  });
  await bench.resources.of(MCP).get();
  expect(bench.source.sent).toEqual(['refresh-0', 'refresh-of-another-program']);
});

describe('the state file', () => {
  it("has no token, and forgets what isn't allowed anymore", async () => {
    const bench = await createResourceBench();
    await bench.resources.of(MCP).get();
    await bench.resources.of(GIT).get();
    const text = readFileSync(join(bench.folder, 'agent.json'), 'utf8');
    expect(text).toContain(MCP);
    expect(text).not.toMatch(/access-\d|refresh-\d/);
    const states = new ResourceStates(bench.state, KEY);
    states.prune([GIT]);
    expect(Object.keys(bench.state.get(KEY).resources ?? {})).toEqual([GIT]);
    states.prune([]);
    expect(bench.state.get(KEY)).not.toHaveProperty('resources');
  });
});

describe('the timer of another resource', () => {
  const pass = async (bench: ResourceBench, ms: number, stepMs = MINUTE): Promise<void> => {
    for (let passed = 0; passed < ms; passed += stepMs) {
      bench.clock.advance(stepMs);
      await vi.advanceTimersByTimeAsync(stepMs);
    }
  };

  it('keeps a token ready only while someone uses it, and never wakes for it alone', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const bench = await createResourceBench();
      const source = bench.resources.of(MCP);
      for (let asked = 0; asked < 8; asked += 1) {
        const before = bench.scopes.length;
        await source.get();
        // Only the first one waits.
        expect(bench.scopes.length - before).toBe(asked === 0 ? 1 : 0);
        await pass(bench, 15 * MINUTE);
      }
      await pass(bench, 2.5 * HOUR, 5 * MINUTE);
      const used = bench.scopes.length;
      // Longer than the sign-in itself goes without a refresh.
      bench.clock.advance(8 * 24 * HOUR);
      await pass(bench, 15 * MINUTE);
      expect(bench.scopes.length).toBe(used);
    } finally {
      vi.useRealTimers();
    }
  });

  it('stops with the settings that allowed it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const bench = await createResourceBench();
      await bench.resources.of(MCP).get();
      await bench.resources.stop();
      await bench.resources.of(GIT).get();
      await pass(bench, 2 * HOUR, 5 * MINUTE);
      expect(bench.scopes).toEqual([MCP, GIT]);
    } finally {
      vi.useRealTimers();
    }
  });
});
