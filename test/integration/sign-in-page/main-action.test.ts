// What the person does first, and what the page says while Microsoft can't be reached.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { usePages } from './open-page.ts';
import { exampleStates } from './page-fixture.ts';

const { open } = usePages();

const OPEN = /^Copy code and open Microsoft’s page/;
const COPIED = 'Your code is copied. Paste it on Microsoft’s page.';
const NOT_COPIED = 'The code couldn’t be copied. Type it on Microsoft’s page.';
const OFFLINE = 'There’s no connection to Microsoft right now. This page continues when it’s back.';
const LIVE = 'Waiting for you to sign in';

const focused = (page: Page): Promise<string> => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');

describe('the one button of the page with a code', () => {
  it('copies the code, opens Microsoft’s page in a new tab, and says what to do there', async () => {
    const { page, context, complaints } = await open(exampleStates.waiting, { clipboard: true });
    expect(await page.locator('.button.primary').count()).toBe(1);
    const tab = context.waitForEvent('page');
    await page.getByRole('link', { name: OPEN }).click();
    expect((await tab).url()).toBe(exampleStates.waiting.verificationUri);
    await page.bringToFront();
    await page.locator('#code-note').getByText(COPIED).waitFor();
    await page.getByRole('status').getByText(COPIED).waitFor();
    expect(await page.locator('#code-box').getAttribute('data-noted')).toBe('copied');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(exampleStates.waiting.userCode);
    expect(complaints).toEqual([]);
  });

  it('says so if the browser refuses to copy, and brings the code into view', async () => {
    const script = `Object.defineProperty(navigator, 'clipboard', { value: undefined }); document.execCommand = () => false;`;
    const { page, complaints } = await open(exampleStates.waiting, { script, viewport: { width: 640, height: 400 } });
    await page.getByRole('link', { name: OPEN }).click();
    await page.bringToFront();
    await page.locator('#code-note').getByText(NOT_COPIED).waitFor();
    await page.getByRole('status').getByText(NOT_COPIED).waitFor();
    const bottom = await page.locator('#user-code').evaluate((code) => code.getBoundingClientRect().bottom);
    expect(bottom).toBeLessThanOrEqual(400);
    expect(complaints).toEqual([]);
  });

  it('keeps what it says while the page asks for the state', async () => {
    const { page } = await open(exampleStates.waiting, { clipboard: true });
    await page.getByRole('link', { name: OPEN }).click();
    await page.bringToFront();
    for (let polls = 0; polls < 3; polls += 1) await page.waitForResponse(/\/state$/);
    expect(await page.locator('#code-note').innerText()).toBe(COPIED);
  });

  it('doesn’t claim to copy without scripts', async () => {
    const { page } = await open(exampleStates.waiting, { javaScriptEnabled: false });
    const text = await page.locator('main').innerText();
    expect(text).toContain('Enter your code on Microsoft’s page');
    expect(text).not.toMatch(/cop(?:y|ies)/i);
    expect(await page.locator('#open').innerText()).toMatch(/^Open Microsoft’s page/);
  });
});

