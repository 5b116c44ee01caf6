// The computer's own account signs in: the compiled binary, a real session bus and keyring, and the tests' own broker.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { launchBrowser } from '../support/harness/employee.ts';
import { findSecretsInFiles } from '../support/harness/find-secrets.ts';
import type { World } from '../support/harness/world.ts';
import {
  type IdentityBroker,
  type IdentityBrokerOptions,
  startIdentityBroker,
} from '../support/servers/identity-broker.ts';
import { binary, killAgent, run, runJson, signIn, worldForTest } from './support.ts';

/** A token that was issued less than a minute ago isn't replaced. */
const REJECTED_AFTER_MS = 61_000;

const ADA = { username: 'ada@contoso.com' };
const BOB = { username: 'bob@contoso.com' };

type Config = Readonly<Record<string, unknown>>;

async function brokerWorld(config: Config = {}, options: Partial<IdentityBrokerOptions> = {}) {
  const world = await worldForTest({ config: { signInMethod: 'broker', ...config } });
  const broker = await startIdentityBroker(world.env['DBUS_SESSION_BUS_ADDRESS'] ?? '', {
    tenant: world.entra,
    accounts: [ADA],
    ...options,
  });
  onTestFinished(() => broker.stop());
  return { world, broker };
}

const helper = (world: World, context: string) => runHelper(binary, { context, env: world.env });

const log = (world: World): string => readFileSync(join(world.sandbox.stateFolder, 'agent.log'), 'utf8');

/** What the keyring holds for this program. */
function keyring(world: World): Promise<string> {
  const attributes = ['service', 'foundry-credential-helper'];
  return new Promise((resolve) =>
    execFile('secret-tool', ['search', '--all', '--unlock', ...attributes], { env: world.env }, (_, stdout, stderr) =>
      resolve(`${stdout}${stderr}`),
    ),
  );
}

/** What the page that the agent has opened says, in Chromium. */
async function pageText(world: World): Promise<string> {
  const browser = await launchBrowser(world);
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.goto(await world.sandbox.waitForOpenedUrl());
  // The details are folded.
  return (await page.locator('main').textContent()) ?? '';
}

const tokenCalls = (broker: IdentityBroker) => broker.callsOf('acquireTokenSilently').length;

describe.runIf(process.platform === 'linux')('on a computer with a broker', () => {
  it.each(['interactive', 'background', 'mid-session-refresh', 'scheduled-task'])(
    'the first run (%s) gets a token without a page',
    async (context) => {
      const { world } = await brokerWorld();
      const first = await helper(world, context);
      expect(first).toMatchObject({ state: 'ok', stderr: '' });
      expect(world.entra.checkAccessToken(first.token ?? '')).toBe('valid');
      expect(world.sandbox.openedUrls()).toEqual([]);
    },
  );

  it('keeps no refresh token, and says whose account it is', async () => {
    const { world } = await brokerWorld();
    await helper(world, 'interactive');
    expect(await runJson(world.env, 'status')).toMatchObject({ signIn: 'signed-in', account: ADA, broker: true });
    expect((await run(world.env, 'status')).stdout).toContain("ada@contoso.com, this computer's account");
    const stored = await keyring(world);
    expect(stored).toContain('brokerAccountId');
    expect(stored).not.toContain('refreshToken');
    expect(findSecretsInFiles(world.sandbox.stateFolder, world.entra.secrets())).toEqual([]);
  });

  it('gets another token for a session that had one rejected', async () => {
    const { world, broker } = await brokerWorld();
    const first = await helper(world, 'interactive');
    await sleep(REJECTED_AFTER_MS);
    const second = await helper(world, 'mid-session-refresh');
    expect(second).toMatchObject({ state: 'ok' });
    expect(second.token).not.toBe(first.token);
    expect(tokenCalls(broker)).toBe(2);
  });

  it('gets the token that the broker still has after the agent has started again', async () => {
    const { world, broker } = await brokerWorld();
    const first = await helper(world, 'interactive');
    await killAgent(world.env);
    const second = await helper(world, 'mid-session-refresh');
    // The broker returns a token again unless it's told which one to replace.
    expect(second.token).toBe(first.token);
    expect(tokenCalls(broker)).toBe(2);
  });

  it('works for commands too', async () => {
    const { world } = await brokerWorld();
    expect((await run(world.env, 'token')).exitCode).toBe(0);
    expect((await run(world.env, 'login', '--no-browser')).stdout).toContain('Signed in as ada@contoso.com.');
    expect(world.sandbox.openedUrls()).toEqual([]);
  });

  it("signs out until the next session, and says that the computer doesn't", async () => {
    const { world } = await brokerWorld();
    await helper(world, 'interactive');
    expect((await run(world.env, 'logout')).stdout).toContain('still signed in to this computer');
    expect(await helper(world, 'background')).toMatchObject({ exitCode: 4 });
    expect(await keyring(world)).not.toContain('brokerAccountId');
    expect(await helper(world, 'interactive')).toMatchObject({ state: 'ok' });
    expect(world.sandbox.openedUrls()).toEqual([]);
  });

  it("lets the user continue in the system's window, and opens no page", async () => {
    const { world, broker } = await brokerWorld({}, { silently: 'mfaRequired' });
    expect(await helper(world, 'background')).toMatchObject({ exitCode: 4 });
    expect(broker.callsOf('acquireTokenInteractively')).toHaveLength(0);
    const login = await run(world.env, 'login');
    expect(login).toMatchObject({ exitCode: 0 });
    expect(login.stderr).toContain("your computer's sign-in window");
    expect(broker.callsOf('acquireTokenInteractively')).toHaveLength(1);
    expect(world.sandbox.openedUrls()).toEqual([]);
  });

  it('never opens that window with --no-browser, and says so', async () => {
    const { world, broker } = await brokerWorld({}, { silently: 'mfaRequired' });
    const { exitCode, stderr } = await run(world.env, 'login', '--no-browser');
    expect(exitCode).toBe(4);
    expect(stderr).toContain("doesn't open with --no-browser or over SSH");
    expect(broker.callsOf('acquireTokenInteractively')).toHaveLength(0);
  });

  it('closes the window when the user gives up', async () => {
    const { world, broker } = await brokerWorld({}, { silently: 'mfaRequired', interactively: 'never' });
    const child = execFile(binary, ['login'], { env: world.env });
    const ended = new Promise((resolve) => child.on('close', resolve));
    await expect.poll(() => broker.openDialogs, { timeout: 30_000 }).toBe(1);
    child.kill('SIGINT');
    await ended;
    await expect.poll(() => broker.callsOf('cancelInteractiveFlow').length, { timeout: 30_000 }).toBe(1);
    expect(world.sandbox.openedUrls()).toEqual([]);
  });

  it('uses the configured account of two', async () => {
    const { world } = await brokerWorld({ accountHint: BOB.username }, { accounts: [ADA, BOB] });
    expect(await helper(world, 'background')).toMatchObject({ state: 'ok' });
    expect(await runJson(world.env, 'status')).toMatchObject({ account: BOB });
  });
});

