// An employee at a real browser: reads the prompt page, goes to the verification page, signs in, comes back.
import { type Browser, chromium, type Page } from 'playwright-core';
import type { World } from './world.ts';

export interface EmployeeOptions {
  /** Called when the page shows its code, and when it says that the sign-in is done. */
  onPage?(moment: 'waiting' | 'signed-in', page: Page): Promise<void>;
}

/** Where Debian's package puts it. */
const CHROMIUM = '/usr/bin/chromium';

/** Chromium in the world's network: everything but loopback goes through its proxy. */
export function launchBrowser(world: World): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    proxy: { server: world.proxy.url, bypass: '127.0.0.1' },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/**
 * Signs in on the page that the agent opened. Returns what the browser complained about.
 * @throws Error when a step cannot be done, as a user could not
 */
export async function signInByBrowser(
  browser: Browser,
  promptUrl: string,
  username: string,
  { onPage }: EmployeeOptions = {},
): Promise<{ readonly complaints: readonly string[] }> {
  const complaints: string[] = [];
  // The verification page's certificate is the world's own.
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1024, height: 960 } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(promptUrl).origin });
  const prompt = await context.newPage();
  prompt.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  prompt.on('pageerror', (error) => complaints.push(error.message));
  await prompt.goto(promptUrl);
  await prompt.getByRole('link', { name: /open microsoft/i }).waitFor();
  await onPage?.('waiting', prompt);
  const [microsoft] = await Promise.all([
    context.waitForEvent('page'),
    prompt.getByRole('link', { name: /open microsoft/i }).click(),
  ]);
  const code = await prompt.evaluate(() => navigator.clipboard.readText());
  await microsoft.fill('#otc', code);
  await microsoft.click('#next');
  await microsoft.fill('#account', username);
  await microsoft.click('#continue');
  await microsoft.locator('#outcome').waitFor();
  await microsoft.close();
  await prompt.getByRole('heading', { name: /you are signed in/i }).waitFor();
  await onPage?.('signed-in', prompt);
  await context.close();
  return { complaints };
}
