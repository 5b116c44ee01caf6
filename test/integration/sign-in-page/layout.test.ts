// Where things are on the page: in small windows, right to left, with forced colors, and on paper.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { PAGE_FAILURES } from '../../../src/core/error-table/spec.ts';
import { type ErrorCode, errorCatalog } from '../../../src/core/errors.ts';
import { directionOf, LANGUAGES } from '../../../src/sign-in-page/languages/languages.ts';
import type { PageContent, PageState } from '../../../src/sign-in-page/page-state.ts';
import { sample } from '../../support/harness/long.ts';
import { usePages } from './open-page.ts';
import { exampleStates } from './page-fixture.ts';

const { open } = usePages();

/** 1366 by 768 pixels at 125 %, less what the browser takes; and 1280 by 800 at 200 %. */
const SMALL = [
  { width: 1093, height: 500 },
  { width: 640, height: 400 },
] as const;

/** Everything that can come before the main action. */
const view: Partial<PageContent> = {
  accountHint: 'anna.lindqvist@contoso.com',
  claudeUrl: 'claude://',
  previous: { at: Date.UTC(2026, 10, 29, 12), code: 'ERR_SIGN_IN_ENDED', end: 'revoked' },
};

const codes = Object.keys(errorCatalog) as ErrorCode[];

/** Every failure that can be tried again, as one of its errors. */
const failures = Object.entries(PAGE_FAILURES)
  .filter(([, { tryAgain }]) => tryAgain)
  .map(([failure]): PageState => {
    const code = codes.find((name) => errorCatalog[name].page === failure) ?? 'ERR_INTERNAL';
    return { state: 'failed', code, retrying: true };
  });

const withMainAction: readonly PageState[] = [
  exampleStates.waiting,
  exampleStates.browser,
  exampleStates['signed-in'],
  exampleStates.declined,
  { state: 'declined', method: 'browser' },
  { state: 'expired', offersBrowser: true },
  { state: 'expired', method: 'browser' },
  exampleStates['other-account'],
  { ...exampleStates['other-account'], method: 'browser' },
  { ...exampleStates.blocked, offersBrowser: true },
  { state: 'blocked', code: 'ERR_DEVICE_CODE_BLOCKED', offersBrowser: true },
  ...failures,
];

/** What is above the bottom of the window without scrolling. */
function mainAction(page: Page): Promise<{ readonly hidden: number; readonly tooWide: number }> {
  return page.evaluate(() => {
    const { top, bottom } = document.querySelector('.button.primary')?.getBoundingClientRect() ?? {
      top: Number.NaN,
      bottom: Number.NaN,
    };
    return {
      hidden: Math.max(0, -top, bottom - innerHeight),
      tooWide: document.documentElement.scrollWidth - innerWidth,
    };
  });
}

it.each(sample(LANGUAGES, 4))(
  'the main action is visible in a small window without scrolling, in %s',
  async (locale) => {
    const { page, prompt } = await open(exampleStates.waiting, { locale, view });
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale);
    for (const state of withMainAction) {
      prompt.set(state);
      await page.reload();
      for (const size of SMALL) {
        await page.setViewportSize(size);
        expect([state, size, await mainAction(page)]).toEqual([state, size, { hidden: 0, tooWide: 0 }]);
      }
    }
  },
);

describe('a language that is written from right to left', () => {
  it('has its page from right to left, but code, address, and details as they are', async () => {
    expect(directionOf('ar')).toBe('rtl');
    const { page, prompt } = await open(exampleStates.waiting, { locale: 'ar', view });
    const directions = (...selectors: string[]) =>
      page.evaluate(
        (all) => all.map((selector) => getComputedStyle(document.querySelector(selector) as Element).direction),
        selectors,
      );
    expect(await directions('html', 'h1', '#user-code', '.address')).toEqual(['rtl', 'rtl', 'ltr', 'ltr']);
    const [code, copy] = await Promise.all(
      ['#user-code', '.button.copy'].map((selector) => page.locator(selector).boundingBox()),
    );
    expect(code?.x).toBeGreaterThan(copy?.x ?? Number.NaN);
    prompt.set(exampleStates.blocked);
    await page.locator('.details summary').click();
    expect(await directions('.details summary', '#report')).toEqual(['rtl', 'ltr']);
  });
});

