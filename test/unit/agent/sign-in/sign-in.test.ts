import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SignInPage, SignInPageCallbacks } from '../../../../src/agent/sign-in/page-lifetime.ts';
import { PageRecall } from '../../../../src/agent/sign-in/page-recall.ts';
import { SignIn } from '../../../../src/agent/sign-in/sign-in.ts';
import { pageStateOf, progressOf, type SignInState } from '../../../../src/agent/sign-in/sign-in-state.ts';
import { AppError, errorCatalog } from '../../../../src/core/errors.ts';
import type { SignInMethod } from '../../../../src/core/sign-in-method.ts';
import type { SignInProgress } from '../../../../src/ipc/protocol.ts';
import type { NotifyOutcome } from '../../../../src/notify/notify.ts';
import { offersBrowser, offersNewCode } from '../../../../src/sign-in-page/page-state.ts';
import { RedirectInbox } from '../../../../src/sign-in-page/server/redirect-inbox.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { FakeTokenSource } from '../../../support/fakes/fake-token-source.ts';
import { LogProbe } from '../support.ts';

class FakePage implements SignInPage {
  urls = 0;
  seen: number | undefined;
  /** Whether the page has said that it's hidden. */
  hidden = false;
  closed = false;
  callbacks: SignInPageCallbacks | undefined;
  readonly inbox = new RedirectInbox();
  async start(): Promise<void> {}
  newUrl(): string {
    this.urls += 1;
    return `http://127.0.0.1:1/p/${this.urls}`;
  }
  redirectUri(): string {
    return 'http://127.0.0.1:1/callback';
  }
  redirect(state: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    return this.inbox.expect(state, signal);
  }
  lastSeen(): number | undefined {
    return this.seen;
  }
  lastVisible(): number | undefined {
    return this.hidden ? undefined : this.seen;
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

/** When the sign-in that there is will end. */
const END = { at: Date.UTC(2026, 10, 23, 9), reason: 'policy' } as const;

interface BenchOptions {
  readonly browser?: boolean;
  readonly method?: SignInMethod;
  readonly accountHint?: string;
  readonly adoptError?: AppError;
  /** Whether the system shows notifications. */
  readonly notifications?: boolean;
  readonly claudeUrl?: string;
}

/** A notification on the screen. */
interface Shown {
  readonly session: unknown;
  readonly signal: AbortSignal;
  readonly answer: (outcome: NotifyOutcome) => void;
}

function bench(options: BenchOptions = {}) {
  const clock = new FakeClock();
  const source = new FakeTokenSource();
  const prompts: FakePage[] = [];
  const adopted: string[] = [];
  const opened: string[] = [];
  const sessions: unknown[] = [];
  const shown: Shown[] = [];
  const ends: (string | undefined)[] = [];
  const log = new LogProbe();
  const notify = (session: unknown, signal: AbortSignal) =>
    new Promise<NotifyOutcome>((answer) => {
      signal.addEventListener('abort', () => answer('dismissed'));
      shown.push({ session, signal, answer });
    });
  const signIn = new SignIn({
    isBrowserAllowed: options.method === 'browser',
    source,
    clock,
    log,
    random: () => 0.5,
    recall: new PageRecall({ clock, log, notify: options.notifications ? notify : undefined }),
    onEnd: (error) => void ends.push(error?.code),
    findClaudeUrl: async () => options.claudeUrl,
    adopt: async (grant) => {
      if (options.adoptError !== undefined) throw options.adoptError;
      adopted.push(grant.record.username);
      return {
        value: grant.accessToken,
        username: grant.record.username,
        minted: { wall: 0, monotonic: 0 },
        lifetimeMs: grant.lifetimeMs,
      };
    },
    openPage: (callbacks) => {
      const prompt = new FakePage();
      prompt.callbacks = callbacks;
      prompts.push(prompt);
      return prompt;
    },
    openUrl: async (url, session) => {
      opened.push(url);
      sessions.push(session);
      return options.browser ?? true;
    },
    method: options.method ?? 'device-code',
    organizationName: 'Contoso',
    accountHint: options.accountHint,
    currentAccount: () => 'ada@contoso.example',
    foreseenEnd: () => END,
  });
  /** Lets the next sign-in wait until it is told how to end. */
  const hold = (): (() => void) => {
    let finish: () => void = () => undefined;
    source.script.push(() => new Promise((resolve) => (finish = resolve)));
    return () => finish();
  };
  const view = () => prompts.at(-1)?.callbacks?.state().state;
  /** What the browser brings back from Microsoft's page. */
  const comeBack = (query: string): boolean => prompts.at(-1)?.inbox.take(new URLSearchParams(query)) ?? false;
  /** Someone has the page open, and it asks for news. */
  const poll = (isVisible = true): void => {
    const [page] = prompts.slice(-1);
    if (page === undefined) throw new Error('no page is served');
    page.seen = 0;
    page.hidden = !isVisible;
    page.callbacks?.onShown(page.callbacks.state().state, isVisible);
  };
  return { clock, source, prompts, opened, sessions, adopted, signIn, hold, view, comeBack, poll, shown, ends, log };
}

describe('one sign-in for everyone who asks', () => {
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

  it('opens the page again only when no one sees it anymore', async () => {
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

  it('opens another page where the first one was closed soon after it came up', async () => {
    const { signIn, hold, opened, prompts, clock } = bench();
    const finish = hold();
    const outcome = signIn.request({ openBrowser: true });
    await expect.poll(() => opened.length).toBe(1);
    const [prompt] = prompts;
    if (prompt === undefined) throw new Error('no prompt');
    clock.advance(14_000);
    prompt.seen = 12_000;
    void signIn.request({ openBrowser: true });
    await expect.poll(() => opened.length).toBe(2);
    // That one is on its way: no one has seen it yet.
    clock.advance(1_000);
    prompt.seen = 13_000;
    void signIn.request({ openBrowser: true });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(opened).toHaveLength(2);
    finish();
    await outcome;
  });

  it('tells those who join late the progress, and whether a browser opened', async () => {
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

  it('opens another page if the last one shows how the last sign-in ended and no longer asks', async () => {
    const { signIn, source, prompts, opened, clock, view, hold } = bench();
    source.script.push(new AppError('ERR_SIGN_IN_CODE_EXPIRED'));
    await expect(signIn.request({ openBrowser: true })).rejects.toMatchObject({ code: 'ERR_SIGN_IN_CODE_EXPIRED' });
    await expect.poll(() => opened.length).toBe(1);
    clock.advance(5_000);
    const [page] = prompts;
    if (page !== undefined) page.seen = 1_000;
    const finish = hold();
    void signIn.request({ openBrowser: true });
    await expect.poll(() => opened.length).toBe(2);
    // The user clicks on that page after all: now it asks again, and no third one is needed.
    clock.advance(30_000);
    if (page !== undefined) page.seen = 1_000;
    void signIn.request({ openBrowser: true });
    finish();
    await expect.poll(view).toMatchObject({ state: 'signed-in' });
    expect(opened).toHaveLength(2);
  });

  it('closes the page as soon as it has shown how the sign-in ended', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { signIn, source, prompts } = bench();
    source.script.push(new AppError('ERR_SIGN_IN_CODE_EXPIRED'));
    await expect(signIn.request({ openBrowser: true })).rejects.toMatchObject({ code: 'ERR_SIGN_IN_CODE_EXPIRED' });
    await vi.advanceTimersByTimeAsync(9 * 60_000);
    // "Get a new code" is still there.
    expect(prompts[0]?.closed).toBe(false);
    prompts[0]?.callbacks?.onShown({ state: 'expired' }, true);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(prompts[0]?.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(31_000);
    expect(prompts[0]?.closed).toBe(true);

    await signIn.request({ openBrowser: true });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(prompts[1]?.closed).toBe(false);
    prompts[1]?.callbacks?.onShown({ state: 'signed-in', username: 'ada' }, true);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(prompts[1]?.closed).toBe(true);

    await signIn.request({ openBrowser: true });
    await vi.advanceTimersByTimeAsync(90_000);
    expect(prompts[2]?.closed).toBe(true);
  });

  it('closes the page when it is stopped', async () => {
    const { signIn, prompts, opened } = bench();
    await signIn.request({ openBrowser: true });
    await expect.poll(() => opened.length).toBe(1);
    await signIn.stop();
    expect(prompts[0]?.closed).toBe(true);
  });
});

describe('a sign-in in the browser', () => {
  const waitForRedirect = (view: () => unknown) => expect.poll(view).toMatchObject({ state: 'browser' });

  it('shows the way to Microsoft, takes the redirect and resolves all', async () => {
    const { signIn, source, opened, view, hold, comeBack } = bench({ method: 'browser', accountHint: 'ada@x.example' });
    const finish = hold();
    const outcomes = Array.from({ length: 20 }, () => signIn.request({ openBrowser: true, claims: '{"c":1}' }));
    await waitForRedirect(view);
    await expect.poll(() => opened.length).toBe(1);
    expect(source.asked).toHaveLength(1);
    expect(source.asked[0]).toMatchObject({
      redirectUri: 'http://127.0.0.1:1/callback',
      loginHint: 'ada@x.example',
      claims: '{"c":1}',
      selectAccount: false,
    });
    expect(comeBack('state=other&code=c')).toBe(false);
    expect(comeBack('state=state-1&code=c')).toBe(true);
    expect(comeBack('state=state-1&code=c')).toBe(false);
    await expect.poll(view).toEqual({ state: 'finishing' });
    finish();
    expect(new Set(await Promise.all(outcomes)).size).toBe(1);
    expect(source.responses).toEqual([{ state: 'state-1', code: 'c' }]);
    expect(view()).toMatchObject({ state: 'signed-in' });
  });

  it.each([true, false])('tells the terminal whether a page opened: %s', async (browser) => {
    const { signIn } = bench({ method: 'browser', browser });
    const seen: SignInProgress[] = [];
    void signIn.request({ openBrowser: true }).catch(() => undefined);
    signIn.follow((progress) => seen.push(progress));
    await expect.poll(() => seen.at(-1)).toEqual({ state: 'browser', browserOpened: browser });
    signIn.cancel();
  });

  it('ends immediately when the page cancels it', async () => {
    const { signIn, prompts, view } = bench({ method: 'browser' });
    const outcome = signIn.request({ openBrowser: true });
    await waitForRedirect(view);
    prompts[0]?.callbacks?.onCancel();
    await expect(outcome).rejects.toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
    expect(view()).toEqual({ state: 'cancelled' });
    expect(signIn.pending).toBe(false);
  });

  it("doesn't open a second window while the user is at Microsoft, and does later", async () => {
    const { signIn, clock, opened, prompts, view } = bench({ method: 'browser' });
    void signIn.request({ openBrowser: true }).catch(() => undefined);
    await waitForRedirect(view);
    clock.advance(20_000);
    prompts[0]?.callbacks?.onContinue();
    clock.advance(29_000);
    void signIn.request({ openBrowser: true }).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(opened).toHaveLength(1);
    clock.advance(2_000);
    void signIn.request({ openBrowser: true }).catch(() => undefined);
    await expect.poll(() => opened.length).toBe(2);
    signIn.cancel();
  });

  it('lets the user choose the account after another one signed in', async () => {
    const { signIn, source, prompts, view, comeBack } = bench({
      method: 'browser',
      adoptError: new AppError('ERR_SIGN_IN_OTHER_ACCOUNT'),
    });
    const outcome = signIn.request({ openBrowser: true });
    await waitForRedirect(view);
    comeBack('state=state-1&code=c');
    await expect(outcome).rejects.toMatchObject({ code: 'ERR_SIGN_IN_OTHER_ACCOUNT' });
    prompts[0]?.callbacks?.onNewCode();
    await waitForRedirect(view);
    expect(source.asked[1]).toMatchObject({ selectAccount: true });
    signIn.cancel();
  });

  it('says that it was refused there, and starts again by the same way and with the same claims', async () => {
    const { signIn, source, prompts, view, comeBack } = bench({ method: 'browser' });
    source.script.push(new AppError('ERR_SIGN_IN_DECLINED'));
    const outcome = signIn.request({ openBrowser: true, claims: '{"c":1}' });
    await waitForRedirect(view);
    comeBack('state=state-1&error=access_denied');
    await expect(outcome).rejects.toMatchObject({ code: 'ERR_SIGN_IN_DECLINED' });
    expect(view()).toEqual({ state: 'declined', method: 'browser' });
    prompts[0]?.callbacks?.onNewCode();
    await waitForRedirect(view);
    expect(source.asked[1]).toMatchObject({ claims: '{"c":1}' });
    signIn.cancel();
  });
});

describe('a browser sign-in that no one finishes', () => {
  afterEach(() => void vi.useRealTimers());

  it('ends after a quarter of an hour', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { signIn, view } = bench({ method: 'browser' });
    const outcome = signIn.request({ openBrowser: true });
    outcome.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(15 * 60_000 - 1);
    expect(view()).toMatchObject({ state: 'browser' });
    await vi.advanceTimersByTimeAsync(1);
    await expect(outcome).rejects.toMatchObject({ code: 'ERR_SIGN_IN_CODE_EXPIRED' });
    expect(view()).toEqual({ state: 'expired', method: 'browser' });
  });
});

describe('another method than the open one', () => {
  it('takes its place, and everyone who waits keeps waiting', async () => {
    const { signIn, source, view, comeBack, opened } = bench();
    let rejectFirst: (error: Error) => void = () => undefined;
    source.script.push(() => new Promise((_, reject) => (rejectFirst = reject)));
    const helper = signIn.request({ openBrowser: true });
    await expect.poll(view).toMatchObject({ state: 'waiting' });
    const terminal = signIn.request({ openBrowser: true, method: 'browser' });
    rejectFirst(new AppError('ERR_SIGN_IN_CANCELLED'));
    await expect.poll(view).toMatchObject({ state: 'browser' });
    const late = signIn.request({ openBrowser: true });
    comeBack('state=state-1&code=c');
    expect(new Set(await Promise.all([helper, terminal, late])).size).toBe(1);
    expect(signIn.pending).toBe(false);
    expect(opened).toHaveLength(1);
  });

  it('ends with everyone signed in if the user completes the one that was replaced', async () => {
    const { signIn, source, view } = bench();
    let grantFirst: () => void = () => undefined;
    source.script.push(() => new Promise((resolve) => (grantFirst = resolve)));
    const helper = signIn.request({ openBrowser: true });
    await expect.poll(view).toMatchObject({ state: 'waiting' });
    const terminal = signIn.request({ openBrowser: true, method: 'browser' });
    await expect.poll(view).toMatchObject({ state: 'browser' });
    grantFirst();
    expect(new Set(await Promise.all([helper, terminal])).size).toBe(1);
    expect(signIn.pending).toBe(false);
    expect(view()).toMatchObject({ state: 'signed-in' });
  });

  it('is offered where policy refuses the code and the configuration names the browser', async () => {
    const { signIn, source, prompts, view, comeBack } = bench({ method: 'browser' });
    source.script.push(new AppError('ERR_POLICY_BLOCKED'));
    await expect(signIn.request({ openBrowser: true, method: 'device-code' })).rejects.toThrow();
    await expect.poll(view).toMatchObject({ state: 'blocked', offersBrowser: true });
    prompts[0]?.callbacks?.onUseBrowser();
    await expect.poll(view).toMatchObject({ state: 'browser' });
    comeBack('state=state-1&code=c');
    await expect.poll(view).toMatchObject({ state: 'signed-in' });
  });
});

describe('a sign-in that was canceled', () => {
  it('takes no grant that comes after that', async () => {
    const { signIn, hold, adopted, view } = bench();
    const finish = hold();
    const outcome = signIn.request({ openBrowser: true });
    await expect.poll(view).toMatchObject({ state: 'waiting' });
    signIn.cancel();
    finish();
    await expect(outcome).rejects.toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
    expect(adopted).toEqual([]);
    expect(view()).toEqual({ state: 'cancelled' });
  });
});

describe("a page that the user doesn't see", () => {
  /** Waits until whatever was asked for has been done. */
  const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

  /** A sign-in whose page is open for a minute already. */
  async function waiting(options: BenchOptions = {}) {
    const world = bench({ notifications: true, ...options });
    world.hold();
    void world.signIn.request({ openBrowser: true }).catch(() => undefined);
    await expect.poll(() => world.opened.length).toBe(1);
    world.clock.advance(60_000);
    const ask = async (session?: Record<string, string>) => {
      void world.signIn
        .request({ openBrowser: true, ...(session === undefined ? {} : { session }) })
        .catch(() => undefined);
      await settle();
    };
    return { ...world, ask };
  }

  it('is left alone while it is visible', async () => {
    const { poll, ask, shown, opened } = await waiting();
    poll();
    await ask();
    expect({ shown: shown.length, opened: opened.length }).toEqual({ shown: 0, opened: 1 });
  });

  it('is announced in the session that asks, and a click opens it again', async () => {
    const { poll, ask, shown, opened, sessions } = await waiting();
    poll(false);
    await ask({ DISPLAY: ':7' });
    expect(shown.map(({ session }) => session)).toEqual([{ DISPLAY: ':7' }]);
    expect(opened).toHaveLength(1);
    shown[0]?.answer('activated');
    await settle();
    expect(opened).toEqual(['http://127.0.0.1:1/p/1', 'http://127.0.0.1:1/p/2']);
    expect(sessions[1]).toEqual({ DISPLAY: ':7' });
  });

  it('is announced if the browser never loaded it', async () => {
    const { ask, shown, opened } = await waiting();
    await ask();
    expect({ shown: shown.length, opened: opened.length }).toEqual({ shown: 1, opened: 1 });
  });

  it('is announced at most once a minute, and not while a notification is on the screen', async () => {
    const { poll, ask, shown, clock } = await waiting();
    poll(false);
    await ask();
    clock.advance(120_000);
    poll(false);
    await ask();
    expect(shown).toHaveLength(1);
    shown[0]?.answer('dismissed');
    await settle();
    await ask();
    expect(shown).toHaveLength(2);
    shown[1]?.answer('dismissed');
    await settle();
    clock.advance(59_999);
    poll(false);
    await ask();
    expect(shown).toHaveLength(2);
    clock.advance(1);
    await ask();
    expect(shown).toHaveLength(3);
  });

  it.each<[string, BenchOptions]>([
    ['has no notifications for this program', { notifications: false }],
    ['shows none in this session', {}],
  ])('opens again where the system %s, at most once a minute', async (_, options) => {
    const { poll, ask, shown, opened, clock } = await waiting(options);
    const askAgain = async () => {
      poll(false);
      await ask();
      shown.at(-1)?.answer('unavailable');
      await settle();
    };
    await askAgain();
    expect(opened).toHaveLength(2);
    clock.advance(59_999);
    await askAgain();
    expect(opened).toHaveLength(2);
    clock.advance(1);
    await askAgain();
    expect(opened).toHaveLength(3);
  });

  it('opens again immediately if it was closed, without a click', async () => {
    const { poll, ask, shown, opened, prompts, clock } = await waiting();
    poll();
    clock.advance(11_000);
    const [page] = prompts;
    if (page !== undefined) page.seen = 11_000;
    await ask();
    expect({ shown: shown.length, opened: opened.length }).toEqual({ shown: 0, opened: 2 });
  });

  it('is no longer announced once the user sees it, or the sign-in is over', async () => {
    const { poll, ask, shown, signIn, clock } = await waiting();
    poll(false);
    await ask();
    poll(false);
    expect(shown[0]?.signal.aborted).toBe(false);
    poll();
    expect(shown[0]?.signal.aborted).toBe(true);
    clock.advance(60_000);
    poll(false);
    await ask();
    expect(shown).toHaveLength(2);
    signIn.cancel();
    await settle();
    // The fake source doesn't hear of that.
    await signIn.stop();
    expect(shown[1]?.signal.aborted).toBe(true);
  });

  it("isn't announced to someone who is on their way to Microsoft", async () => {
    const { poll, ask, shown, opened, prompts, clock } = await waiting({ method: 'browser' });
    prompts[0]?.callbacks?.onContinue();
    poll(false);
    clock.advance(29_000);
    await ask();
    expect({ shown: shown.length, opened: opened.length }).toEqual({ shown: 0, opened: 1 });
    clock.advance(2_000);
    await ask();
    expect(shown).toHaveLength(1);
  });

  it('is opened right away by the next request if no browser could be', async () => {
    const { signIn, opened, clock, hold } = bench({ notifications: true, browser: false });
    hold();
    void signIn.request({ openBrowser: true }).catch(() => undefined);
    await expect.poll(() => opened.length).toBe(1);
    clock.advance(15_000);
    void signIn.request({ openBrowser: true }).catch(() => undefined);
    await expect.poll(() => opened.length).toBe(2);
  });
});

describe('a sign-in that the network ended', () => {
  const offline = () => new AppError('ERR_NETWORK_DNS');

  /** A sign-in that failed this way, with its page open. */
  async function failed(error: AppError, options: BenchOptions = {}) {
    const world = bench(options);
    world.source.noCode.push(error);
    await expect(world.signIn.request({ openBrowser: true })).rejects.toMatchObject({ code: error.code });
    await expect.poll(() => world.opened.length).toBe(1);
    /** The page asks for news, and what is due happens. */
    const look = async (afterMs: number) => {
      world.clock.advance(afterMs);
      world.poll();
      await new Promise((resolve) => setImmediate(resolve));
    };
    const tries = () => world.source.codes;
    return { ...world, look, tries };
  }

  it('continues automatically when the network is back', async () => {
    const { look, view, source, hold, opened, signIn } = await failed(offline());
    expect(view()).toMatchObject({ state: 'failed', code: 'ERR_NETWORK_DNS', retrying: true });
    source.noCode.push(offline());
    await look(2_000);
    expect(view()).toMatchObject({ state: 'failed', retrying: true });
    const finish = hold();
    await look(4_000);
    expect(view()).toMatchObject({ state: 'waiting', userCode: 'ABCD1234' });
    const helper = signIn.request({ openBrowser: true });
    finish();
    expect(await helper).toMatchObject({ username: 'ada@contoso.example' });
    expect(view()).toMatchObject({ state: 'signed-in' });
    expect(opened).toHaveLength(1);
  });

  it('is tried again after 2, 4, and 8 seconds, then every 15, for a quarter of an hour', async () => {
    const { look, source, tries, view, clock } = await failed(offline());
    const begun = clock.monotonic();
    const times: number[] = [];
    while (clock.monotonic() - begun < 20 * 60_000) {
      const before = tries();
      if (source.noCode.length === 0) source.noCode.push(offline());
      await look(1_000);
      if (tries() > before) times.push((clock.monotonic() - begun) / 1_000);
    }
    expect(times.slice(0, 6)).toEqual([2, 6, 14, 29, 44, 59]);
    expect(times.at(-1)).toBeGreaterThan(14 * 60);
    expect(times.at(-1)).toBeLessThanOrEqual(15 * 60);
    expect(view()).toMatchObject({ state: 'failed' });
    expect(view()).not.toHaveProperty('retrying');
  });

  it("isn't tried again if no page asks", async () => {
    const { clock, tries } = await failed(offline());
    clock.advance(10 * 60_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(tries()).toBe(1);
  });

  it('waits as long as Microsoft asks', async () => {
    const { look, tries } = await failed(new AppError('ERR_THROTTLED', { retryAfterMs: 60_000 }));
    await look(59_999);
    expect(tries()).toBe(1);
    await look(1);
    expect(tries()).toBe(2);
  });

  it("isn't announced as continuing if Microsoft asks for a longer wait than that", async () => {
    const { view } = await failed(new AppError('ERR_THROTTLED', { retryAfterMs: 3_600_000 }));
    expect(view()).not.toHaveProperty('retrying');
  });

  it('says nothing new while it fails in the same way, and counts as one', async () => {
    const { look, source, view, ends, log } = await failed(new AppError('ERR_THROTTLED', { correlationId: 'c-1' }));
    const before = view();
    source.noCode.push(new AppError('ERR_THROTTLED', { correlationId: 'c-2' }));
    await look(2_000);
    expect(view()).toEqual(before);
    expect(ends).toEqual(['ERR_THROTTLED']);
    expect(log.events.filter((event) => event === 'sign-in-started')).toHaveLength(1);
  });

  it('ends with the first failure of another kind', async () => {
    const { look, source, view, ends, tries } = await failed(offline());
    source.noCode.push(new AppError('ERR_POLICY_BLOCKED'));
    await look(2_000);
    expect(view()).toMatchObject({ state: 'blocked', code: 'ERR_POLICY_BLOCKED' });
    expect(ends).toEqual(['ERR_NETWORK_DNS', 'ERR_POLICY_BLOCKED']);
    await look(60_000);
    expect(tries()).toBe(2);
  });

  it('is tried at any time by a click, which shows that it is', async () => {
    const { look, source, prompts, view, hold } = await failed(offline());
    let fail: () => void = () => undefined;
    source.before = () => new Promise((_, reject) => (fail = () => reject(offline())));
    await look(2_000);
    expect(view()).toMatchObject({ state: 'failed', retrying: true });
    prompts[0]?.callbacks?.onNewCode();
    expect(view()).toEqual({ state: 'starting' });
    fail();
    await expect.poll(view).toMatchObject({ state: 'failed' });
    source.before = undefined;
    hold();
    prompts[0]?.callbacks?.onNewCode();
    await expect.poll(view).toMatchObject({ state: 'waiting' });
  });

  it('has its quarter of an hour anew after a click', async () => {
    const { look, source, prompts, view, tries, clock } = await failed(offline());
    clock.advance(16 * 60_000);
    expect(view()).not.toHaveProperty('retrying');
    source.noCode.push(offline());
    prompts[0]?.callbacks?.onNewCode();
    await expect.poll(view).toMatchObject({ state: 'failed', retrying: true });
    await look(2_000);
    expect(tries()).toBe(3);
  });

  it("isn't tried again once someone has canceled or signed out", async () => {
    const { look, tries, signIn, view } = await failed(offline());
    signIn.cancel();
    expect(view()).not.toHaveProperty('retrying');
    await look(60_000);
    expect(tries()).toBe(1);
  });

  it.each<keyof typeof errorCatalog>(['ERR_NETWORK_PROXY_AUTH', 'ERR_INTERNAL', 'ERR_POLICY_BLOCKED'])(
    'only if waiting can help: %s',
    async (code) => {
      const { look, tries, view } = await failed(new AppError(code));
      expect(view()).not.toHaveProperty('retrying');
      await look(60_000);
      expect(tries()).toBe(1);
    },
  );
});

describe("while Microsoft can't be reached", () => {
  it('the code says so until Microsoft answers again', async () => {
    const { signIn, source, view, hold } = bench();
    const finish = hold();
    const seen: SignInProgress[] = [];
    const outcome = signIn.request({ openBrowser: true });
    signIn.follow((progress) => seen.push(progress));
    await expect.poll(view).toMatchObject({ state: 'waiting' });
    source.reachable?.(false);
    expect(view()).toMatchObject({ state: 'waiting', offline: true });
    expect(seen.at(-1)).toMatchObject({ state: 'waiting', offline: true });
    source.reachable?.(true);
    expect(view()).not.toHaveProperty('offline');
    expect(seen.at(-1)).not.toHaveProperty('offline');
    finish();
    await outcome;
  });

  it('a sign-in in the browser waits for the tokens, and tells the terminal why', async () => {
    const { signIn, source, view, hold, comeBack } = bench({ method: 'browser' });
    const finish = hold();
    const seen: SignInProgress[] = [];
    const outcome = signIn.request({ openBrowser: true });
    signIn.follow((progress) => seen.push(progress));
    await expect.poll(view).toMatchObject({ state: 'browser' });
    comeBack('state=state-1&code=c');
    await expect.poll(view).toMatchObject({ state: 'finishing' });
    source.reachable?.(false);
    expect(seen.at(-1)).toMatchObject({ state: 'browser', offline: true });
    source.reachable?.(true);
    finish();
    await outcome;
  });
});

it.each(['claude://', undefined])('shows the way back to Claude if there is one: %s', async (claudeUrl) => {
  const { signIn, prompts, opened } = bench({ ...(claudeUrl === undefined ? {} : { claudeUrl }) });
  await signIn.request({ openBrowser: true });
  await expect.poll(() => opened.length).toBe(1);
  expect(prompts[0]?.callbacks?.state().claudeUrl).toBe(claudeUrl);
});

it('opens the page in the session that asks', async () => {
  const { signIn, hold, sessions, clock, prompts } = bench();
  const finish = hold();
  const outcome = signIn.request({ openBrowser: true, session: { DISPLAY: ':1' } });
  await expect.poll(() => sessions).toEqual([{ DISPLAY: ':1' }]);
  clock.advance(60_000);
  const [page] = prompts;
  if (page !== undefined) page.seen = 60_000;
  void signIn.request({ openBrowser: true, session: { DISPLAY: ':7' } });
  await expect.poll(() => sessions).toEqual([{ DISPLAY: ':1' }, { DISPLAY: ':7' }]);
  finish();
  await outcome;
});

describe('progressOf', () => {
  const code = { step: 'code', userCode: 'ABCD1234', verificationUri: 'https://x/', expiresAt: 900_000 } as const;

  it.each<[SignInState, unknown]>([
    [{ step: 'starting' }, { state: 'starting' }],
    [code, { state: 'waiting', userCode: 'ABCD1234', verificationUri: 'https://x/', expiresInMs: 600_000 }],
    [{ step: 'browser', authorizationUrl: 'https://x/' }, { state: 'browser' }],
    [{ step: 'finishing' }, { state: 'browser' }],
    [{ step: 'signed-in', username: 'ada' }, undefined],
  ])('of %j is what a terminal shows', (state, progress) => {
    expect(progressOf(state, 300_000)).toEqual(progress);
  });

  it('never counts below zero, and says whether a browser opened', () => {
    expect(progressOf(code, 1_000_000, false)).toMatchObject({ expiresInMs: 0, browserOpened: false });
  });
});

describe('pageStateOf', () => {
  const failed = (error: AppError): SignInState => {
    return { step: 'failed', error, method: 'device-code', isBrowserAllowed: false };
  };

  it('offers the browser for these errors of a device code only, and only where it is configured', () => {
    const offers = (code: keyof typeof errorCatalog, method: SignInMethod, isBrowserAllowed: boolean): boolean => {
      return offersBrowser(pageStateOf({ step: 'failed', error: new AppError(code), method, isBrowserAllowed }));
    };
    const codes = Object.keys(errorCatalog) as (keyof typeof errorCatalog)[];
    expect(codes.filter((code) => offers(code, 'device-code', true))).toEqual([
      // Entra may have shown the policy to the user alone.
      'ERR_SIGN_IN_CODE_EXPIRED',
      'ERR_POLICY_BLOCKED',
      'ERR_DEVICE_REQUIRED',
      'ERR_DEVICE_CODE_BLOCKED',
    ]);
    expect(codes.filter((code) => offers(code, 'device-code', false))).toEqual([]);
    expect(codes.filter((code) => offers(code, 'browser', true))).toEqual([]);
  });

  it('offers another try for every error, unless only an admin can help', () => {
    const codes = Object.keys(errorCatalog) as (keyof typeof errorCatalog)[];
    const states = codes.map((code) => pageStateOf(failed(new AppError(code, { correlationId: 'c-1' }))));
    const blocked = states.filter((state) => state.state === 'blocked');
    expect(blocked.map(({ code }) => code)).toEqual([
      'ERR_CONFIG_INVALID',
      'ERR_CONFIG_UNREADABLE',
      'ERR_ENTRA_APP_UNKNOWN',
      'ERR_ENTRA_TENANT_UNKNOWN',
      'ERR_ENTRA_PUBLIC_CLIENT_OFF',
      'ERR_ENTRA_REDIRECT_URI',
      'ERR_ENTRA_RESOURCE_MISSING',
      'ERR_ENTRA_SCOPE',
      'ERR_POLICY_BLOCKED',
      'ERR_DEVICE_REQUIRED',
      'ERR_TOKEN_PROTECTION',
      'ERR_DEVICE_CODE_BLOCKED',
      'ERR_CONSENT_REQUIRED',
      'ERR_ENTRA_APP_DISABLED',
      'ERR_ENTRA_SERVICE_MISSING',
      'ERR_ENTRA_SERVICE_DISABLED',
      'ERR_ENTRA_RESOURCE_DISABLED',
      'ERR_NOT_ASSIGNED',
      'ERR_ACCOUNT_REASSIGNED',
      'ERR_ENTRA_REFUSED',
      'ERR_BROKER_MISSING',
      'ERR_BROKER_NOT_ENROLLED',
      'ERR_BROKER_REDIRECT',
    ]);
    expect(blocked.every(({ correlationId }) => correlationId === 'c-1')).toBe(true);
    const withoutTry = states.filter((state) => !offersNewCode(state) && state.state !== 'cancelled');
    expect(withoutTry).toEqual(blocked);
  });

  it('names the accounts where another one signed in', () => {
    const accounts = { account: 'ada@contoso.com', expectedAccount: 'grace@contoso.com' };
    expect(pageStateOf(failed(new AppError('ERR_SIGN_IN_OTHER_ACCOUNT', accounts)))).toEqual({
      state: 'other-account',
      username: 'ada@contoso.com',
      expected: 'grace@contoso.com',
    });
  });

  it('shows an error that no sign-in should meet as unexpected, with its code', () => {
    expect(pageStateOf(failed(new AppError('ERR_KEYSTORE_LOCKED')))).toMatchObject({
      state: 'failed',
      code: 'ERR_KEYSTORE_LOCKED',
    });
  });
});

describe('a renewal', () => {
  it('asks Microsoft for credentials and suggests the account that is signed in', async () => {
    const { signIn, source, comeBack } = bench({ method: 'browser' });
    const outcome = signIn.request({ openBrowser: true, renews: true });
    await expect.poll(() => source.asked.length).toBe(1);
    expect(source.asked[0]).toMatchObject({ fresh: true, loginHint: 'ada@contoso.example' });
    await expect.poll(() => comeBack('state=state-1&code=c')).toBe(true);
    await outcome;
    void signIn.request({ openBrowser: true }).catch(() => undefined);
    await expect.poll(() => source.asked.length).toBe(2);
    expect(source.asked[1]).toMatchObject({ fresh: false, loginHint: undefined });
    await signIn.stop();
  });

  it('that is offered starts with a click on the page', async () => {
    const { signIn, prompts, opened, view, source, adopted, ends } = bench();
    signIn.offerRenewal(END, undefined);
    await expect.poll(() => opened.length).toBe(1);
    expect(view()).toEqual({ state: 'ending', endsAt: END.at });
    expect(signIn.pending).toBe(false);
    expect(source.codes).toBe(0);
    prompts[0]?.callbacks?.onNewCode();
    await expect.poll(() => adopted).toEqual(['ada@contoso.example']);
    expect(view()).toMatchObject({ state: 'signed-in' });
    expect(opened).toHaveLength(1);
    expect(ends).toEqual([undefined]);
  });

  it('that is declined, or canceled once it runs, changes nothing', async () => {
    const { signIn, prompts, view, hold, adopted, ends, log } = bench();
    signIn.offerRenewal({ ...END, reason: 'password' }, undefined);
    await expect.poll(() => prompts.length).toBe(1);
    expect(view()).toEqual({ state: 'ending', endsAt: END.at, reason: 'password' });
    prompts[0]?.callbacks?.onCancel();
    expect(view()).toEqual({ state: 'kept', endsAt: END.at });

    const finish = hold();
    const outcome = signIn.request({ openBrowser: true, renews: true });
    await expect.poll(view).toMatchObject({ state: 'waiting' });
    prompts.at(-1)?.callbacks?.onCancel();
    finish();
    await expect(outcome).rejects.toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
    expect(view()).toEqual({ state: 'kept', endsAt: END.at });
    expect([adopted, ends]).toEqual([[], []]);
    expect(log.events).not.toContain('sign-in-failed');
  });

  it('that ends because someone signs out says so', async () => {
    const { signIn, view, hold } = bench();
    const finish = hold();
    const outcome = signIn.request({ openBrowser: true, renews: true });
    await expect.poll(view).toMatchObject({ state: 'waiting' });
    signIn.cancel();
    finish();
    await expect(outcome).rejects.toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
    expect(view()).toEqual({ state: 'cancelled' });
  });

  it("isn't offered to someone who is signing in", async () => {
    const { signIn, view, hold } = bench();
    const finish = hold();
    const outcome = signIn.request({ openBrowser: true });
    await expect.poll(view).toMatchObject({ state: 'waiting' });
    signIn.offerRenewal(END, undefined);
    expect(view()).toMatchObject({ state: 'waiting' });
    finish();
    await outcome;
  });

  it('that fails can be tried again, still as a renewal', async () => {
    const { signIn, source, view, prompts } = bench({ method: 'browser' });
    const outcome = signIn.request({ openBrowser: true, renews: true });
    await expect.poll(() => source.asked.length).toBe(1);
    source.script.push(new AppError('ERR_SIGN_IN_DECLINED'));
    await expect.poll(() => prompts.at(-1)?.inbox.take(new URLSearchParams('state=state-1&code=c'))).toBe(true);
    await expect(outcome).rejects.toMatchObject({ code: 'ERR_SIGN_IN_DECLINED' });
    expect(view()).toMatchObject({ state: 'declined' });
    prompts.at(-1)?.callbacks?.onNewCode();
    await expect.poll(() => source.asked.length).toBe(2);
    expect(source.asked[1]).toMatchObject({ fresh: true });
    await signIn.stop();
  });
});
