// Every page in every language, theme, and size: what axe-core says, and what it can't see.
import { type Browser, type BrowserContextOptions, chromium as browserType, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES, type Language } from '../../../src/sign-in-page/languages/languages.ts';
import { headlessShellOptions } from '../../support/harness/chromium.ts';
import { isLong, sample } from '../../support/harness/long.ts';
import { runAxe } from './axe.ts';
import { type Exhibit, gallery } from './gallery.ts';
import { layoutFaults } from './layout-faults.ts';
import { visit } from './visit.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await browserType.launch(headlessShellOptions());
});

afterAll(() => browser.close());

/** Checks some pages, one after the other, in one window. */
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
    // On these ways a request fails, which the console says.
    if (exhibit.way !== undefined) complaints.splice(before);
    // Leave the page first, so it doesn't see its server go.
    await page.goto('about:blank');
    await server.close();
  }
  await context.close();
  expect(complaints).toEqual([]);
}

const NARROW = { width: 320, height: 700 };
const WIDE = { width: 1024, height: 780 };
/** 1280 by 800 at 200% zoom. */
const ZOOMED = { width: 640, height: 400 };

const named = (...names: readonly string[]): readonly Exhibit[] => {
  const exhibits = gallery.filter(({ name }) => names.includes(name));
  expect(exhibits).toHaveLength(names.length);
  return exhibits;
};

/** In the short form every page in one language, so that each language has some. */
const inTurn = (language: Language): readonly Exhibit[] => {
  const turn = LANGUAGES.indexOf(language);
  return isLong ? gallery : gallery.filter((_, index) => index % LANGUAGES.length === turn);
};

async function expectNoFindings(page: Page, { name }: Exhibit): Promise<void> {
  const { violations, incomplete, passes } = await runAxe(page);
  expect([name, violations]).toEqual([name, []]);
  expect([name, incomplete]).toEqual([name, []]);
  expect(passes).toBeGreaterThan(10);
}

describe('every page', () => {
  it.each(LANGUAGES)(
    'in %s: axe-core finds nothing, and nothing is cut off or overlaps in small windows',
    async (locale) => {
      await inWindow({ locale, viewport: WIDE }, inTurn(locale), async (page, exhibit) => {
        const { name } = exhibit;
        expect(await page.locator('html').getAttribute('lang')).toBe(locale);
        await expectNoFindings(page, exhibit);
        expect([name, await page.locator('.button.primary:visible').count()]).toEqual([name, expect.toBeOneOf([0, 1])]);
        for (const summary of await page.locator('summary').all()) await summary.click();
        for (const [size, viewport] of Object.entries({ NARROW, ZOOMED })) {
          await page.setViewportSize(viewport);
          expect([name, size, await layoutFaults(page)]).toEqual([name, size, []]);
        }
        await page.setViewportSize(WIDE);
      });
    },
  );

  it.each([
    ['in dark', { colorScheme: 'dark', viewport: WIDE }],
    ['in dark, in a narrow window', { colorScheme: 'dark', viewport: NARROW }],
    ['with colors that the user chose', { forcedColors: 'active', viewport: WIDE }],
  ] as const)('%s: axe-core finds nothing', async (_, options) => {
    await inWindow(options, sample(gallery, 6), expectNoFindings);
  });

  it.each(['light', 'dark'] as const)('prints in light colors, shown in %s', async (colorScheme) => {
    await inWindow({ colorScheme, viewport: WIDE }, sample(gallery, 6), async (page, exhibit) => {
      await page.emulateMedia({ media: 'print' });
      expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('light');
      const backgrounds = await page
        .locator('body, .card')
        .evaluateAll((elements) => elements.map((element) => getComputedStyle(element).backgroundColor));
      // Nothing or white; the paper is white.
      for (const color of backgrounds) expect(color).toMatch(/^rgba\(0, 0, 0, 0\)$|^rgb\(255, 255, 255\)$/);
      expect([exhibit.name, await page.locator('button:visible, a.button:visible').count()]).toEqual([exhibit.name, 0]);
      await expectNoFindings(page, exhibit);
      await page.emulateMedia({ media: null });
    });
  });
});