describe.runIf(process.platform === 'linux')('on a computer whose broker fails', () => {
  it.each([
    ['blocked', 9, 'ERR_POLICY_BLOCKED'],
    ['accountDisabled', 9, 'ERR_ACCOUNT_DISABLED'],
    ['offline', 7, 'ERR_NETWORK'],
    ['redirectUri', 3, 'ERR_BROKER_REDIRECT'],
    ['notEnrolled', 9, 'ERR_BROKER_NOT_ENROLLED'],
    ['unexpected', 7, 'ERR_BROKER'],
    ['gone', 7, 'ERR_BROKER'],
    [{ text: '{"brokerTokenResponse":' }, 7, 'ERR_BROKER'],
  ] as const)('an unattended run fails with the reason: %j', async (outcome, exitCode, code) => {
    const { world } = await brokerWorld({}, { silently: outcome, accounts: [ADA] });
    const result = await helper(world, 'background');
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toContain(`error[${code}]`);
    expect(result.stderr).not.toContain('ada@');
    expect(world.sandbox.openedUrls()).toEqual([]);
  });

  it("says that there's no broker, on the page too, which offers nothing else", async () => {
    const world = await worldForTest({ config: { signInMethod: 'broker' } });
    const background = await helper(world, 'background');
    expect(background).toMatchObject({ exitCode: 3 });
    expect(background.stderr).toContain('error[ERR_BROKER_MISSING]');
    const interactive = await helper(world, 'interactive');
    expect(interactive.stderr).toContain('error[ERR_BROKER_MISSING]');
    expect(await pageText(world)).toContain('ERR_BROKER_MISSING');
    expect(log(world)).not.toContain('ada@');
  });

  it('offers the browser on the page if the settings allow it, and never on its own', async () => {
    const world = await worldForTest({ config: { signInMethod: 'broker', browserSignInFallback: true } });
    await helper(world, 'interactive');
    expect(await pageText(world)).toContain('Sign in with this browser');
    expect(world.entra.issued.refreshTokens).toEqual([]);
  });

  it('works again when the broker is back', async () => {
    const { world, broker } = await brokerWorld({}, { silently: 'gone' });
    expect(await helper(world, 'background')).toMatchObject({ exitCode: 7 });
    broker.silently = 'token';
    await broker.start();
    const again = await helper(world, 'interactive');
    expect(again.stderr).toBe('');
    expect(world.sandbox.openedUrls()).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('a policy that changes the method to the broker', () => {
  it('no longer uses the refresh token, and the next sign-in deletes it', async () => {
    const { world, broker } = await brokerWorld({ signInMethod: 'device-code' });
    await signIn(world);
    expect(await keyring(world)).toContain('refreshToken');
    const refreshes = world.entra.issued.refreshTokens.length;
    broker.silently = 'mfaRequired';
    world.sandbox.writeConfig({ ...world.config, signInMethod: 'broker' });
    expect(await helper(world, 'background')).toMatchObject({ exitCode: 4 });
    expect(await runJson(world.env, 'status')).toMatchObject({ signIn: 'signed-out' });
    broker.silently = 'token';
    expect(await helper(world, 'interactive')).toMatchObject({ state: 'ok' });
    expect(world.entra.issued.refreshTokens).toHaveLength(refreshes);
    const stored = await keyring(world);
    expect(stored).toContain('brokerAccountId');
    expect(stored).not.toContain('refreshToken');
  });

  it("refuses other methods, and the broker where it isn't the method", async () => {
    const { world } = await brokerWorld();
    for (const method of ['browser', 'device-code']) {
      const { exitCode, stderr } = await run(world.env, 'login', '--method', method);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining('"signInMethod" is "broker"')]);
    }
    world.sandbox.writeConfig({ ...world.config, signInMethod: 'browser' });
    expect(await run(world.env, 'login', '--method', 'broker')).toMatchObject({ exitCode: 2 });
  });
});
