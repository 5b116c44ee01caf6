// `npm run pictures`: takes pictures of every page of the sign-in, with axe-core's findings, for docs/reference/sign-in-page.md.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium as browserType } from 'playwright-core';
import { projectFolder } from '../installers/build/bundle.ts';
import { LANGUAGES, type Language } from '../src/sign-in-page/languages/languages.ts';
import { type AxeResult, runAxe } from '../test/integration/sign-in-page/axe.ts';
import { type Exhibit, gallery, visit } from '../test/integration/sign-in-page/gallery.ts';
import { chromiumOptions } from '../test/support/harness/chromium.ts';

const PICTURES = 'images/sign-in';
const MAIN = ['waiting', 'browser', 'signed-in', 'other-account', 'blocked'];
const WIDE = { width: 640, height: 400 };
const NARROW = { width: 320, height: 400 };

interface Look {
  readonly file: string;
  readonly colorScheme: 'light' | 'dark';
  readonly viewport: typeof WIDE;
  readonly locale: Language;
}

function looksOf({ name }: Exhibit): readonly Look[] {
  const look = { file: `${name}.png`, colorScheme: 'light', viewport: WIDE, locale: 'en' } as const;
  if (!MAIN.includes(name)) return [look];
  const others = LANGUAGES.filter((language) => language !== 'en' && name === 'waiting');
  return [
    look,
    { ...look, file: `${name}-dark.png`, colorScheme: 'dark' },
    { ...look, file: `${name}-narrow.png`, viewport: NARROW },
    ...others.map((locale) => ({ ...look, file: `${name}-${locale}.png`, locale })),
  ];
}

async function draw(browser: Browser, exhibit: Exhibit, { file, ...options }: Look): Promise<AxeResult> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const server = await visit(page, exhibit);
  await page.screenshot({ path: join(projectFolder, 'docs', PICTURES, file), fullPage: true });
  const result = await runAxe(page);
  await context.close();
  await server.close();
  return result;
}

function picture({ caption }: Exhibit, { file, colorScheme, viewport, locale }: Look): string {
  const manner = [colorScheme, viewport === NARROW ? '320 pixels wide' : '', locale === 'en' ? '' : locale].filter(
    Boolean,
  );
  return `![${caption}: ${manner.join(', ')}](../${PICTURES}/${file})`;
}

async function main(): Promise<void> {
  rmSync(join(projectFolder, 'docs', PICTURES), { recursive: true, force: true });
  mkdirSync(join(projectFolder, 'docs', PICTURES), { recursive: true });
  const browser = await browserType.launch(chromiumOptions());
  const sections: string[] = [];
  const rows: string[] = [];
  let version = '';
  for (const exhibit of gallery) {
    const pictures: string[] = [];
    for (const look of looksOf(exhibit)) {
      const { violations, incomplete, passes, version: axe } = await draw(browser, exhibit, look);
      version = axe;
      pictures.push(picture(exhibit, look));
      rows.push(`| \`${look.file.replace('.png', '')}\` | ${passes} | ${violations.length} | ${incomplete.length} |`);
    }
    sections.push(`### ${exhibit.caption}\n\n${pictures.join('\n')}`);
  }
  const chromiumVersion = browser.version();
  await browser.close();
  writeFileSync(
    join(projectFolder, 'docs/reference/sign-in-page.md'),
    page(sections, rows, { version, chromiumVersion }),
  );
}

function page(
  sections: readonly string[],
  rows: readonly string[],
  versions: Readonly<Record<string, string>>,
): string {
  return `# The sign-in page

The agent serves it on 127.0.0.1 and the user's browser shows it. It speaks English, German and French, as the browser
asks for. Name and logo of the organization come from \`organizationName\` and \`organizationLogo\`
([configuration.md](configuration.md)). Pictures and report are made by \`npm run pictures\`.

## Every state

${sections.join('\n\n')}

## Accessibility report

Made with axe-core ${versions['version']} (WCAG 2.0 to 2.2, levels A and AA, and its best practices) in Chromium
${versions['chromiumVersion']}. The tests repeat it for every page in light and wide, and in the long form (LONG=1) also in dark and narrow. They also look at: the order
of Tab and where the focus shows; landmarks, headings and the live region; 44 pixels for a finger; a window of 320
pixels in every language; no console error; use without scripts. No person with a screen reader has tried it: what a
screen reader is given was compared (\`test/integration/sign-in-page/page.test.ts\`), not heard.

What axe leaves undecided is the contrast of texts next to the line that joins the steps;
\`test/unit/sign-in-page/page/style.test.ts\` computes every pair of colors.

| page | rules passed | violations | undecided |
|---|---|---|---|
${rows.join('\n')}
`;
}

await main();
