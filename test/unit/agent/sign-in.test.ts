import { describe, expect, it } from 'vitest';
import { type Prompt, type PromptCallbacks, promptStateOf, SignIn } from '../../../src/agent/sign-in.ts';
import { AppError, errorCatalog } from '../../../src/core/errors.ts';
import type { SignInProgress } from '../../../src/ipc/protocol.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { FakeTokenSource } from '../../fakes/fake-token-source.ts';
import { LogProbe } from './support.ts';

class FakePrompt implements Prompt {
  urls = 0;
  seen: number | undefined;
  closed = false;
  callbacks: PromptCallbacks | undefined;
  async start(): Promise<void> {}
  newUrl(): string {
    this.urls += 1;
    return `http://127.0.0.1:1/p/${this.urls}`;
  }
  lastSeen(): number | undefined {
    return this.seen;
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

function bench(options: { browser?: boolean } = {}) {
  const clock = new FakeClock();
  const source = new FakeTokenSource();
  const prompts: FakePrompt[] = [];
  const opened: string[] = [];
  const signIn = new SignIn({
    source,
    clock,
    log: new LogProbe(),
    adopt: async (grant) => ({
      value: grant.accessToken,
      username: grant.record.username,
      minted: { wall: 0, monotonic: 0 },
      lifetimeMs: grant.lifetimeMs,
    }),
    openPrompt: (callbacks) => {
      const prompt = new FakePrompt();
      prompt.callbacks = callbacks;
      prompts.push(prompt);
      return prompt;
    },
    openUrl: async (url) => {
      opened.push(url);
      return options.browser ?? true;
    },
    organizationName: 'Contoso',
  });
  /** Lets the next sign-in wait until it is told how to end. */
  const hold = (): (() => void) => {
    let finish: () => void = () => undefined;
    source.script.push(() => new Promise((resolve) => (finish = resolve)));
    return () => finish();
  };
  const view = () => prompts.at(-1)?.callbacks?.state().state;
  return { clock, source, prompts, opened, signIn, hold, view };
}

describe('one sign-in for everybody who asks', () => {
  it('opens one page and resolves all', async () => {
    const { signIn, hold, opened, view } = bench();
    const finish = hold();
    const outcomes = Array.from({ length: 20 }, () => signIn.request({ openBrowser: true }));
    await expect.poll(() => opened.length).toBe(1);
    expect(view()).toMatchObject({ state: 'waiting', userCode: 'ABCD1234' });
    expect(signIn.pending).toBe(true);
    finish();
    const tokens = await Promise.all(outcomes);
    expect(new Set(tokens).size).toBe(1);
    expect(signIn.pending).toBe(false);
    expect(view()).toEqual({ state: 'signed-in', username: 'ada@contoso.example' });
  });

  it('opens the page again only when nobody looks at it any more', async () => {
    const { signIn, hold, opened, prompts, clock } = bench();
    const finish = hold();
    const outcome = signIn.request({ openBrowser: true });
    await expect.poll(() => opened.length).toBe(1);
    clock.advance(60_000);
    const [prompt] = prompts;
    if (prompt === undefined) throw new Error('no prompt');
    prompt.seen = 1_000;
    void signIn.request({ openBrowser: true });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(opened).toHaveLength(1);
    prompt.seen = 60_000;
    void signIn.request({ openBrowser: true });
    await expect.poll(() => opened.length).toBe(2);
    finish();
    await outcome;
  });

  it('tells progress to who joins late, and whether a browser opened', async () => {
    const { signIn, hold } = bench({ browser: false });
    const finish = hold();
    const outcome = signIn.request({ openBrowser: true });
    const seen: SignInProgress[] = [];
    await expect
      .poll(() => {
        seen.length = 0;
        signIn.follow((progress) => seen.push(progress))();
        return seen[0];
      })
      .toMatchObject({ state: 'waiting', userCode: 'ABCD1234', browserOpened: false });
    finish();
    await outcome;
  });

  it('starts afresh when the page asks for a new code', async () => {
    const { signIn, source, prompts, opened, view } = bench();
    source.script.push(new AppError('ERR_SIGN_IN_CODE_EXPIRED'));
    await expect(signIn.request({ openBrowser: true })).rejects.toMatchObject({ code: 'ERR_SIGN_IN_CODE_EXPIRED' });
    await expect.poll(() => opened.length).toBe(1);
    expect(view()).toEqual({ state: 'expired' });
    prompts[0]?.callbacks?.onNewCode();
    await expect.poll(view).toMatchObject({ state: 'signed-in' });
    expect(opened).toHaveLength(1);
  });

  it('closes the page when it is stopped', async () => {
    const { signIn, prompts, opened } = bench();
    await signIn.request({ openBrowser: true });
    await expect.poll(() => opened.length).toBe(1);
    await signIn.stop();
    expect(prompts[0]?.closed).toBe(true);
  });
});

describe('promptStateOf', () => {
  it('has a place for every error, with the remedy for the admin where only one helps', () => {
    for (const code of Object.keys(errorCatalog) as (keyof typeof errorCatalog)[]) {
      const state = promptStateOf(new AppError(code, { correlationId: 'c-1' }));
      const { exit, hint } = errorCatalog[code];
      if (exit === 9 || exit === 3) {
        expect(state).toMatchObject({ state: 'blocked', remedy: hint, correlationId: 'c-1' });
      } else {
        expect(['failed', 'declined', 'expired', 'cancelled']).toContain(state.state);
      }
    }
  });
});
