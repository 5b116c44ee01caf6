// docs/maintainers/dependencies.md says of each dependency why it's here. It must name those of today, in their versions.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, metafilesOf, projectFolder } from '../../installers/build/bundle.ts';
import { targets } from '../../installers/build/targets.ts';
import { contentsOf } from '../../installers/release/contents.ts';

const page = readFileSync(join(projectFolder, 'docs/maintainers/dependencies.md'), 'utf8');
const [, ...sections] = page.split(/^## /m);

/** `name version` of each row in the section. */
function rows(title: string): string[] {
  const section = sections.find((text) => text.startsWith(`${title}\n`)) ?? '';
  return [...section.matchAll(/^\| `([^`]+)` \| (\S+) \|/gm)].map(([, name, version]) => `${name} ${version}`);
}

const manifest = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as {
  readonly [kind: string]: Readonly<Record<string, string>>;
};
const listed = (kind: string): string[] =>
  Object.entries(manifest[kind] ?? {}).map(([name, version]) => `${name} ${version.replace(/^npm:.*@/, '')}`);

describe('docs/maintainers/dependencies.md', () => {
  it.each([
    ['dependencies', 'Inside the product'],
    ['optionalDependencies', 'Node'],
    ['devDependencies', 'Tools'],
  ])('names exactly the %s of package.json, in their versions', (kind, title) => {
    expect(listed(kind).length).toBeGreaterThan(5);
    expect(rows(title).toSorted()).toEqual(listed(kind).toSorted());
  });

  it('says in each row when a version is from, how much it is used, and what was decided', () => {
    const all = [...page.matchAll(/^\| `[^`]+` \| .*$/gm)].map(([row]) => row);
    expect(all.filter((row) => !/^(\| [^|]+ ){5}\| .{6,} \|$/.test(row))).toEqual([]);
    expect(page).toMatch(/^For people who .* Checked on \d{4}-\d\d-\d\d\./m);
  });
});

describe('the packages that others bring into the binary', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dependencies-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are those that docs/maintainers/dependencies.md names', async () => {
    const metafiles = metafilesOf(await bundle({ outputFolder: folder }));
    const packages = join(projectFolder, 'node_modules');
    const inside = targets.flatMap((target) => contentsOf(target, metafiles, packages));
    const direct = new Set(['dependencies', 'optionalDependencies'].flatMap(listed));
    // Its addons are packages of the same version.
    const others = inside
      .map(({ name, version }) => `${name.replace(/^(@napi-rs\/keyring)-.*/, '$1')} ${version}`)
      .filter((one) => !direct.has(one));
    expect(rows('Inside the product, brought by the packages above').toSorted()).toEqual(
      [...new Set(others)].toSorted(),
    );
  });
});
