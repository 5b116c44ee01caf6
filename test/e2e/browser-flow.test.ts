// The sign-in without a code: the compiled binary, its page in a real browser, Microsoft's page, and the redirect back.
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { headlessShellOptions } from '../support/harness/chromium.ts';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { findSecretsInFiles } from '../support/harness/find-secrets.ts';
import type { World, WorldOptions } from '../support/harness/world.ts';
import { startOidcProvider } from '../support/servers/oidc-provider.ts';
import { binary, killAgent, run, worldForTest, writeDesktopConfig } from './support.ts';

/** A world where the browser is the configured way. */
function browserWorld(config: WorldOptions['config'] = {}): Promise<World> {
  return worldForTest({ config: { signInMethod: 'browser', organizationName: 'Contoso', ...config } });
}

const interactive = (world: World) => runHelper(binary, { context: 'interactive', env: world.env });

interface Employee {
  readonly page: Page;
  /** Console errors, warnings, and exceptions on the program's own page. */
  readonly complaints: readonly string[];
  /** Addresses of the redirects back. */
  readonly redirects: readonly string[];
}

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch(headlessShellOptions());
});
afterAll(() => browser?.close());

/** A user with their own browser profile, in the world's network. */
async function employeeOf(world: World): Promise<Employee> {
  const proxy = { server: world.proxy.url, bypass: '127.0.0.1' };
  const context = await browser.newContext({ ignoreHTTPSErrors: true, proxy });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  const redirects: string[] = [];
  page.on('console', (message) => {
    const isOurs = message.location().url.startsWith('http://127.0.0.1:');
    if (isOurs && ['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/callback') redirects.push(request.url());
  });
  return { page, complaints, redirects };
}

const heading = (page: Page, name: string): Promise<void> => page.getByRole('heading', { level: 1, name }).waitFor();

async function goToMicrosoft(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Continue to Microsoft' }).click();
  await page.locator('#account').waitFor();
}

async function signInAtMicrosoft(page: Page, username: string): Promise<void> {
  await goToMicrosoft(page);
  await page.fill('#account', username);
  await page.click('#continue');
}

describe('a person signs in once in the browser', () => {
  it('and every later run is silent, also after the agent was killed', async () => {
    const world = await browserWorld({ logLevel: 'trace' });
    const { page, complaints, redirects } = await employeeOf(world);
    const helper = interactive(world);
    await page.goto(await world.sandbox.waitForOpenedUrl());
    expect(await page.innerText('body')).toContain('Contoso');
    await signInAtMicrosoft(page, 'grace@contoso.com');
    await heading(page, 'You’re signed in');
    expect(await page.innerText('main')).toContain('grace@contoso.com');
    expect(page.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/prompt\/[\w-]{43}\/$/);
    const { state, token = '' } = await helper;
    expect(state).toBe('ok');
    expect(world.entra.checkAccessToken(token)).toBe('valid');
    expect(complaints).toEqual([]);

    const { origin } = new URL(page.url());
    const asked = world.entra.requests.find(({ endpoint }) => endpoint === 'authorize')?.parameters;
    expect(asked).toMatchObject({ redirect_uri: `${origin}/callback`, code_challenge_method: 'S256' });
    expect(asked).not.toHaveProperty('prompt');
    expect(world.entra.grants).toEqual({ device_code: 0, authorization_code: 1, refresh_token: 0 });
    expect(redirects).toHaveLength(1);

    expect(await interactive(world)).toMatchObject({ state: 'ok', token });
    await killAgent(world.env);
    expect(await interactive(world)).toMatchObject({ state: 'ok' });
    expect(world.entra.grants).toMatchObject({ authorization_code: 1, refresh_token: 1 });
    expect(world.sandbox.openedUrls()).toHaveLength(1);

    const secrets = [...world.entra.secrets(), asked?.['state'] ?? ''];
    expect(findSecretsInFiles(world.sandbox.stateFolder, secrets)).toEqual([]);
  });

  it("at a provider that the project didn't write", async () => {
    const world = await browserWorld();
    const { ca, entra, proxy } = world;
    const provider = await startOidcProvider({ ca, tenantId: entra.tenantId, clientId: entra.clientId });
    onTestFinished(() => provider.close());
    proxy.routes.set('login.microsoftonline.com:443', provider.port);
    const { page } = await employeeOf(world);
    const helper = interactive(world);
    await page.goto(await world.sandbox.waitForOpenedUrl());
    await page.getByRole('link', { name: 'Continue to Microsoft' }).click();
    await page.fill('input[name=login]', 'ada@contoso.com');
    await page.fill('input[name=password]', 'any');
    await page.click('button[type=submit]');
    await page.click('button[type=submit]:has-text("Continue")');
    await heading(page, 'You’re signed in');
    const { state, token = '' } = await helper;
    expect(state).toBe('ok');
    expect(provider.secrets()).toContain(token);
    await killAgent(world.env);
    const refreshed = await interactive(world);
    expect(refreshed.state).toBe('ok');
    expect(provider.secrets()).toContain(refreshed.token);
    expect(provider.tokenRequests).toEqual({ authorization_code: 1, refresh_token: 1 });
  });

  it('with the account of the hint, and is let choose after another one', async () => {
    const world = await browserWorld({ accountHint: 'ada@contoso.com' });
    const { page } = await employeeOf(world);
    const first = interactive(world);
    await page.goto(await world.sandbox.waitForOpenedUrl());
    await goToMicrosoft(page);
    expect(await page.inputValue('#account')).toBe('ada@contoso.com');
    await page.fill('#account', 'grace@contoso.com');
    await page.click('#continue');
    await heading(page, 'You used a different account');
    expect(await page.innerText('main')).toMatch(
      /You signed in with.*grace@contoso\.com.*Expected account.*ada@contoso\.com/s,
    );
    expect(await first).toMatchObject({ exitCode: 4 });

    const second = interactive(world);
    // The page no longer asks for news, so a new one opens.
    await page.goto(await world.sandbox.waitForOpenedUrl(60_000, 1));
    await signInAtMicrosoft(page, 'ada@contoso.com');
    expect(await second).toMatchObject({ state: 'ok' });
    const hints = world.entra.requests
      .filter(({ endpoint, method }) => endpoint === 'authorize' && method === 'GET')
      .map(({ parameters: { login_hint, prompt } }) => ({ login_hint, prompt }));
    expect(hints).toEqual([
      { login_hint: 'ada@contoso.com', prompt: undefined },
      { login_hint: undefined, prompt: 'select_account' },
    ]);
  });
});

describe('the redirect', () => {
  it('with another state changes nothing, and works once', async () => {
    const world = await browserWorld();
    const { page, redirects } = await employeeOf(world);
    const helper = interactive(world);
    const promptUrl = await world.sandbox.waitForOpenedUrl();
    await page.goto(promptUrl);
    await goToMicrosoft(page);
    const stranger = await page.context().newPage();
    const guess = await stranger.goto(`${new URL(promptUrl).origin}/callback?code=guess&state=guess`);
    expect(guess?.status()).toBe(400);
    await heading(stranger, 'This page is no longer valid');
    await page.fill('#account', 'ada@contoso.com');
    await page.click('#continue');
    await heading(page, 'You’re signed in');
    const { token } = await helper;

    const [used = ''] = redirects;
    expect((await stranger.goto(used))?.status()).toBe(400);
    expect(world.entra.count('code')).toBe(1);
    expect(await interactive(world)).toMatchObject({ state: 'ok', token });
  });

  it('may bring a decline: the page says so and tries again', async () => {
    const world = await browserWorld();
    const { page } = await employeeOf(world);
    const helper = interactive(world);
    await page.goto(await world.sandbox.waitForOpenedUrl());
    await goToMicrosoft(page);
    await page.click('#cancel');
    await heading(page, 'The sign-in was declined');
    const declined = await helper;
    expect(declined).toMatchObject({ state: 'failed', exitCode: 4, stdout: '' });
    expect(declined.stderr).toContain('error[ERR_SIGN_IN_DECLINED]');
    expect(declined.stderr).not.toMatch(/Trace ID|User declined/);
    expect(world.entra.count('code')).toBe(0);
    await page.getByRole('button', { name: 'Try again' }).click();
    await signInAtMicrosoft(page, 'ada@contoso.com');
    await heading(page, 'You’re signed in');
    expect(await interactive(world)).toMatchObject({ state: 'ok' });
  });

  it('can fail with an error that only an admin can fix: exit 9, and the page has the text for them', async () => {
    const world = await browserWorld();
    world.entra.authorizationError = 65001;
    const { page } = await employeeOf(world);
    const helper = interactive(world);
    await page.goto(await world.sandbox.waitForOpenedUrl());
    await signInAtMicrosoft(page, 'ada@contoso.com');
    await heading(page, 'Your organization has to allow this');
    await page.getByText('Details for your IT department').click();
    expect(await page.innerText('#report')).toMatch(/ERR_CONSENT_REQUIRED.*AADSTS65001.*Correlation ID: [\da-f-]{36}/s);
    expect(await page.innerText('#report')).not.toContain('Trace ID');
    expect(await page.getByRole('button', { name: 'Sign in without a code' }).count()).toBe(0);
    const { exitCode, stderr } = await helper;
    expect(exitCode).toBe(9);
    expect(stderr).toContain('error[ERR_CONSENT_REQUIRED]');
  });
});

describe('where a policy refuses codes', () => {
  const fallback = () => worldForTest({ config: { browserSignInFallback: true } });

  it('the page says so, and the browser is the way through where the admin allows it', async () => {
    const world = await fallback();
    world.entra.failNext('devicecode', { kind: 'aadsts', code: 530036 });
    const { page } = await employeeOf(world);
    const helper = interactive(world);
    await page.goto(await world.sandbox.waitForOpenedUrl());
    await heading(page, 'Your organization has to allow this');
    expect(await page.innerText('main')).toContain('doesn’t allow sign-in with a code');
    await page.getByRole('button', { name: 'Sign in without a code' }).click();
    await signInAtMicrosoft(page, 'ada@contoso.com');
    await heading(page, 'You’re signed in');
    await helper;
    expect(await interactive(world)).toMatchObject({ state: 'ok' });
    expect(world.entra.grants).toMatchObject({ authorization_code: 1, device_code: 0 });
  });

  it('and shows that to the user alone, the code runs out, and the page knows the way through too', async () => {
    const world = await fallback();
    const { page } = await employeeOf(world);
    const helper = interactive(world);
    await page.goto(await world.sandbox.waitForOpenedUrl());
    await heading(page, 'Sign in to use Claude');
    world.entra.expire(await world.entra.waitForUserCode());
    await heading(page, 'This code has expired');
    expect(await page.innerText('main')).toContain('your organization blocks codes');
    await page.getByRole('button', { name: 'Sign in without a code' }).click();
    await signInAtMicrosoft(page, 'ada@contoso.com');
    await heading(page, 'You’re signed in');
    expect(await helper).toMatchObject({ exitCode: 4 });
    expect(await interactive(world)).toMatchObject({ state: 'ok' });
  });

  it('and the admin allows nothing else: the page has the text for them alone', async () => {
    const world = await worldForTest();
    world.entra.failNext('devicecode', { kind: 'aadsts', code: 530036 });
    const { page } = await employeeOf(world);
    const helper = interactive(world);
    await page.goto(await world.sandbox.waitForOpenedUrl());
    await heading(page, 'Your organization has to allow this');
    expect(await page.getByRole('button', { name: 'Sign in without a code' }).count()).toBe(0);
    expect(await helper).toMatchObject({ exitCode: 9 });
  });
});

describe('Entra', () => {
  it('may refuse the code', async () => {
    const world = await browserWorld();
    world.entra.failNext('code', { kind: 'aadsts', code: 53003 });
    const { page } = await employeeOf(world);
    const helper = interactive(world);
    await page.goto(await world.sandbox.waitForOpenedUrl());
    await signInAtMicrosoft(page, 'ada@contoso.com');
    await heading(page, 'Your organization has to allow this');
    const { exitCode, stderr } = await helper;
    expect(exitCode).toBe(9);
    expect(stderr).toContain('ERR_POLICY_BLOCKED');
    expect(world.entra.count('code')).toBe(1);
  });

  it('may lose its answer to the code: the page tries again', async () => {
    const world = await browserWorld();
    world.entra.failNext('code', { kind: 'lost-answer' });
    const { page } = await employeeOf(world);
    const helper = interactive(world);
    await page.goto(await world.sandbox.waitForOpenedUrl());
    await signInAtMicrosoft(page, 'ada@contoso.com');
    await heading(page, 'Microsoft can’t be reached');
    expect(await helper).toMatchObject({ exitCode: 7 });
    await page.getByRole('button', { name: 'Try again' }).click();
    await signInAtMicrosoft(page, 'ada@contoso.com');
    await heading(page, 'You’re signed in');
    expect(world.entra.count('code')).toBe(2);
  });
});

it('a browser that was closed leaves the sign-in pending, and the next run opens another page', async () => {
  const world = await browserWorld();
  // The helper ends 5 s earlier, but not before half the time is over.
  writeDesktopConfig(world, { inferenceCredentialHelperTimeoutSec: 20 });
  const first = await employeeOf(world);
  const helper = interactive(world);
  await first.page.goto(await world.sandbox.waitForOpenedUrl());
  await heading(first.page, 'Sign in to use Claude');
  await first.page.context().close();
  const pending = await helper;
  expect(pending).toMatchObject({ exitCode: 5, stdout: '' });
  expect(pending.stderr).toContain('ERR_SIGN_IN_PENDING');

  const second = await employeeOf(world);
  const again = interactive(world);
  await second.page.goto(await world.sandbox.waitForOpenedUrl(60_000, 1));
  await signInAtMicrosoft(second.page, 'ada@contoso.com');
  expect(await again).toMatchObject({ state: 'ok' });
  expect(world.entra.grants).toMatchObject({ authorization_code: 1 });
});

describe('login', () => {
  it('takes the browser for once, and says that a page opened', async () => {
    const world = await worldForTest();
    const { page } = await employeeOf(world);
    const login = run(world.env, 'login', '--method', 'browser');
    await page.goto(await world.sandbox.waitForOpenedUrl());
    await signInAtMicrosoft(page, 'ada@contoso.com');
    const { exitCode, stdout, stderr } = await login;
    expect(exitCode).toBe(0);
    expect(stdout).toBe('Signed in as ada@contoso.com.\n');
    expect(stderr).toBe('\nTo sign in, continue on the page that has opened in your browser.\nWaiting for you …\n');
    expect(world.entra.grants).toMatchObject({ authorization_code: 1, device_code: 0 });
  });

  it('takes the device code for once', async () => {
    const world = await browserWorld();
    const login = run(world.env, 'login', '--method', 'device-code', '--no-browser');
    world.entra.approve(await world.entra.waitForUserCode());
    expect(await login).toMatchObject({ exitCode: 0 });
    expect(world.entra.grants).toMatchObject({ authorization_code: 0, device_code: 1 });
    expect(world.sandbox.openedUrls()).toEqual([]);
  });

  it.each([
    ['--no-browser, as configured', ['--no-browser'], {}],
    ['--no-browser, as asked for', ['--method', 'browser', '--no-browser'], {}],
    ['over SSH', [], { SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22' }],
  ])('refuses the browser with %s', async (_, options, env) => {
    const world = await browserWorld();
    const { exitCode, stdout, stderr } = await run({ ...world.env, ...env }, 'login', ...options);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('error[ERR_USAGE]');
    expect(stderr).toContain('--method device-code');
    expect(world.sandbox.openedUrls()).toEqual([]);
  });

  it('is taken over by the browser where policy refuses the code and the configuration names it', async () => {
    const world = await browserWorld();
    world.entra.setFault('poll', { kind: 'aadsts', code: 530036 });
    const { page } = await employeeOf(world);
    const login = run(world.env, 'login', '--method', 'device-code');
    await page.goto(await world.sandbox.waitForOpenedUrl());
    await page.getByRole('button', { name: 'Sign in without a code' }).click();
    expect(await login).toMatchObject({ exitCode: 9 });
    await signInAtMicrosoft(page, 'ada@contoso.com');
    await heading(page, 'You’re signed in');
    expect(await interactive(world)).toMatchObject({ state: 'ok' });
  });

  it('continues for the helper, too, when it changes the method', async () => {
    const world = await worldForTest();
    const { page } = await employeeOf(world);
    const helper = interactive(world);
    await world.entra.waitForUserCode();
    await page.goto(await world.sandbox.waitForOpenedUrl());
    const login = run(world.env, 'login', '--method', 'browser');
    await signInAtMicrosoft(page, 'ada@contoso.com');
    expect(await login).toMatchObject({ exitCode: 0 });
    expect(await helper).toMatchObject({ state: 'ok' });
    expect(world.entra.grants).toMatchObject({ authorization_code: 1, device_code: 0 });
  });
});
