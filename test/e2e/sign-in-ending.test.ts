// A sign-in that will end: the user is told once, ahead of time, and a click renews it. With dunst, a real notification
// service, on a virtual screen; the agent's clock is moved by libfaketime.
import { spawn } from 'node:child_process';
import { chromium, type Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { headlessShellOptions } from '../support/harness/chromium.ts';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { startDesktop } from '../support/harness/desktop.ts';
import { movableClock } from '../support/harness/movable-clock.ts';
import type { World } from '../support/harness/world.ts';
import { binary, killAgent, run, runJson, signIn, worldForTest } from './support.ts';

const HOUR = 3_600_000;

const helper = (world: World, context: 'background' | 'interactive' = 'background') =>
  runHelper(binary, { context, env: world.env });

/** How many notifications there have ever been. */
const shown = (dunstctl: (...args: string[]) => string): number =>
  ['displayed', 'waiting', 'history'].reduce((sum, which) => sum + Number(dunstctl('count', which)), 0);

/** Signed in, and the password expires in 20 hours. */
async function passwordExpires(): Promise<World> {
  const world = await worldForTest();
  world.entra.optionalClaims.pwd_exp = 20 * 3600;
  await signIn(world);
  return world;
}

/** A user at the program's page, in a browser that has a session with Microsoft. */
async function openPage(world: World, url: string): Promise<Page> {
  const browser = await chromium.launch(headlessShellOptions());
  onTestFinished(() => browser.close());
  const proxy = { server: world.proxy.url, bypass: '127.0.0.1' };
  const context = await browser.newContext({ ignoreHTTPSErrors: true, proxy });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

const heading = (page: Page, name: string): Promise<void> => page.getByRole('heading', { level: 1, name }).waitFor();

describe.runIf(process.platform === 'linux')('a password that expires', () => {
  it('is told once, across restarts, and the status says when', async () => {
    const world = await passwordExpires();
    const dunstctl = await startDesktop(world);
    expect(await helper(world)).toMatchObject({ state: 'ok' });
    await expect.poll(() => dunstctl('count', 'displayed')).toBe('1');
    expect(await runJson(world.env, 'status')).toMatchObject({ signIn: 'signed-in', ends: { reason: 'password' } });
    expect((await run(world.env, 'status')).stdout).toMatch(/ends\s.*when the password expires/);
    expect(await helper(world, 'interactive')).toMatchObject({ state: 'ok' });
    await killAgent(world.env);
    expect(await helper(world, 'interactive')).toMatchObject({ state: 'ok' });
    expect(await helper(world)).toMatchObject({ state: 'ok' });
    expect(shown(dunstctl)).toBe(1);
    expect(world.sandbox.openedUrls()).toHaveLength(1);
  });

  it('opens the page with a click; a renewal that is canceled there changes nothing', async () => {
    const world = await passwordExpires();
    const dunstctl = await startDesktop(world);
    const first = await helper(world);
    await expect.poll(() => dunstctl('count', 'displayed')).toBe('1');
    dunstctl('action', '0');
    const page = await openPage(world, await world.sandbox.waitForOpenedUrl(30_000, 1));
    await heading(page, 'Your password expires soon');
    await page.getByRole('button', { name: 'Renew sign-in' }).click();
    await heading(page, 'Sign in to use Claude');
    await page.getByRole('button', { name: 'Cancel sign-in' }).click();
    await heading(page, 'You’re still signed in');
    expect(await helper(world)).toMatchObject({ state: 'ok', token: first.token });
    const status = await runJson(world.env, 'status');
    expect(status).toMatchObject({ signIn: 'signed-in' });
    expect(status).not.toHaveProperty('lastFailure');
  });

  it('is told on the page if the session shows no notifications, and "Not now" changes nothing', async () => {
    const world = await passwordExpires();
    const first = await helper(world);
    expect(first).toMatchObject({ state: 'ok' });
    // The first one finds out that there are none.
    const again = () => helper(world, 'interactive');
    await expect.poll(async () => (await again()) && world.sandbox.openedUrls().length, { timeout: 30_000 }).toBe(2);
    const page = await openPage(world, world.sandbox.openedUrls()[1] ?? '');
    await heading(page, 'Your password expires soon');
    await page.getByRole('button', { name: 'Not now' }).click();
    await heading(page, 'You’re still signed in');
    expect(await again()).toMatchObject({ state: 'ok', token: first.token });
    expect(world.sandbox.openedUrls()).toHaveLength(2);
    expect(world.entra.count('devicecode')).toBe(1);
    expect(await runJson(world.env, 'status')).not.toHaveProperty('lastFailure');
  });
});

describe.runIf(process.platform === 'linux')('an organization that wants a new sign-in every day', () => {
  it('surprises its users once; the next end is told ahead, and a click renews the sign-in for a full day', async () => {
    const world = await worldForTest({ config: { signInMethod: 'browser' } });
    const { entra, sandbox } = world;
    const dunstctl = await startDesktop(world);
    entra.signInFrequencySec = 24 * 3600;
    entra.browserSession = 'present';
    const clock = movableClock(world);
    await startAgent(world, clock.env);
    let hours = 0;
    const passHours = (more: number): void => {
      hours += more;
      entra.letTimePass(more * HOUR);
      clock.set(`+${Math.round(hours * 60)}m`);
    };
    const signInOnPage = async (which: number, fromMicrosoft: (page: Page) => Promise<void>): Promise<Page> => {
      const page = await openPage(world, await sandbox.waitForOpenedUrl(30_000, which));
      await page.getByRole('link', { name: 'Continue to Microsoft' }).click();
      await fromMicrosoft(page);
      await heading(page, 'You’re signed in');
      return page;
    };

    const first = helper(world, 'interactive');
    await signInOnPage(0, async () => undefined);
    expect(await first).toMatchObject({ state: 'ok' });
    passHours(23.5);
    expect(await helper(world)).toMatchObject({ state: 'ok' });
    passHours(1.3);
    await expect.poll(async () => (await helper(world)).exitCode, { timeout: 60_000 }).toBe(4);
    expect(await runJson(world.env, 'status')).toMatchObject({ signIn: 'ended', problem: { detail: 'AADSTS70043' } });
    await expect.poll(() => shown(dunstctl)).toBe(1);

    const second = helper(world, 'interactive');
    await signInOnPage(1, (page) => enterPassword(page, 'ada@contoso.com'));
    expect(await second).toMatchObject({ state: 'ok' });
    expect(await runJson(world.env, 'status')).toMatchObject({ ends: { reason: 'policy' } });
    passHours(17);
    expect(await helper(world)).toMatchObject({ state: 'ok' });
    expect(shown(dunstctl)).toBe(1);
    passHours(2);
    expect(await helper(world)).toMatchObject({ state: 'ok' });
    await expect.poll(() => dunstctl('count', 'displayed')).toBe('1');

    // The browser is signed in to Microsoft, which asks for the password nevertheless.
    dunstctl('action', '0');
    await signInOnPage(2, (page) => enterPassword(page, 'ada@contoso.com'));
    passHours(23);
    expect(await helper(world)).toMatchObject({ state: 'ok' });
    expect(await runJson(world.env, 'status')).toMatchObject({ signIn: 'signed-in' });
  });
});

/** An agent on this clock. */
async function startAgent(world: World, env: Readonly<Record<string, string>>): Promise<void> {
  const agent = spawn(binary, ['agent', 'run'], { env: { ...world.env, ...env }, stdio: 'ignore' });
  onTestFinished(() => void agent.kill('SIGKILL'));
  await expect.poll(async () => (await run(world.env, 'agent', 'status')).exitCode, { timeout: 30_000 }).toBe(0);
}

/** Microsoft's page, which already has the name. */
async function enterPassword(page: Page, username: string): Promise<void> {
  const name = page.locator('[name=loginfmt]:not([type=hidden])');
  await page.locator('[name=passwd], [name=loginfmt]').first().waitFor({ state: 'attached' });
  if ((await name.count()) > 0) {
    await name.fill(username);
    await page.click('#next');
  }
  await page.fill('[name=passwd]', 'secret');
  await page.click('#sign-in');
}
