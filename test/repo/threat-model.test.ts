import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';

const read = (path: string): string => readFileSync(join(projectFolder, path), 'utf8');

describe('docs/explanation/threat-model.md', () => {
  const text = read('docs/explanation/threat-model.md');
  const named = [...text.matchAll(/`(test\/[\w./-]+)`/g)].map(([, path = '']) => path);

  it('names tests that exist', () => {
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(join(projectFolder, path)))).toEqual([]);
  });

  it('names at least one test for each guarantee', () => {
    const guarantees = (/^## Guarantees$(.*?)^## /ms.exec(text)?.[1] ?? '')
      .split('\n')
      .filter((line) => line.startsWith('| ') && !line.startsWith('| guarantee'));
    expect(guarantees.length).toBeGreaterThan(20);
    expect(guarantees.filter((line) => !/`test\/[\w./-]+\.test\.ts`[^|]*\|$/.test(line))).toEqual([]);
  });

  it('uses every suite of attacks and properties', () => {
    const folders = named.map((path) => dirname(path));
    expect(folders).toEqual(expect.arrayContaining(['test/e2e/attack', 'test/integration/fuzz']));
  });

  it('is where SECURITY.md leads', () => {
    expect(read('SECURITY.md')).toContain('](docs/explanation/threat-model.md)');
  });
});

describe.each([
  'docs/explanation/standards.md',
  'docs/explanation/privacy.md',
  'docs/maintainers/dependencies.md',
  'docs/maintainers/build-type.md',
  'SECURITY.md',
])('%s', (page) => {
  const text = read(page);

  it('names tests that exist', () => {
    const named = [...text.matchAll(/`(test\/[\w./-]+)`/g)].map(([, path = '']) => path);
    expect(named.filter((path) => !existsSync(join(projectFolder, path)))).toEqual([]);
  });
});

describe('docs/explanation/standards.md', () => {
  const rows = read('docs/explanation/standards.md')
    .split('\n')
    .filter((line) => /^\|.*\|$/.test(line) && !/^\|[-| ]+\|$/.test(line));

  it('says of each requirement whether it is met, and names a test for most of what is', () => {
    const assessed = rows.filter((row) => / \| (\*\*not met\*\*|met|in part|n\.a\.|Entra)[ ;|]/.test(row));
    expect(assessed.length).toBeGreaterThan(60);
    const met = assessed.filter((row) => row.includes(' | met |'));
    expect(met.filter((row) => row.includes('`test/')).length).toBeGreaterThan(met.length * 0.8);
  });

  it('names the gaps first', () => {
    const [, gaps = ''] = /^## What isn't met$(.*?)^## /ms.exec(read('docs/explanation/standards.md')) ?? [];
    expect(gaps).toContain('RFC 8628');
    expect(gaps).toContain("aren't bound to the device");
  });
});
