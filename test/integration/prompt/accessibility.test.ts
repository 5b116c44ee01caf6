// Every page in light and dark, wide and narrow, by axe-core; and in every language, that nothing is cut off.
import { type Browser, chromium as browserType } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../src/prompt/messages.ts';
import { runAxe } from './axe.ts';
import { type Exhibit, gallery } from './gallery.ts';
import { chromium, startPrompt } from './prompt-fixture.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await browserType.launch(chromium);
});

afterAll(() => browser.close());

type Options = NonNullable<Parameters<Browser['newContext']>[0]>;

async function withPage<T>(
  exhibit: Exhibit,
  options: Options,
  look: (page: import('playwright-core').Page) => Promise<T>,
): Promise<T> {
  const { server } = await startPrompt(exhibit.state, exhibit.view, exhibit.isBare);
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(server.newUrl());
    const seen = await look(page);
    expect(complaints).toEqual([]);
    return seen;
  } finally {
    await context.close();
    await server.close();
  }
}

const NARROW = { width: 320, height: 700 };
const WIDE = { width: 1024, height: 780 };

describe.each(gallery)('$name', (exhibit) => {
  it.each([
    ['light, wide', { colorScheme: 'light', viewport: WIDE }],
    ['dark, wide', { colorScheme: 'dark', viewport: WIDE }],
    ['light, narrow', { colorScheme: 'light', viewport: NARROW }],
    ['dark, narrow', { colorScheme: 'dark', viewport: NARROW }],
  ] as const)('has nothing that axe-core complains of: %s', async (_, options) => {
    const { violations, incomplete, passes } = await withPage(exhibit, options, runAxe);
    expect(violations).toEqual([]);
    // Over the line that joins the steps axe cannot say what is behind a text; test/unit/prompt/style.test.ts computes it.
    expect(incomplete.filter((text) => !text.startsWith('color-contrast:'))).toEqual([]);
    expect(passes).toBeGreaterThan(10);
  });

  it.each(LANGUAGES)('fits a window of 320 pixels in %s', async (locale) => {
    const seen = await withPage(exhibit, { locale, viewport: NARROW }, (page) =>
      page.evaluate(() => ({
        width: document.documentElement.scrollWidth,
        language: document.documentElement.lang,
        cut: [...document.querySelectorAll('main *')].filter(
          (element) =>
            element.scrollWidth > element.clientWidth + 1 &&
            getComputedStyle(element).overflowX === 'hidden' &&
            !element.classList.contains('visually-hidden'),
        ).length,
      })),
    );
    expect(seen).toEqual({ width: 320, language: locale, cut: 0 });
  });
});

describe('by keyboard alone', () => {
  const byName = (name: string): Exhibit => {
    const found = gallery.find((exhibit) => exhibit.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };

  it.each([
    ['waiting', ['Copy', 'Open Microsoft’s page', 'Cancel sign-in']],
    ['browser', ['Continue to Microsoft', 'Cancel sign-in']],
    ['blocked-with-a-way-through', ['Sign in without a code', 'Sign-in for Claude Desktop', 'Copy text for IT']],
    ['no-network', ['Try again', 'Details for your IT department']],
    ['other-account', ['Get a new code']],
  ])('%s: Tab goes to each control in order, and one sees where it is', async (name, expected) => {
    const stops = await withPage(byName(name), { viewport: WIDE }, async (page) => {
      const seen: { text: string; outline: string }[] = [];
      for (const _ of expected) {
        await page.keyboard.press('Tab');
        seen.push(
          await page.evaluate(() => {
            const focused = document.activeElement;
            const style = focused === null ? undefined : getComputedStyle(focused);
            return {
              text: focused?.textContent?.trim() ?? '',
              outline: `${style?.outlineStyle} ${style?.outlineWidth}`,
            };
          }),
        );
      }
      return seen;
    });
    expect(stops.map(({ text }) => text)).toEqual(expected.map((text) => expect.stringContaining(text)));
    for (const { outline } of stops) expect(outline).toMatch(/^(?:solid|auto) [2-9]px$/);
  });
});
