// An employee at a real browser: reads the prompt page, goes to the verification page, signs in, comes back.
import { type Browser, chromium, type Page } from 'playwright-core';
import { chromiumOptions } from './chromium.ts';
import type { World } from './world.ts';

export interface EmployeeOptions {
  /** Called when the page shows its code, and when it says that the sign-in is done. */
  onPage?(moment: 'waiting' | 'signed-in', page: Page): Promise<void>;
}

/** Chromium in the world's network: everything but loopback goes through its proxy. */
export function launchBrowser(world: World): Promise<Browser> {
  return chromium.launch({
    ...chromiumOptions(),
    proxy: { server: world.proxy.url, bypass: '127.0.0.1' },
  });
}

/**
 * Signs in on the page that the agent opened. Returns what the browser complained about.
 * @throws Error when a step can't be done, as a user couldn't
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
  await enterCode(microsoft, code, username);
  await microsoft.close();
  await prompt.getByRole('heading', { name: /you’re signed in/i }).waitFor();
  await onPage?.('signed-in', prompt);
  await context.close();
  return { complaints };
}

/** Signs in at the verification page alone, with a code that the employee read elsewhere. @throws Error as above */
export async function signInByCode({ entra }: World, browser: Browser, code: string, username: string): Promise<void> {
  const page = await browser.newPage({ ignoreHTTPSErrors: true });
  await page.goto(entra.verificationUri);
  await enterCode(page, code, username);
  await page.close();
}

async function enterCode(page: Page, code: string, username: string): Promise<void> {
  await page.fill('#otc', code);
  await page.click('#next');
  await page.fill('#account', username);
  await page.click('#continue');
  await page.locator('#outcome').waitFor();
}
