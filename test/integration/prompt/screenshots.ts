// Run by hand: `node test/integration/prompt/screenshots.ts <folder>` draws the page's states in light and dark, wide
// and narrow, for people to look at.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium as browserType } from 'playwright-core';
import { chromium, exampleStates, startPrompt } from './prompt-fixture.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: screenshots.ts <folder>');
mkdirSync(folder, { recursive: true });

const states = ['waiting', 'browser', 'finishing', 'signed-in', 'expired', 'blocked'] as const;
const widths = { wide: 1024, narrow: 360 } as const;

const browser = await browserType.launch(chromium);
for (const name of states) {
  const { server } = await startPrompt(exampleStates[name], { accountHint: 'anna.lindqvist@contoso.com' });
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const [size, width] of Object.entries(widths)) {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 780 }, reducedMotion: 'reduce' });
      await page.goto(server.newUrl());
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${size}.png`), fullPage: true });
      await page.close();
    }
  }
  await server.close();
}
await browser.close();
