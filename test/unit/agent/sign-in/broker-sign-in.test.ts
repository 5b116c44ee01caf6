import { describe, expect, it } from 'vitest';
import type { SignInPage, SignInPageCallbacks } from '../../../../src/agent/sign-in/page-lifetime.ts';
import { PageRecall } from '../../../../src/agent/sign-in/page-recall.ts';
import { SignIn } from '../../../../src/agent/sign-in/sign-in.ts';
import { AppError } from '../../../../src/core/errors.ts';
import type { SignInProgress } from '../../../../src/ipc/protocol.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { FakeTokenSource } from '../../../support/fakes/fake-token-source.ts';
import { LogProbe } from '../support.ts';

const STEP = new AppError('ERR_SIGN_IN_STEP_REQUIRED');

function bench({ isBrowserAllowed = false } = {}) {
  const clock = new FakeClock();
  const source = new FakeTokenSource();
  const log = new LogProbe();
  const opened: string[] = [];
  const pages: SignInPageCallbacks[] = [];
  const progress: SignInProgress[] = [];
  const signIn = new SignIn({
    ...{ source, clock, log, isBrowserAllowed },
    random: () => 0.5,
    recall: new PageRecall({ clock, log, notify: undefined }),
    adopt: async (grant) => ({
      value: grant.accessToken,
      username: grant.record.username,
      minted: { wall: 0, monotonic: 0 },
      lifetimeMs: grant.lifetimeMs,
    }),
    openPage: (callbacks) => {
      pages.push(callbacks);
      return new QuietPage();
    },
    openUrl: async (url) => opened.push(url) > 0,
    method: 'broker',
  });
  signIn.follow((step) => progress.push(step));
  const view = () => pages.at(-1)?.state().state;
  return { signIn, source, opened, pages, view, progress, clock };
}

class QuietPage implements SignInPage {
  async start(): Promise<void> {}
  newUrl = () => 'http://127.0.0.1:1/p/1';
  redirectUri = () => 'http://127.0.0.1:1/callback';
  redirect = () => new Promise<never>(() => undefined);
  lastSeen = () => undefined;
  lastVisible = () => undefined;
  async close(): Promise<void> {}
}

describe('a sign-in with the broker', () => {
  it('opens no page if it works', async () => {
    const { signIn, opened, pages } = bench();
    expect((await signIn.request({ openBrowser: true })).username).toBe('ada@contoso.example');
    expect([opened, pages]).toEqual([[], []]);
  });

  it("opens no page while the system's window is open, and tells the terminal", async () => {
    const { signIn, source, opened, progress } = bench();
    source.noSilentSignIn = STEP;
    let finish = (): void => undefined;
    source.script.push(() => new Promise((resolve) => (finish = resolve)));
    const outcome = signIn.request({ openBrowser: true });
    await expect.poll(() => progress.at(-1)).toEqual({ state: 'system-dialog' });
    expect(opened).toEqual([]);
    finish();
    await outcome;
    expect(opened).toEqual([]);
  });

  it('opens the page if it fails, once', async () => {
    const { signIn, source, opened, view } = bench();
    source.noSilentSignIn = new AppError('ERR_BROKER_MISSING', { detail: 'none' });
    const outcomes = [signIn.request({ openBrowser: true }), signIn.request({ openBrowser: true })];
    await Promise.all(outcomes.map((outcome) => expect(outcome).rejects.toMatchObject({ code: 'ERR_BROKER_MISSING' })));
    await expect.poll(() => opened).toHaveLength(1);
    expect(view()).toMatchObject({ state: 'blocked', code: 'ERR_BROKER_MISSING', method: 'broker' });
    expect(view()).not.toHaveProperty('offersBrowser');
  });

  it.each(['ERR_SIGN_IN_DECLINED', 'ERR_SIGN_IN_CANCELLED'] as const)(
    "opens no page if the user has closed the system's window (%s)",
    async (code) => {
      const { signIn, source, opened } = bench();
      source.noSilentSignIn = STEP;
      source.script.push(new AppError(code));
      await expect(signIn.request({ openBrowser: true })).rejects.toMatchObject({ code });
      expect(opened).toEqual([]);
    },
  );

  it('never opens a page or a window if no one may be prompted, and says what would help', async () => {
    const { signIn, source, opened, progress } = bench();
    source.noSilentSignIn = STEP;
    await expect(signIn.request({ openBrowser: false })).rejects.toMatchObject({
      code: 'ERR_SIGN_IN_STEP_REQUIRED',
      reason: expect.stringContaining('--no-browser') as string,
    });
    expect(opened).toEqual([]);
    expect(progress).not.toContainEqual({ state: 'system-dialog' });
  });

  it('opens the window for someone who joins and may be prompted', async () => {
    const { signIn, source, progress } = bench();
    const ordinary = source.signInWithBroker.bind(source);
    let answer = (): void => undefined;
    source.signInWithBroker = async (options) => {
      await new Promise<void>((resolve) => (answer = resolve));
      return ordinary(options);
    };
    source.noSilentSignIn = STEP;
    const first = signIn.request({ openBrowser: false });
    const second = signIn.request({ openBrowser: true });
    answer();
    expect(await first).toBe(await second);
    expect(progress).toContainEqual({ state: 'system-dialog' });
  });

  it("doesn't ask the broker a second time what it has just answered", async () => {
    const { signIn, source } = bench();
    await signIn.request({ openBrowser: true, failedSilently: STEP });
    expect(source.brokered).toMatchObject([{ failedSilently: STEP }]);
    await signIn.request({ openBrowser: true });
    expect(source.brokered[1]?.failedSilently).toBeUndefined();
  });
});