it.each([
  ['fits', '<p>Text</p>', []],
  ['scrolls sideways', '<div style="width: 400px">Text</div>', ['the page scrolls sideways']],
  ['is cut off', '<p class="short" style="height: 8px; overflow: hidden">Text</p>', ['<p class="short"> is cut off']],
  ['overlaps', '<p>One</p><p style="margin-top: -32px">Other</p>', ['"One" and "Other" overlap']],
  ['leaves the window', '<p style="margin-left: -40px">Text</p>', ['"Text" is outside of the window']],
  [
    'is too wide for its button',
    '<button class="button" style="width: 40px; padding: 0; white-space: nowrap">Try again later</button>',
    ['"Try again later" is wider than its button'],
  ],
])('a page whose text %s is recognized', async (_, html, faults) => {
  const context = await browser.newContext({ viewport: NARROW });
  const page = await context.newPage();
  await page.setContent(`<!doctype html><body style="font: 16px/1.5 sans-serif">${html}</body>`);
  expect(await layoutFaults(page)).toEqual(faults);
  await context.close();
});

it('nothing moves if the system asks for less motion', async () => {
  await inWindow(
    { viewport: WIDE },
    named('starting', 'waiting', 'offline', 'finishing', 'retrying'),
    async (page, { name }) => {
      const moving = await page.evaluate(
        () => document.getAnimations().filter(({ playState }) => playState === 'running').length,
      );
      expect([name, moving]).toEqual([name, 0]);
    },
  );
});

it('something moves otherwise while the page is waiting', async () => {
  await inWindow({ viewport: WIDE, reducedMotion: 'no-preference' }, named('starting', 'finishing'), async (page) => {
    expect(await page.evaluate(() => document.getAnimations().length)).toBeGreaterThan(0);
  });
});

describe('with the keyboard alone', () => {
  it.each([
    ['browser', ['Continue to Microsoft', 'Cancel sign-in']],
    ['waiting', ['Copy code and open Microsoft’s page', 'Copy', 'Cancel sign-in']],
    ['offline', ['Copy code and open Microsoft’s page', 'Copy', 'Cancel sign-in']],
    ['signed-in', ['Open Claude']],
    ['other-account', ['Get a new code']],
    ['expired-with-a-way-through', ['Get a new code', 'Sign in without a code']],
    ['no-codes-with-a-way-through', ['Sign in without a code', 'Details for your IT department']],
    ['blocked', ['Details for your IT department']],
    ['no-network', ['Try again', 'Details for your IT department']],
    ['retrying', ['Try again', 'Details for your IT department']],
  ])('%s: Tab goes to each control in order and nowhere else, and the focus is visible', async (wanted, expected) => {
    await inWindow({ viewport: WIDE }, named(wanted), async (page) => {
      for (const text of expected) {
        await page.keyboard.press('Tab');
        const focused = page.locator(':focus');
        expect(await focused.innerText()).toContain(text);
        const outline = await focused.evaluate((element) => {
          const { outlineStyle, outlineWidth } = getComputedStyle(element);
          return `${outlineStyle} ${outlineWidth}`;
        });
        expect(outline).toMatch(/^(?:solid|auto) [2-9]px$/);
      }
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('BODY');
    });
  });
});

describe('in a language that is read from right to left', () => {
  const leftEdge = async (page: Page, selector: string): Promise<number> =>
    (await page.locator(selector).first().boundingBox())?.x ?? Number.NaN;

  const isLeftOf = async (page: Page, one: string, other: string): Promise<boolean> =>
    (await leftEdge(page, one)) < (await leftEdge(page, other));

  it.each([
    ['en', 'ltr', true],
    ['ar', 'rtl', false],
  ] as const)('%s: the page is laid out %s', async (locale, direction, fromTheLeft) => {
    await inWindow({ locale, viewport: WIDE }, named('waiting'), async (page) => {
      expect(await page.locator('html').getAttribute('dir')).toBe(direction);
      expect(await isLeftOf(page, '.badge', '.organization')).toBe(fromTheLeft);
      expect(await isLeftOf(page, '.user-code', '.button.copy')).toBe(fromTheLeft);
      expect(await isLeftOf(page, '.warning .icon', '.warning-title')).toBe(fromTheLeft);
      const directions = await page
        .locator('.user-code, .address')
        .evaluateAll((elements) => elements.map((element) => getComputedStyle(element).direction));
      expect(new Set(directions)).toEqual(new Set(['ltr']));
      expect(await isLeftOf(page, '.user-code span:first-child', '.user-code span:last-child')).toBe(true);
    });
  });
});
