// Claude Code doesn't say why it asks. It asks sooner than it needs to, which shows why.
import { describe, expect, it } from 'vitest';
import { TokenIssuance } from '../../../../src/agent/tokens/token-issuance.ts';
import { claudeCodeSession } from '../../../../src/helper/claude-code-session.ts';
import { type Bench, createBench, MINUTE, signedIn } from '../support.ts';

const TTL = 5 * MINUTE;

async function ready() {
  const bench = await signedIn(createBench());
  const issuance = new TokenIssuance({ ...bench, desktopTtlMs: () => 15 * MINUTE });
  const next = async (session: string): Promise<string> =>
    (await issuance.next('background', 5_000, { session, ttlMs: TTL })).value.reveal();
  const desktop = async (): Promise<string> => (await issuance.next('mid-session-refresh', 5_000)).value.reveal();
  return { bench, next, desktop };
}

const grants = (bench: Bench): number => bench.source.sent.length;

describe('a process of Claude Code that asks again', () => {
  it('after its own time gets what there is', async () => {
    const { bench, next } = await ready();
    expect(await next('a')).toBe('access-1');
    bench.clock.advance(TTL);
    expect(await next('a')).toBe('access-1');
    expect(grants(bench)).toBe(1);
  });

  it('sooner had its token rejected, and gets another one', async () => {
    const { bench, next } = await ready();
    expect(await next('a')).toBe('access-1');
    bench.clock.advance(2 * MINUTE);
    expect(await next('a')).toBe('access-2');
    expect(grants(bench)).toBe(2);
  });

  it('sooner, with a token minted moments ago, gets that', async () => {
    const { bench, next } = await ready();
    await next('a');
    bench.clock.advance(2 * MINUTE);
    await bench.refresher.refresh({ urgent: false });
    bench.clock.advance(1_000);
    expect(await next('a')).toBe('access-2');
    expect(grants(bench)).toBe(2);
  });

  it('sooner than another process did, or than Claude Desktop did, says nothing', async () => {
    const { bench, next, desktop } = await ready();
    await next('a');
    bench.clock.advance(2 * MINUTE);
    expect(await next('b')).toBe('access-1');
    expect(await desktop()).toBe('access-1');
    expect(grants(bench)).toBe(1);
  });

  it('once in a minute at most makes Entra work, no matter how many of them had it rejected', async () => {
    const { bench, next } = await ready();
    for (const session of ['a', 'b', 'c']) await next(session);
    bench.clock.advance(2 * MINUTE);
    expect(await Promise.all(['a', 'b', 'c'].map(next))).toEqual(['access-2', 'access-2', 'access-2']);
    expect(grants(bench)).toBe(2);
  });

  it('is forgotten when many others came since', async () => {
    const { bench, next } = await ready();
    await next('first');
    for (let other = 0; other < 64; other += 1) await next(`other ${other}`);
    bench.clock.advance(2 * MINUTE);
    expect(await next('first')).toBe('access-1');
    expect(grants(bench)).toBe(1);
  });
});

describe('the session', () => {
  it.each([
    [{ CLAUDE_CODE_MESSAGING_SOCKET: '/tmp/s', CLAUDE_CODE_API_KEY_HELPER_TTL_MS: '900000' }, '/tmp/s', 900_000],
    [{}, 'process 7', 300_000],
    [{ CLAUDE_CODE_API_KEY_HELPER_TTL_MS: 'soon' }, 'process 7', 300_000],
    [{ CLAUDE_CODE_API_KEY_HELPER_TTL_MS: '-1' }, 'process 7', 300_000],
  ])('of %j', (env, session, ttlMs) => {
    expect(claudeCodeSession(env, 7)).toEqual({ session, ttlMs });
  });
});
