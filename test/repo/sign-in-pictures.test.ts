// The docs' pictures show today's pages: each has the fingerprint of what it was drawn from.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { picturesText } from '../../scripts/pictures/docs-page.ts';
import { loginFingerprint, pageFingerprints } from '../../scripts/pictures/fingerprints.ts';
import { pageFailureOf } from '../../src/core/error-table/error-table.ts';
import { PAGE_FAILURES } from '../../src/core/error-table/spec.ts';
import { gallery } from '../integration/sign-in-page/gallery.ts';
import { exampleStates } from '../integration/sign-in-page/page-fixture.ts';

const images = join(projectFolder, 'docs/images');
const page = readFileSync(join(projectFolder, 'docs/reference/sign-in-page.md'), 'utf8');
const recorded = JSON.parse(readFileSync(join(images, 'pictures.json'), 'utf8')) as Record<string, string>;

const HOW = 'run "npm run pictures"';

describe('the pictures in the docs', () => {
  it('show the sign-in page as it is now', async () => {
    const { 'login.png': _, ...ofPages } = recorded;
    expect(ofPages, HOW).toEqual(await pageFingerprints());
  });

  it.runIf(process.platform === 'linux')('show the terminal as it is now', async () => {
    expect(recorded['login.png'], HOW).toBe(await loginFingerprint());
  });

  it('are all there, and none is left over', () => {
    const files = readdirSync(images, { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => path.endsWith('.png'));
    expect(files.sort(), HOW).toEqual(Object.keys(recorded).sort());
  });

  it('are drawn from the same page each time', async () => {
    expect(await pageFingerprints()).toEqual(await pageFingerprints());
  });
});

describe('docs/reference/sign-in-page.md', () => {
  it('shows every page that there is', () => {
    expect(page.startsWith(picturesText()), HOW).toBe(true);
    for (const { name } of gallery) expect(page).toContain(`(../images/sign-in/${name}.png)`);
  });

  it('has a line for every page in the accessibility report', () => {
    const report = page.slice(page.indexOf('## Accessibility report'));
    for (const { caption } of gallery) expect(report).toMatch(new RegExp(`^\\| ${caption} \\| \\d+ \\| 0 \\| `, 'm'));
  });
});

describe('the gallery', () => {
  const states = gallery.map(({ state }) => state);

  it('has every state', () => {
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(Object.keys(exampleStates)));
  });

  it('has every kind of failure, with a button only if trying again can help', () => {
    const shown = states.flatMap((state) =>
      'code' in state ? [{ ...state, failure: pageFailureOf(state.code) }] : [],
    );
    expect(new Set(shown.map(({ failure }) => failure))).toEqual(new Set(Object.keys(PAGE_FAILURES)));
    for (const { failure, state } of shown) {
      expect([failure, state]).toEqual([failure, PAGE_FAILURES[failure].tryAgain ? 'failed' : 'blocked']);
    }
  });
});
