import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';

const read = (path: string): string => readFileSync(join(projectFolder, path), 'utf8');

describe('docs/threat-model.md', () => {
  const text = read('docs/threat-model.md');
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
    expect(read('SECURITY.md')).toContain('](docs/threat-model.md)');
  });
});
