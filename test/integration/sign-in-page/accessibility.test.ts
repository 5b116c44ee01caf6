// Every page in light and dark, wide and narrow, by axe-core; and in every language, that nothing is cut off.
import { type Browser, type BrowserContextOptions, chromium as browserType, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../src/sign-in-page/languages/languages.ts';
import { headlessShellOptions } from '../../support/harness/chromium.ts';
import { isLong, sample } from '../../support/harness/long.ts';
import { runAxe } from './axe.ts';
import { type Exhibit, gallery } from './gallery.ts';
import { visit } from './visit.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await browserType.launch(headlessShellOptions());
});

afterAll(() => browser.close());

/** Looks at some pages, one after the other, in one window. */
async function inWindow(
  options: BrowserContextOptions,
  exhibits: readonly Exhibit[],
  look: (page: Page, exhibit: Exhibit) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  for (const exhibit of exhibits) {
    const before = complaints.length;
    const server = await visit(page, exhibit);
    await look(page, exhibit);
    if (exhibit.way !== undefined) complaints.splice(before);
    // Away from it first, so that it does not see its server go.
    await page.goto('about:blank');
    await server.close();
  }
  await context.close();
  expect(complaints).toEqual([]);
}

const NARROW = { width: 320, height: 700 };
const WIDE = { width: 1024, height: 780 };

// The first one, and all of them in the long form.
const looks = [
  ['light, wide', { colorScheme: 'light', viewport: WIDE }],
  ['dark, narrow', { colorScheme: 'dark', viewport: NARROW }],
  ['dark, wide', { colorScheme: 'dark', viewport: WIDE }],
  ['light, narrow', { colorScheme: 'light', viewport: NARROW }],
] as const;

it.each(looks.slice(0, isLong ? 4 : 1))('no page has anything that axe-core complains of: %s', async (_, options) => {
  await inWindow(options, sample(gallery, 3), async (page, { name }) => {
    const { violations, incomplete, passes } = await runAxe(page);
    expect([name, violations]).toEqual([name, []]);
    // Over the line that joins the steps axe cannot say what is behind a text; test/unit/sign-in-page/page/style.test.ts computes it.
    expect([name, incomplete.filter((text) => !text.startsWith('color-contrast:'))]).toEqual([name, []]);
    expect(passes).toBeGreaterThan(10);
  });
});

it.each(
  sample(
    LANGUAGES.filter((language) => language !== 'en'),
    2,
  ),
)('every page fits a window of 320 pixels in %s', async (locale) => {
  await inWindow({ locale, viewport: NARROW }, sample(gallery, 3), async (page, { name }) => {
    const seen = await page.evaluate(() => ({
      width: document.documentElement.scrollWidth,
      language: document.documentElement.lang,
      cut: [...document.querySelectorAll('main *:not(.visually-hidden)')].filter(
        (element) => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX === 'hidden',
      ).length,
    }));
    expect([name, seen]).toEqual([name, { width: 320, language: locale, cut: 0 }]);
  });
});

it('nothing moves where the system asks for no motion', async () => {
  const animated = gallery.filter(({ name }) => ['starting', 'waiting', 'finishing'].includes(name));
  await inWindow({ forcedColors: 'active' }, animated, async (page, { name }) => {
    const moving = await page.evaluate(
      () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
    );
    expect([name, moving]).toEqual([name, 0]);
  });
});

describe('by keyboard alone', () => {
  it.each([
    ['waiting', ['Copy code and open Microsoft’s page', 'Copy', 'Cancel sign-in']],
    ['browser', ['Continue to Microsoft', 'Cancel sign-in']],
    ['no-codes-with-a-way-through', ['Sign in without a code', 'Details for your IT department']],
    ['no-network', ['Try again', 'Details for your IT department']],
    ['other-account', ['Get a new code']],
  ])('%s: Tab goes to each control in order, and one sees where it is', async (wanted, expected) => {
    const exhibits = gallery.filter(({ name }) => name === wanted);
    expect(exhibits).toHaveLength(1);
    await inWindow({ viewport: WIDE }, exhibits, async (page) => {
      for (const text of expected) {
        await page.keyboard.press('Tab');
        const focused = page.locator(':focus');
        expect(await focused.textContent()).toContain(text);
        const outline = await focused.evaluate((element) => {
          const { outlineStyle, outlineWidth } = getComputedStyle(element);
          return `${outlineStyle} ${outlineWidth}`;
        });
        expect(outline).toMatch(/^(?:solid|auto) [2-9]px$/);
      }
    });
  });
});
