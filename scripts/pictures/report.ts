// What axe-core says about every page of the gallery, in every language and theme.
import type { Browser } from 'playwright-core';
import { LANGUAGES } from '../../src/sign-in-page/languages/languages.ts';
import { runAxe } from '../../test/integration/sign-in-page/axe.ts';
import { type Exhibit, gallery } from '../../test/integration/sign-in-page/gallery.ts';
import { withPage } from './draw.ts';
import { inParallel } from './in-parallel.ts';
import { type Look, plain } from './looks.ts';

/** The worst of all looks. */
export interface ReportRow {
  readonly exhibit: Exhibit;
  readonly passes: number;
  readonly violations: number;
  readonly undecided: number;
}

export interface Report {
  readonly rows: readonly ReportRow[];
  readonly axeVersion: string;
  readonly chromiumVersion: string;
}

/** Languages whose letters, lengths, and directions differ most. The tests' long form has all of them. */
const SAMPLE: readonly string[] = ['en', 'de', 'ja', 'ar'];

const looks: readonly Look[] = [
  ...LANGUAGES.filter((language) => SAMPLE.includes(language)).map((language) => ({ ...plain, language })),
  { ...plain, theme: 'dark' },
  { ...plain, special: 'forced-colors' },
];

/** Takes about a tenth of a second for each page and look. */
export async function makeReport(browser: Browser): Promise<Report> {
  let axeVersion = '';
  const rows = await inParallel(gallery, async (exhibit) => {
    const results = [];
    for (const look of looks) results.push(await withPage(browser, { exhibit, look }, runAxe));
    axeVersion = results[0]?.version ?? '';
    return {
      exhibit,
      passes: Math.min(...results.map(({ passes }) => passes)),
      violations: Math.max(...results.map(({ violations }) => violations.length)),
      undecided: Math.max(...results.map(({ incomplete }) => incomplete.length)),
    };
  });
  return { rows, axeVersion, chromiumVersion: browser.version() };
}