it.each([
  ['waiting', '#user-code'],
  ['waiting', '.address'],
  ['waiting', '.account bdi'],
  ['browser', '.address'],
  ['blocked', '#report'],
] as const)('translators of browsers leave alone in %s: %s', async (name, selector) => {
  const { page } = await open(exampleStates[name], { locale: 'ja', view });
  expect(await page.locator(selector).first().getAttribute('translate')).toBe('no');
});

it('with forced colors, everything that only a background sets apart has a border', async () => {
  const cases = [
    [exampleStates.waiting, ['.card', '.badge', '#open', '.account', '.code-box', '.button.copy', '.warning']],
    [exampleStates.starting, ['.hero', '.progress']],
    [exampleStates.failed, ['.hero', '.button.primary', '.details']],
  ] as const;
  for (const [state, selectors] of cases) {
    const { page } = await open(state, { forcedColors: 'active', view });
    const borders = await page.evaluate(
      (all) =>
        all.map((selector) => {
          const style = getComputedStyle(document.querySelector(selector) as Element);
          const background = getComputedStyle(document.body).backgroundColor;
          const isSeen = style.borderTopColor !== background && !style.borderTopColor.startsWith('rgba');
          return [selector, style.borderTopStyle, Number.parseFloat(style.borderTopWidth) >= 1, isSeen];
        }),
      [...selectors],
    );
    expect(borders).toEqual(selectors.map((selector) => [selector, 'solid', true, true]));
  }
});

it('with forced colors, the focus is visible', async () => {
  const { page } = await open(exampleStates.waiting, { forcedColors: 'active' });
  await page.keyboard.press('Tab');
  const outline = await page.evaluate(() => {
    const { outlineStyle, outlineColor } = getComputedStyle(document.activeElement as Element);
    return [outlineStyle, outlineColor === getComputedStyle(document.body).backgroundColor];
  });
  expect(outline).toEqual(['solid', false]);
});

it('on paper, code and address are black on white, and no button is printed', async () => {
  const { page } = await open(exampleStates.waiting, { colorScheme: 'dark', view });
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  expect(await page.locator('.button').filter({ visible: true }).count()).toBe(0);
  const text = await page.locator('main').innerText();
  expect(text).toContain('Enter your code on Microsoft’s page');
  expect(text).toContain('microsoft.com/devicelogin');
  expect(await page.locator('#user-code').innerText()).toBe(exampleStates.waiting.userCode);
  const colors = await page.evaluate(() => [
    getComputedStyle(document.body).color,
    getComputedStyle(document.querySelector('.card') as Element).backgroundColor,
  ]);
  expect(colors).toEqual(['rgb(29, 28, 26)', 'rgb(255, 255, 255)']);
});

it('a text twice as large fits, and nothing is cut off', async () => {
  for (const state of [exampleStates.waiting, exampleStates.failed, exampleStates['other-account']]) {
    const { page } = await open(state, { viewport: { width: 320, height: 640 }, view });
    await page.evaluate(() => document.documentElement.style.setProperty('font-size', '32px'));
    const cut = await page.evaluate(() => ({
      tooWide: document.documentElement.scrollWidth - innerWidth,
      outside: [...document.querySelectorAll('.card *:not(.visually-hidden)')].filter((element) => {
        const { left, right } = element.getBoundingClientRect();
        return left < 0 || right > innerWidth;
      }).length,
    }));
    expect([state.state, cut]).toEqual([state.state, { tooWide: 0, outside: 0 }]);
  }
});
