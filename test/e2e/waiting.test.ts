// A sign-in that's open: no one waits for a page that they don't see, or for a network that isn't there.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { startDesktop } from '../support/harness/desktop.ts';
import { launchBrowser } from '../support/harness/employee.ts';
import type { World } from '../support/harness/world.ts';
import { binary, run, runJson, worldForTest } from './support.ts';

const ask = (world: World) => runHelper(binary, { context: 'interactive', env: world.env });

/** The page that the agent has opened, in Chromium. */
async function openPage(world: World, which = 0) {
  const browser = await launchBrowser(world);
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.goto(await world.sandbox.waitForOpenedUrl(60_000, which));
  return page;
}

/**
 * The page in Chromium, whose script believes that it's behind another window. Without a screen, Chromium treats every
 * page as visible.
 */
async function openHidden(world: World) {
  const page = await openPage(world);
  await page.getByText(/Waiting for you/).waitFor();
  const become = async (state: 'visible' | 'hidden') => {
    const told = page.waitForResponse((response) => response.request().headers()['x-sign-in-page'] === state);
    await page.evaluate((value) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, value });
      Object.defineProperty(document, 'hidden', { configurable: true, value: value === 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
    await told;
  };
  await become('hidden');
  return { show: () => become('visible') };
}

describe.runIf(process.platform === 'linux')('a page that is hidden', () => {
  it('is announced to a second request, and a click opens it again', async () => {
    const world = await worldForTest();
    const dunstctl = await startDesktop(world);
    const first = ask(world);
    const userCode = await world.entra.waitForUserCode();
    await openHidden(world);
    const second = ask(world);
    await expect.poll(() => dunstctl('count', 'displayed')).toBe('1');
    expect(world.sandbox.openedUrls()).toHaveLength(1);
    dunstctl('action', '0');
    await world.sandbox.waitForOpenedUrl(60_000, 1);
    const [firstUrl, secondUrl] = world.sandbox.openedUrls();
    expect(secondUrl).not.toBe(firstUrl);
    world.entra.approve(userCode);
    expect([(await first).state, (await second).state]).toEqual(['ok', 'ok']);
  });

  it('is no longer announced once the user sees it, and when the sign-in is over', async () => {
    const world = await worldForTest();
    const dunstctl = await startDesktop(world);
    const first = ask(world);
    const userCode = await world.entra.waitForUserCode();
    const { show } = await openHidden(world);
    const second = ask(world);
    await expect.poll(() => dunstctl('count', 'displayed')).toBe('1');
    await show();
    await expect.poll(() => dunstctl('count', 'displayed')).toBe('0');
    world.entra.approve(userCode);
    expect([(await first).state, (await second).state]).toEqual(['ok', 'ok']);
    expect(world.sandbox.openedUrls()).toHaveLength(1);
  });

  it('opens again if the session shows no notifications, and only once a minute', async () => {
    const world = await worldForTest();
    const first = ask(world);
    const userCode = await world.entra.waitForUserCode();
    await openHidden(world);
    const second = ask(world);
    await world.sandbox.waitForOpenedUrl(60_000, 1);
    const login = spawn(binary, ['login'], { env: world.env, stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(login, 'close');
    const said: Buffer[] = [];
    login.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    await expect.poll(() => Buffer.concat(said).toString()).toContain(userCode);
    world.entra.approve(userCode);
    expect([(await first).state, (await second).state, await ended]).toEqual(['ok', 'ok', [0, null]]);
    expect(world.sandbox.openedUrls()).toHaveLength(2);
  });
});

describe.runIf(process.platform === 'linux')('a network that is down', () => {
  const OFFLINE = /no connection to Microsoft right now/;

  it("doesn't end a sign-in, and page and terminal say so", async () => {
    const world = await worldForTest();
    const login = run(world.env, 'login');
    const userCode = await world.entra.waitForUserCode();
    const page = await openPage(world);
    await page.getByText(/Waiting for you/).waitFor();
    world.proxy.mode = { refuse: 502 };
    await page.locator('main').getByText(OFFLINE).filter({ visible: true }).waitFor();
    // Signing in on a phone is still possible.
    world.entra.approve(userCode);
    world.proxy.mode = 'open';
    await page.getByRole('heading', { name: /signed in/i }).waitFor();
    const { exitCode, stderr } = await login;
    expect(exitCode).toBe(0);
    expect(stderr.match(/No connection to Microsoft right now/g)).toHaveLength(1);
  });

  it('ends the helper, but not the page, which continues automatically when the network is back', async () => {
    const world = await worldForTest();
    world.proxy.mode = { refuse: 502 };
    expect(await ask(world)).toMatchObject({ exitCode: 7 });
    const page = await openPage(world);
    await page.getByText(/this page continues automatically/).waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).isVisible()).toBe(true);
    world.proxy.mode = 'open';
    await page.getByText(/Waiting for you/).waitFor();
    world.entra.approve(await world.entra.waitForUserCode());
    await page.getByRole('heading', { name: /signed in/i }).waitFor();
    expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
    expect(world.sandbox.openedUrls()).toHaveLength(1);
  });

  it("isn't tried again if no one has the page open", async () => {
    const world = await worldForTest();
    world.proxy.mode = { refuse: 502 };
    expect(await ask(world)).toMatchObject({ exitCode: 7 });
    world.proxy.mode = 'open';
    const { files } = (await runJson(world.env, 'status')) as { files: { log: string } };
    // Longer than the first pauses.
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    expect(world.entra.count('devicecode')).toBe(0);
    expect(readFileSync(join(files.log, 'agent.log'), 'utf8').match(/"sign-in-started"/g)).toHaveLength(1);
  });
});

describe.runIf(process.platform === 'linux')('the way back to Claude', () => {
  it.each([true, false])('is on the page if a program has registered for it: %s', async (isRegistered) => {
    const world = await worldForTest();
    const folder = join(world.env['XDG_DATA_HOME'] ?? '', 'applications');
    if (isRegistered) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'com.anthropic.Claude.desktop'), '[Desktop Entry]\nType=Application\n');
      writeFileSync(
        join(folder, 'mimeinfo.cache'),
        '[MIME Cache]\nx-scheme-handler/claude=com.anthropic.Claude.desktop;\n',
      );
    }
    const helper = ask(world);
    const userCode = await world.entra.waitForUserCode();
    const page = await openPage(world);
    await page.getByText(/Waiting for you/).waitFor();
    world.entra.approve(userCode);
    expect(await helper).toMatchObject({ state: 'ok' });
    await page.getByRole('heading', { name: /signed in/i }).waitFor();
    expect(await page.locator('a[href^="claude:"]').count()).toBe(isRegistered ? 1 : 0);
  });
});
