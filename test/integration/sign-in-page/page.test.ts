// The page in a real browser, as a person with eyes, keyboard or screen reader meets it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { chromium as browserType, type Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import { isRunning, type PageState } from '../../../src/sign-in-page/page-state.ts';
import { chromiumOptions } from '../../support/harness/chromium.ts';
import { isLong, sample } from '../../support/harness/long.ts';
import { usePages } from './open-page.ts';
import { exampleStates, startPage } from './page-fixture.ts';

const { userCode, verificationUri } = exampleStates.waiting;

const { open, newContext, newPage, endings } = usePages();

const titles: Record<PageState['state'], string> = {
  starting: 'Preparing your sign-in',
  waiting: 'Sign in to use Claude',
  browser: 'Sign in to use Claude',
  'system-dialog': 'Continue in your computer’s sign-in window',
  finishing: 'Finishing your sign-in',
  'signed-in': 'You’re signed in',
  ending: 'Your sign-in ends soon',
  kept: 'You’re still signed in',
  declined: 'The sign-in was declined',
  expired: 'This code has expired',
  cancelled: 'The sign-in was canceled',
  'other-account': 'You used a different account',
  blocked: 'Your organization has to allow this',
  failed: 'Microsoft can’t be reached',
};

describe.each(sample(Object.values(exampleStates), 3))('$state', (state) => {
  it('is shown without a complaint and without a request elsewhere', async () => {
    const { page, complaints, requested } = await open(state);
    await page.getByRole('heading', { level: 1, name: titles[state.state] }).waitFor();
    expect(await page.title()).toBe(`${titles[state.state]} – Contoso Ltd`);
    if (isRunning(state)) await page.waitForResponse(/\/state$/);
    expect(complaints).toEqual([]);
    expect(requested.filter((url) => !url.startsWith('http://127.0.0.1:') && !url.startsWith('data:'))).toEqual([]);
  });

  it('fits a window of 320 pixels and a finger', async () => {
    const { page } = await open(state, { viewport: { width: 320, height: 640 } });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    for (const control of await page.locator('button:visible, a:visible, summary:visible').all()) {
      expect((await control.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    }
  });
});

it('shows the logo of the organization in any width, and loads it from no one else', async () => {
  // 300 by 20 pixels, made by the browser itself.
  const blank = await newPage();
  const base64 = await blank.evaluate(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 300, height: 20 });
    return canvas.toDataURL('image/png').split(',')[1] ?? '';
  });
  await blank.close();
  const logo = { type: 'image/png', bytes: Buffer.from(base64, 'base64') };
  const { page, complaints, requested } = await open(exampleStates.waiting, { view: { logo } });
  const image = page.locator('header img');
  await image.waitFor();
  expect(await image.evaluate((element: HTMLImageElement) => [element.naturalWidth, element.alt])).toEqual([300, '']);
  const box = await image.boundingBox();
  expect(box?.width).toBeLessThanOrEqual(120);
  expect(box?.height).toBe(40);
  expect(complaints).toEqual([]);
  expect(requested.filter((url) => !url.startsWith('http://127.0.0.1:') && !url.startsWith('data:'))).toEqual([]);
});

it('shows no broken picture where the logo only begins like one', async () => {
  const logo = { type: 'image/png', bytes: Buffer.from('\x89PNG\r\n\x1a\n and no more', 'latin1') };
  const { page } = await open(exampleStates.waiting, { view: { logo } });
  await expect.poll(() => page.locator('header img').count()).toBe(0);
  expect(await page.locator('header').innerText()).toContain('Contoso Ltd');
});

