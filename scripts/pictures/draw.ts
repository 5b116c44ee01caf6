// Draws pictures in a real browser.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Browser, chromium as browserType, type Page } from 'playwright-core';
import type { Exhibit } from '../../test/integration/sign-in-page/gallery.ts';
import { visit } from '../../test/integration/sign-in-page/visit.ts';
import { headlessShellOptions } from '../../test/support/harness/chromium.ts';
import { loginScreen, terminalPage } from './login-screen.ts';
import { contextOptions, type Look, type Picture } from './looks.ts';
import { overviewPage, overviewParts } from './overview.ts';

/** A browser that has only the fonts of the pictures, whatever this computer has. */
export function openBrowser(): Promise<Browser> {
  const env = { ...process.env, FONTCONFIG_FILE: join(import.meta.dirname, 'fonts.conf'), TZ: 'UTC' };
  return browserType.launch({ ...headlessShellOptions(), env: env as Record<string, string> });
}

/** Shows an exhibit in a new window and calls `use` with its page. */
export async function withPage<T>(
  browser: Browser,
  { exhibit, look }: { readonly exhibit: Exhibit; readonly look: Look },
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext(contextOptions(look));
  try {
    const page = await context.newPage();
    const server = await visit(page, exhibit);
    try {
      if (look.special === 'print') await page.emulateMedia({ media: 'print' });
      return await use(page);
    } finally {
      await server.close();
    }
  } finally {
    await context.close();
  }
}

/** Writes the picture below `folder`. */
export async function drawPicture(browser: Browser, picture: Picture, folder: string): Promise<void> {
  const path = join(folder, picture.file);
  mkdirSync(dirname(path), { recursive: true });
  await withPage(browser, picture, async (page) => {
    if (picture.look.special === 'window') await page.screenshot({ path });
    else await page.screenshot({ path, fullPage: true, clip: await contentOf(page) });
  });
}

/** The window's width, and as much of its height as the page uses, with a margin. */
function contentOf(page: Page): Promise<{ x: number; y: number; width: number; height: number }> {
  return page.evaluate(() => {
    const margin = 16;
    const boxes = [...document.body.querySelectorAll('.card, footer')].map((element) =>
      element.getBoundingClientRect(),
    );
    const top = Math.max(0, Math.min(...boxes.map((box) => box.top)) - margin);
    const bottom = Math.max(...boxes.map((box) => box.bottom)) + margin;
    return { x: 0, y: Math.floor(top), width: innerWidth, height: Math.ceil(bottom - top) };
  });
}

/** Draws the README's picture from its parts, which must be below `folder`. */
export async function drawOverview(browser: Browser, folder: string): Promise<void> {
  const images = overviewParts.map(({ file }) => readFileSync(join(folder, file)));
  const [part] = overviewParts;
  if (part === undefined) return;
  const background = await withPage(browser, part, (page) =>
    page.evaluate(() => getComputedStyle(document.body).backgroundColor),
  );
  await drawDocument(browser, overviewPage(images, background), join(folder, 'sign-in-page.png'));
}

export async function drawLogin(browser: Browser, folder: string): Promise<void> {
  await drawDocument(browser, terminalPage(await loginScreen()), join(folder, 'login.png'));
}

/** Draws one of the project's documents, as large as its body. */
export async function drawDocument(browser: Browser, html: string, path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const page = await browser.newPage();
  await page.setContent(html);
  await page.locator('body').screenshot({ path });
  await page.close();
}
