import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openConfiguration } from '../../../src/config/load.ts';
import type { ConfigurationSource } from '../../../src/config/sources/source.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
  path = join(folder, 'config.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('openConfiguration', () => {
  it('reads again only when the file has changed', () => {
    const configuration = openConfiguration({}, { config: folder });
    const absent = configuration.current();
    expect(configuration.current()).toBe(absent);
    expect(absent.settings.logLevel.value).toBe('info');

    writeFileSync(path, '{"logLevel": "debug"}');
    const created = configuration.current();
    expect(created.settings.logLevel.value).toBe('debug');
    expect(configuration.current()).toBe(created);

    // As editors save: same size, another file.
    writeFileSync(join(folder, 'new'), '{"logLevel": "trace"}');
    renameSync(join(folder, 'new'), path);
    expect(configuration.current().settings.logLevel.value).toBe('trace');

    writeFileSync(path, '{');
    expect(configuration.current().problems[0]?.code).toBe('ERR_CONFIG_UNREADABLE');

    rmSync(path);
    expect(configuration.current().problems).toEqual([]);
  });

  it('counts reads of a managed source, which ranks first', () => {
    let mark = '1';
    let reads = 0;
    const policy: ConfigurationSource = {
      kind: 'managed',
      location: 'policy',
      fingerprint: () => mark,
      read: () => {
        reads += 1;
        return { state: 'values', values: { logLevel: 'warn' } };
      },
    };
    writeFileSync(path, '{"logLevel": "debug"}');
    const configuration = openConfiguration({}, { config: folder }, [policy]);
    for (let call = 0; call < 3; call += 1) expect(configuration.current().settings.logLevel.value).toBe('warn');
    expect(reads).toBe(1);
    mark = '2';
    configuration.current();
    expect(reads).toBe(2);
  });
});