it('keeps the groups of the code whole when its text is twice as large', async () => {
  const { page } = await open(exampleStates.waiting, { viewport: { width: 640, height: 700 } });
  await page.evaluate(() => document.documentElement.style.setProperty('font-size', '32px'));
  const lines = await page
    .locator('.user-code span')
    .evaluateAll((spans) => spans.map((span) => span.getClientRects().length));
  expect(lines).toEqual([1, 1, 1]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(640);
});

it('follows the system into the dark', async () => {
  const colour = async (colorScheme: 'light' | 'dark'): Promise<string> => {
    const { page } = await open(exampleStates.waiting, { colorScheme });
    return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  };
  expect(await colour('light')).toBe('rgb(243, 242, 239)');
  expect(await colour('dark')).toBe('rgb(25, 25, 24)');
});

it('is a document that a screen reader finds its way in', async () => {
  const { page } = await open(exampleStates.waiting);
  const snapshot = await page.locator('main').ariaSnapshot();
  // The state's time runs since this file was loaded.
  expect(snapshot.replace(/About \d+ minutes/, 'About 14 minutes')).toMatchInlineSnapshot(`
    "- main:
      - heading "Sign in to use Claude" [level=1]
      - paragraph: The button copies your code. Paste it on Microsoft’s page and sign in with your work or school account.
      - link "Copy code and open Microsoft’s page (opens in a new tab)":
        - /url: https://microsoft.com/devicelogin
      - paragraph: Opens microsoft.com/devicelogin
      - paragraph: Your code H J K M 7 P Q R T
      - button "Copy"
      - paragraph: Doesn’t open? Go to microsoft.com/devicelogin in any browser, for example on your phone, and enter this code.
      - paragraph: Waiting for you to sign in ·About 14 minutes left
      - paragraph: This page updates when you’ve signed in.
      - note "Were you using Claude on this computer just now?":
        - paragraph: Were you using Claude on this computer just now?
        - paragraph: Continue only if you were. Never enter a code that someone sent you, no matter who they say they are.
      - button "Cancel sign-in""
  `);
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  for (const landmark of ['banner', 'main', 'contentinfo', 'status'] as const) {
    expect(await page.getByRole(landmark).count()).toBe(1);
  }
});

describe('copying', () => {
  const clipboard = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

  it('puts the exact code into the clipboard and says so', async () => {
    const { page } = await open(exampleStates.waiting, { clipboard: true });
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    await page.getByRole('status').getByText('Copied').waitFor();
    expect(await clipboard(page)).toBe(userCode);
    await page.getByRole('button', { name: 'Copy', exact: true }).waitFor();
  });

  it('goes another way where the clipboard is refused', async () => {
    const script = `navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'));`;
    const { page } = await open(exampleStates.waiting, { clipboard: true, script });
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await clipboard(page)).toBe(userCode);
  });

  it('selects the code if nothing else works, and says which keys copy it', async () => {
    const script = `Object.defineProperty(navigator, 'clipboard', { value: undefined }); document.execCommand = () => false;`;
    const { page, complaints } = await open(exampleStates.waiting, { script });
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByRole('button', { name: /press ctrl\+c/i }).waitFor();
    expect(await page.evaluate(() => String(getSelection()))).toBe(userCode);
    expect(complaints).toEqual([]);
  });

  it('happens automatically when the verification page opens, in a tab that knows nothing about this one', async () => {
    const { page, context } = await open(exampleStates.waiting, { clipboard: true });
    const [microsoft] = await Promise.all([
      context.waitForEvent('page'),
      page.getByRole('link', { name: 'Copy code and open Microsoft’s page (opens in a new tab)' }).click(),
    ]);
    await microsoft.waitForLoadState();
    expect(microsoft.url()).toBe(verificationUri);
    expect(await microsoft.evaluate(() => [document.referrer, String(window.opener)])).toEqual(['', 'null']);
    await page.bringToFront();
    expect(await clipboard(page)).toBe(userCode);
  });

  it('puts the text for the IT department into the clipboard', async () => {
    const { page } = await open(exampleStates.blocked, { clipboard: true });
    await page.getByText('Details for your IT department').click();
    await page.getByRole('button', { name: 'Copy details' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await clipboard(page)).toBe(
      [
        'Sign-in for Claude Desktop failed',
        'Error: ERR_POLICY_BLOCKED',
        'Problem: A Conditional Access policy refuses this sign-in: AADSTS53003.',
        'Remedy: An admin finds the reason in the Entra sign-in log by the correlation ID; if it\'s the device, an enrolled Windows or Linux computer can show itself with "signInMethod" set to "broker".',
        'Correlation ID: 5e1c1f5e-7d0b-4c55-9a75-1d3a1f0f3b11',
      ].join('\n'),
    );
  });
});

describe('changes', () => {
  it('shows, announces, and focuses the sign-in as it happens, then stops asking', async () => {
    const { page, prompt, requested, complaints } = await open(exampleStates.waiting);
    prompt.set(exampleStates['signed-in']);
    await page.getByRole('status').getByText('You’re signed in').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('You’re signed in');
    expect(await page.innerText('main')).toContain('anna.lindqvist@contoso.com');
    expect(await page.innerText('main')).toContain('close this window and go back to Claude');
    const asked = requested.length;
    await page.waitForTimeout(2_500);
    expect(requested.length).toBe(asked);
    expect(complaints).toEqual([]);
  });

  it('leaves focus and selection alone while nothing changes', async () => {
    const { page } = await open(exampleStates.waiting);
    await page.getByRole('button', { name: 'Copy', exact: true }).focus();
    for (let polls = 0; polls < 3; polls += 1) await page.waitForResponse(/\/state$/);
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Copy');
  });

  it('gets a new code where the old one expired', async () => {
    const { page, prompt } = await open(exampleStates.expired);
    await page.getByRole('button', { name: 'Get a new code' }).click();
    await page.getByRole('heading', { name: titles.starting }).waitFor();
    prompt.set({ ...exampleStates.waiting, userCode: 'NEWCODE12' });
    await page.getByText('NEWCODE12'.split('').join(' ')).waitFor({ state: 'attached' });
    expect(prompt.counts).toMatchObject({ newCode: 1, cancel: 0 });
  });

  it('asks only once, no matter how often the button is pressed', async () => {
    const { page, prompt } = await open(exampleStates.failed);
    await page.getByRole('button', { name: 'Try again' }).dblclick();
    await page.getByRole('heading', { name: titles.starting }).waitFor();
    expect(prompt.counts.newCode).toBe(1);
  });

  it('asks nothing more once the sign-in has ended, until the user clicks', async () => {
    const { page, prompt, requested } = await open(exampleStates.waiting);
    prompt.set(exampleStates.expired);
    await page.getByRole('heading', { name: titles.expired }).waitFor();
    const asked = requested.length;
    await page.waitForTimeout(2_500);
    expect(requested.length).toBe(asked);
    await page.getByRole('button', { name: 'Get a new code' }).click();
    await page.getByRole('heading', { name: titles.starting }).waitFor();
    prompt.set(exampleStates.waiting);
    await page.getByRole('heading', { name: titles.waiting }).waitFor();
  });

  it('keeps the text for the IT department when the agent is gone', async () => {
    const { page, prompt } = await open(exampleStates.blocked);
    await prompt.server.close();
    await page.getByText('Details for your IT department').click();
    await page.getByRole('button', { name: 'Copy details' }).click();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(titles.blocked);
  });
});

describe('when the agent is gone', () => {
  const LOST = 'The sign-in is no longer running';
  const REPLACED = 'Close this page';

  /** Another program on the same port, which answers everything as the agent would, but for what it can't know. */
  async function takePort(port: number): Promise<{ readonly asked: string[] }> {
    const asked: string[] = [];
    const reply = JSON.stringify({
      revision: 'evil',
      state: 'waiting',
      isRunning: true,
      title: 'Evil',
      html: '<h1 tabindex="-1">Enter EVILCODE</h1>',
      announcement: 'Evil',
      remaining: '',
      proof: 'guessed',
    });
    const server = createServer((request, response) => {
      asked.push(JSON.stringify([request.url, request.headers]));
      response.setHeader('content-type', 'application/json').end(reply);
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    endings.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    return { asked };
  }

  async function openAndClose(state: PageState) {
    const opened = await open(state);
    const port = Number(new URL(opened.page.url()).port);
    const proof = await opened.page.locator('#panel').getAttribute('data-proof');
    if (isRunning(state)) await opened.page.waitForResponse(/\/state$/);
    return { ...opened, port, proof: proof ?? '' };
  }

  it('says so, and stops for good', async () => {
    const { page, prompt, port } = await openAndClose(exampleStates.waiting);
    await prompt.server.close();
    await page.getByRole('heading', { name: LOST }).waitFor();
    expect(await page.innerText('main')).not.toContain('Copy');
    const { asked } = await takePort(port);
    await page.waitForTimeout(2_500);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    expect(asked).toEqual([]);
  });

  it.each([exampleStates.waiting, exampleStates.browser])(
    'believes no other program on its port ($state)',
    async (state) => {
      const { page, prompt, port, proof } = await openAndClose(state);
      await prompt.server.close();
      const { asked } = await takePort(port);
      await page.getByRole('heading', { name: REPLACED }).waitFor();
      expect(await page.innerText('main')).toContain('go back to Claude');
      expect(await page.title()).toBe(REPLACED);
      const before = asked.length;
      expect(before).toBeGreaterThan(0);
      await page.waitForTimeout(2_500);
      expect(asked.length).toBe(before);
      expect(asked.join('\n')).not.toContain(proof);
    },
  );

  it('believes no other program after a click either', async () => {
    const { page, prompt, port, proof } = await openAndClose(exampleStates.expired);
    await prompt.server.close();
    const { asked } = await takePort(port);
    await page.getByRole('button', { name: 'Get a new code' }).click();
    await page.getByRole('heading', { name: REPLACED }).waitFor();
    expect(asked.join('\n')).not.toContain(proof);
  });

  // Takes three times the 5 s after which the page gives up on an answer.
  it.runIf(isLong)('waits for an agent that only takes long to answer', async () => {
    const { page, context } = await open(exampleStates.waiting);
    let isSlow = true;
    await context.route(/\/state$/, (route) => (isSlow ? undefined : route.continue()));
    await page.getByRole('heading', { name: LOST }).waitFor({ timeout: 60_000 });
    isSlow = false;
    await page.getByRole('heading', { name: titles.waiting }).waitFor({ timeout: 60_000 });
  });
});

describe('the sign-in without a code', () => {
  it('leads to Microsoft and back automatically, to a page that leaves no code in the history', async () => {
    const { page, prompt, context, complaints } = await open(exampleStates.browser, { fullBrowser: true });
    const redirected = prompt.server.redirect('state-1', new AbortController().signal);
    const back = `${prompt.server.redirectUri()}?code=secret-code&state=state-1`;
    await context.route(/^https:/, (route) => route.fulfill({ status: 302, headers: { location: back } }));
    await page.getByRole('link', { name: 'Continue to Microsoft' }).click();
    expect(await redirected).toEqual({ code: 'secret-code', state: 'state-1' });
    expect(prompt.counts.continued).toBe(1);
    prompt.set(exampleStates['signed-in']);
    await page.getByRole('heading', { name: titles['signed-in'] }).waitFor();
    expect(page.url()).toMatch(/\/prompt\/[\w-]{43}\/$/);
    await page.goBack().catch(() => undefined);
    expect(page.url()).not.toContain('secret-code');
    expect(complaints).toEqual([]);
  });

  it('comes back in another browser profile too', async () => {
    const { prompt } = await open(exampleStates.browser);
    const redirected = prompt.server.redirect('state-1', new AbortController().signal);
    const other = await newContext();
    endings.push(() => other.close());
    const page = await other.newPage();
    await page.goto(`${prompt.server.redirectUri()}?code=c&state=state-1`);
    await redirected;
    prompt.set(exampleStates.finishing);
    await page.getByRole('heading', { name: titles.finishing }).waitFor();
    prompt.set(exampleStates['signed-in']);
    await page.getByRole('heading', { name: titles['signed-in'] }).waitFor();
  });

  it('works without scripts', async () => {
    const { page, prompt, context } = await open(exampleStates.browser, {
      javaScriptEnabled: false,
      fullBrowser: true,
    });
    const redirected = prompt.server.redirect('state-1', new AbortController().signal);
    const back = `${prompt.server.redirectUri()}?code=c&state=state-1`;
    await context.route(/^https:/, (route) => route.fulfill({ status: 302, headers: { location: back } }));
    await page.getByRole('link', { name: 'Continue to Microsoft' }).click();
    await redirected;
    prompt.set(exampleStates['signed-in']);
    await page.waitForURL(/\/prompt\//);
  });

  it("accepts no code from another site's frame, script, or image", async () => {
    const { context, prompt } = await open(exampleStates.browser);
    let arrived = false;
    void prompt.server.redirect('state-1', new AbortController().signal).then(() => (arrived = true));
    const evil = await context.newPage();
    await evil.goto('https://evil.example/');
    await evil.evaluate(async (url) => {
      const frame = document.createElement('iframe');
      frame.src = url;
      const image = new Image();
      image.src = url;
      document.body.append(frame, image);
      await fetch(url, { mode: 'no-cors' }).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }, `${prompt.server.redirectUri()}?code=c&state=state-1`);
    expect(arrived).toBe(false);
  });

  it('is offered by a button where policy refused the code', async () => {
    const { page, prompt } = await open({ ...exampleStates.blocked, offersBrowser: true });
    await page.getByRole('button', { name: 'Sign in without a code' }).click();
    await page.getByRole('link', { name: 'Continue to Microsoft' }).waitFor();
    expect(prompt.counts.useBrowser).toBe(1);
  });

  it('is a document that a screen reader and the keyboard find their way in', async () => {
    const { page } = await open(exampleStates.browser);
    expect(await page.locator('main').ariaSnapshot()).toMatchInlineSnapshot(`
      "- main:
        - heading "Sign in to use Claude" [level=1]
        - paragraph: Sign in with your work or school account on Microsoft’s page. It then brings you back here.
        - link "Continue to Microsoft":
          - /url: https://login.microsoftonline.com/tenant/oauth2/v2.0/authorize?a=b
        - paragraph: Opens login.microsoftonline.com in this window
        - paragraph: Waiting for you to sign in
        - note "Were you using Claude on this computer just now?":
          - paragraph: Were you using Claude on this computer just now?
          - paragraph: Continue only if you were. If you weren’t, cancel and tell your IT department.
        - button "Cancel sign-in""
    `);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Continue to Microsoft');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel sign-in');
  });
});

it('closes itself after the sign-in where the system opened it', async () => {
  const prompt = await startPage(exampleStates['signed-in']);
  // The address on the command line, as the system's opener has it: a tab that a test opens has a history, and stays.
  const profile = mkdtempSync(join(tmpdir(), 'prompt-page-'));
  const options = ['--headless', '--remote-debugging-port=0', `--user-data-dir=${profile}`, prompt.server.newUrl()];
  const { executablePath, args } = chromiumOptions();
  const child = spawn(executablePath, [...args, ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  endings.push(async () => {
    child.kill();
    await exited;
    await prompt.server.close();
    // Chromium's own children outlive it by a moment, and write.
    await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  const address = await debuggingAddress(child.stderr);
  await vi.waitUntil(() => prompt.server.lastSeen() !== undefined, 15_000);
  const opened = await browserType.connectOverCDP(address);
  const page = opened.contexts()[0]?.pages()[0];
  await page?.waitForEvent('close', { timeout: 60_000 });
  expect(opened.contexts()[0]?.pages()).toEqual([]);
  await opened.close();
});

async function debuggingAddress(stderr: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stderr) {
    text += String(chunk);
    const address = /DevTools listening on (\S+)/.exec(text)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`Chromium did not start: ${text}`);
}

describe('the keyboard alone', () => {
  it('copies, opens the verification page and cancels, with the focus always to be seen', async () => {
    const { page, context, prompt } = await open(exampleStates.waiting, { clipboard: true });
    const focused = async (): Promise<string> => {
      const ring = await page.evaluate(() => getComputedStyle(document.activeElement as Element).outlineStyle);
      expect(ring).toBe('solid');
      return page.evaluate(() => (document.activeElement as { innerText: string } & Element).innerText.trim());
    };
    await page.keyboard.press('Tab');
    expect(await focused()).toContain('Copy code and open Microsoft’s page');
    const opened = context.waitForEvent('page');
    await page.keyboard.press('Enter');
    await opened;
    await page.bringToFront();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Copy');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Cancel sign-in');
    await page.keyboard.press('Space');
    await page.getByRole('heading', { name: titles.cancelled }).waitFor();
    expect(prompt.counts).toMatchObject({ newCode: 0, cancel: 1 });
  });
});

describe('without scripts', () => {
  it('shows the code, the link and the time, and no button that would do nothing', async () => {
    const state = { ...exampleStates.waiting, expiresAt: Date.now() + 14.5 * 60_000 };
    const { page } = await open(state, { javaScriptEnabled: false });
    const text = (await page.locator('main').innerText()).replace(/\s+/g, ' ');
    expect(text).toContain('About 14 minutes left');
    expect(await page.locator('#user-code').innerText()).toBe(userCode);
    expect(await page.getByRole('link', { name: /open microsoft/i }).getAttribute('href')).toBe(verificationUri);
    expect(await page.getByRole('button', { name: 'Copy', exact: true }).isVisible()).toBe(false);
  });

  it('gets a new code', async () => {
    const { page, prompt } = await open(exampleStates.expired, { javaScriptEnabled: false });
    await page.getByRole('button', { name: 'Get a new code' }).click();
    await page.getByRole('heading', { name: titles.starting }).waitFor();
    expect(prompt.counts.newCode).toBe(1);
  });
});

describe('other pages of the same browser', () => {
  it('can neither read the state, nor embed the page, nor post to it', async () => {
    const { page, context, prompt } = await open(exampleStates.waiting);
    const target = page.url();
    const stranger = await startPage(exampleStates.waiting);
    endings.push(() => stranger.server.close());
    const evil = await context.newPage();
    // It's the same site, because ports don't count, so SameSite alone would let it through.
    await context.route('**/evil', (route) => route.fulfill({ contentType: 'text/html', body: '<p>evil</p>' }));
    await evil.goto(`${new URL(stranger.server.newUrl()).origin}/evil`);
    const seen = await evil.evaluate(async (url) => {
      const statuses: string[] = [];
      for (const mode of ['cors', 'no-cors'] as const) {
        for (const method of ['GET', 'POST']) {
          const path = method === 'GET' ? 'state' : 'cancel';
          const options = { mode, method, credentials: 'include' } as const;
          statuses.push(
            await fetch(url + path, options).then(
              (reply) => `${reply.status}`,
              () => 'refused',
            ),
          );
        }
      }
      const frame = document.createElement('iframe');
      frame.src = url;
      document.body.append(frame);
      await new Promise((resolve) => setTimeout(resolve, 500));
      return { statuses, framed: frame.contentDocument !== null };
    }, target);
    expect(seen.statuses).toEqual(['refused', 'refused', 'refused', 'refused']);
    expect(seen.framed).toBe(false);
    expect(evil.frames()[1]?.url()).not.toBe(target);
    expect(prompt.counts).toMatchObject({ newCode: 0, cancel: 0 });
  });

  it("get none of the page's cookies, although they're on the same host", async () => {
    const { context, page } = await open(exampleStates.waiting);
    const stranger = await startPage(exampleStates.waiting);
    endings.push(() => stranger.server.close());
    expect(await context.cookies(page.url())).toHaveLength(1);
    expect(await context.cookies(new URL(stranger.server.newUrl()).origin)).toEqual([]);
  });
});