describe('while Microsoft can’t be reached', () => {
  it.each([exampleStates.waiting, exampleStates.browser])(
    'the page says so in place of the wait, and leaves the focus alone ($state)',
    async (state) => {
      const { page, prompt, complaints } = await open(state);
      await page.getByText(LIVE).waitFor();
      await page.getByRole('button', { name: 'Cancel sign-in' }).focus();
      prompt.set({ ...state, offline: true });
      await page.getByRole('main').getByText(OFFLINE).waitFor();
      await page.getByRole('status').getByText(OFFLINE).waitFor();
      expect(await page.getByText(LIVE).filter({ visible: true }).count()).toBe(0);
      expect(await page.locator('[data-remaining]').filter({ visible: true }).count()).toBe(0);
      prompt.set(state);
      await page.getByRole('main').getByText(LIVE).waitFor();
      await page.getByRole('status').getByText(LIVE).waitFor();
      expect(await focused(page)).toBe('Cancel sign-in');
      expect(complaints).toEqual([]);
    },
  );

  it('the page says so without scripts too', async () => {
    const { page } = await open({ ...exampleStates.waiting, offline: true }, { javaScriptEnabled: false });
    expect(await page.locator('main').innerText()).toContain(OFFLINE);
    expect(await page.locator('main').innerText()).not.toContain('minutes left');
  });

  it('a browser without a network says so itself, and the page asks immediately when it’s back', async () => {
    const { page } = await open(exampleStates.waiting);
    const fire = (type: string) => page.evaluate((name) => dispatchEvent(new Event(name)), type);
    await fire('offline');
    await page.getByRole('main').getByText(OFFLINE).waitFor();
    for (let polls = 0; polls < 3; polls += 1) await page.waitForResponse(/\/state$/);
    expect(await page.getByRole('main').getByText(OFFLINE).isVisible()).toBe(true);
    const asked = page.waitForRequest(/\/state$/);
    await fire('online');
    await asked;
    await page.getByRole('main').getByText(LIVE).waitFor();
  });

  it('a sign-in that couldn’t start continues automatically when it can', async () => {
    const { page, prompt, complaints } = await open({ ...exampleStates.failed, retrying: true });
    await page.getByText('When the connection is back, this page continues automatically.').waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).isVisible()).toBe(true);
    expect(await page.locator('.progress').isVisible()).toBe(true);
    prompt.set(exampleStates.waiting);
    await page.getByRole('link', { name: OPEN }).waitFor();
    expect(complaints).toEqual([]);
  });
});

describe('a sign-in that will end', () => {
  const date = /Tuesday, November 24/;

  it.each([{}, { reason: 'password' }] as const)('can be renewed with one click: %j', async (change) => {
    const { page, prompt, complaints } = await open({ ...exampleStates.ending, ...change });
    expect(await page.getByText(date).count()).toBe(1);
    const renew = page.getByRole('button', { name: 'Renew sign-in' });
    expect(await renew.getAttribute('class')).toContain('primary');
    await renew.click();
    await page.getByRole('heading', { name: 'Preparing your sign-in' }).waitFor();
    expect(prompt.counts).toMatchObject({ newCode: 1, cancel: 0 });
    expect(complaints).toEqual([]);
  });

  it('can be left unchanged, without scripts too', async () => {
    const { page, prompt } = await open(exampleStates.ending, { javaScriptEnabled: false });
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.getByRole('heading', { name: 'The sign-in was canceled' }).waitFor();
    expect(prompt.counts).toMatchObject({ newCode: 0, cancel: 1 });
  });
});

describe('each question for the state', () => {
  it.each(['visible', 'hidden'])('says whether the page is %s', async (visibility) => {
    const script = `Object.defineProperty(document, 'visibilityState', { value: '${visibility}' });
      Object.defineProperty(document, 'hidden', { value: ${visibility === 'hidden'} });`;
    const { page } = await open(exampleStates.waiting, { script });
    const request = await page.waitForRequest(/\/state$/);
    expect(request.headers()['x-sign-in-page']).toBe(visibility);
  });
});

describe('the way back to Claude', () => {
  const view = { claudeUrl: 'claude://' };

  it('is the one button after the sign-in, and the page stays until it’s clicked', async () => {
    // As if the system had opened the tab: such a page may close itself.
    const script = `Object.defineProperty(history, 'length', { value: 1 }); window.close = () => { document.title = 'closed'; };`;
    const { page, complaints } = await open(exampleStates['signed-in'], { view, script });
    const link = page.getByRole('link', { name: 'Open Claude' });
    expect(await link.getAttribute('href')).toBe('claude://');
    expect(await link.getAttribute('class')).toContain('primary');
    await page.waitForTimeout(5_000);
    expect(await page.title()).toBe('You’re signed in – Contoso Ltd');
    expect(complaints).toEqual([]);
  });

  it('is offered after a canceled sign-in too', async () => {
    const { page } = await open(exampleStates.cancelled, { view });
    expect(await page.getByRole('link', { name: 'Open Claude' }).getAttribute('class')).toBe('button');
  });

  it.each(['https://claude.example/', 'javascript:alert(1)', 'claudes://x', 'not an address'])(
    "isn't a link if its address is %s",
    async (claudeUrl) => {
      const { page } = await open(exampleStates['signed-in'], { view: { claudeUrl } });
      expect(await page.getByRole('link').count()).toBe(0);
    },
  );
});