describe('the page after the broker failed', () => {
  it.each([
    ['ERR_BROKER_MISSING', 'blocked'],
    ['ERR_POLICY_BLOCKED', 'blocked'],
    ['ERR_BROKER', 'failed'],
    ['ERR_NETWORK', 'failed'],
  ] as const)('offers the browser if the settings allow it (%s)', async (code, state) => {
    const { signIn, source, view, pages } = bench({ isBrowserAllowed: true });
    source.noSilentSignIn = new AppError(code);
    await expect(signIn.request({ openBrowser: true })).rejects.toMatchObject({ code });
    await expect.poll(view).toMatchObject({ state, code, offersBrowser: true });
    pages[0]?.onUseBrowser();
    await expect.poll(view).toMatchObject({ state: 'browser' });
    expect(source.asked).toHaveLength(1);
    await signIn.stop();
  });

  it('tries again with the system, which may then open its window', async () => {
    const { signIn, source, view, pages, opened } = bench();
    source.noSilentSignIn = new AppError('ERR_BROKER');
    await expect(signIn.request({ openBrowser: true })).rejects.toThrow();
    await expect.poll(view).toMatchObject({ state: 'failed', code: 'ERR_BROKER' });
    source.noSilentSignIn = STEP;
    let finish = (): void => undefined;
    source.script.push(() => new Promise((resolve) => (finish = resolve)));
    pages[0]?.onNewCode();
    await expect.poll(view).toEqual({ state: 'system-dialog' });
    finish();
    await expect.poll(view).toMatchObject({ state: 'signed-in' });
    expect(opened).toHaveLength(1);
  });

  it('tries again on its own when the network is back', async () => {
    const { signIn, source, view, pages, clock } = bench();
    source.noSilentSignIn = new AppError('ERR_NETWORK');
    await expect(signIn.request({ openBrowser: true })).rejects.toThrow();
    await expect.poll(view).toMatchObject({ state: 'failed', retrying: true });
    source.noSilentSignIn = undefined;
    clock.advance(10_000);
    const [page] = pages;
    if (page !== undefined) page.onShown(page.state().state, true);
    await expect.poll(view).toMatchObject({ state: 'signed-in' });
  });

  it('lets the user choose another account after the wrong one', async () => {
    const { signIn, source, pages, view } = bench();
    source.noSilentSignIn = new AppError('ERR_SIGN_IN_OTHER_ACCOUNT', { account: 'bob', expectedAccount: 'ada' });
    await expect(signIn.request({ openBrowser: false })).rejects.toThrow();
    source.noSilentSignIn = undefined;
    await signIn.request({ openBrowser: true });
    expect(source.brokered.at(-1)).toMatchObject({ selectAccount: true });
    expect([pages.length, view()]).toEqual([0, undefined]);
  });
});
