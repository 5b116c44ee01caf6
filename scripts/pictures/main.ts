// `npm run pictures`: draws every picture that the docs show, and writes docs/reference/sign-in-page.md.
// `npm run pictures -- --all FOLDER`: draws all pages in more languages for a look, outside of the docs.
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { ensureDebianPackages } from '../debian-dependencies.ts';
import { projectFolder } from '../project-folder.ts';
import { drawContactSheets } from './contact-sheet.ts';
import { docsPage } from './docs-page.ts';
import { drawLogin, drawOverview, drawPicture, openBrowser } from './draw.ts';
import { fingerprints } from './fingerprints.ts';
import { inParallel } from './in-parallel.ts';
import { docsPictures } from './looks.ts';
import { makeReport } from './report.ts';

const images = join(projectFolder, 'docs/images');

async function drawDocs(browser: Browser): Promise<void> {
  rmSync(join(images, 'sign-in'), { recursive: true, force: true });
  await inParallel(docsPictures, (picture) => drawPicture(browser, picture, images));
  await drawOverview(browser, images);
  await drawLogin(browser, images);
  const report = await makeReport(browser);
  writeFileSync(join(projectFolder, 'docs/reference/sign-in-page.md'), docsPage(report));
  writeFileSync(join(images, 'pictures.json'), `${JSON.stringify(await fingerprints(), null, 2)}\n`);
}

const { values } = parseArgs({ options: { all: { type: 'string' } } });
if (process.platform !== 'linux') {
  console.error('The pictures need the fonts and the terminal of Linux.');
  process.exit(1);
}
ensureDebianPackages(['pictures']);
const browser = await openBrowser();
try {
  await (values.all === undefined ? drawDocs(browser) : drawContactSheets(browser, resolve(values.all)));
} finally {
  await browser.close();
}
