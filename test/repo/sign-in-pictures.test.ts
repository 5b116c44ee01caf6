import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { gallery } from '../integration/sign-in-page/gallery.ts';

it('docs/reference/sign-in-page.md shows every page that there is, and no picture is left over (else: npm run pictures)', () => {
  const page = readFileSync(join(projectFolder, 'docs/reference/sign-in-page.md'), 'utf8');
  const shown = [...page.matchAll(/\(\.\.\/images\/sign-in\/([\w-]+)\.png\)/g)].map(([, name = '']) => name);
  expect(readdirSync(join(projectFolder, 'docs/images/sign-in')).sort()).toEqual(
    shown.map((name) => `${name}.png`).sort(),
  );
  for (const { name, caption } of gallery) {
    expect(shown).toContain(name);
    expect(page).toContain(`### ${caption}\n`);
  }
});
