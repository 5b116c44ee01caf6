import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveConfiguration } from '../../../src/config/resolve.ts';
import { userFileSource } from '../../../src/config/sources/user-file.ts';

const onUnix = process.platform !== 'win32';
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
  path = join(folder, 'config.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = () => userFileSource({}, folder).read();
const problem = (env: NodeJS.ProcessEnv = {}) => {
  const { problems } = resolveConfiguration([userFileSource(env, folder)]);
  expect(problems).toHaveLength(1);
  return problems[0];
};

describe('the user file', () => {
  it('may be absent', () => {
    expect(read()).toEqual({ state: 'absent' });
  });

  it('has its values, without the editor’s $schema', () => {
    writeFileSync(path, '{"$schema": "https://example.com/schema.json", "cloud": "china"}');
    expect(read()).toEqual({ state: 'values', values: { cloud: 'china' } });
  });

  it('may begin with a byte order mark, in UTF-8 or UTF-16', () => {
    const text = '\ufeff{"organizationName": "Zoë"}';
    for (const encoding of ['utf8', 'utf16le'] as const) {
      writeFileSync(path, text, encoding);
      expect(read()).toEqual({ state: 'values', values: { organizationName: 'Zoë' } });
    }
  });

  it('names file, line and column of a trailing comma', () => {
    writeFileSync(path, '{\n  "cloud": "china",\n}\n');
    expect(problem()).toMatchObject({
      code: 'ERR_CONFIG_UNREADABLE',
      category: 'configuration',
      detail: `${path} isn't valid JSON, line 3, column 1: the comma before this } is one too many`,
    });
  });

  it("refuses what isn't a JSON object, isn't UTF-8, or is larger than 1 MiB", () => {
    writeFileSync(path, '[]');
    expect(problem()?.detail).toBe(`${path} isn't a JSON object`);
    writeFileSync(path, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]));
    expect(problem()?.detail).toBe(`${path} is neither UTF-8 nor UTF-16 text`);
    writeFileSync(path, `{"cloud": "china"}${' '.repeat(1024 * 1024)}`);
    expect(problem()?.detail).toBe(`${path} is larger than 1 MiB`);
  });

  it('is unreadable, not absent, when a folder is in its place', () => {
    mkdirSync(path);
    expect(problem()).toMatchObject({ code: 'ERR_CONFIG_UNREADABLE', detail: expect.stringContaining(path) });
  });

  it.runIf(onUnix)("doesn't wait for a pipe in its place", () => {
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    expect(problem()?.detail).toBe(`${path} isn't a regular file`);
  });

  it.runIf(onUnix)("isn't read from a folder where every user could replace it", () => {
    writeFileSync(path, '{"cloud": "china"}');
    chmodSync(folder, 0o777);
    expect(problem()).toMatchObject({
      code: 'ERR_CONFIG_UNREADABLE',
      detail: `${path} can't be trusted, because ${folder} is writable by others (everyone): run chmod go-w ${folder}`,
    });
    chmodSync(folder, 0o1777);
    expect(read()).toMatchObject({ values: { cloud: 'china' } });
  });

  it.runIf(onUnix)('may be a link, but not one that leads nowhere or to itself', () => {
    const target = join(folder, 'elsewhere.json');
    symlinkSync(target, path);
    expect(problem()?.detail).toBe(`${path} is a link to a file that doesn't exist`);
    writeFileSync(target, '{"cloud": "china"}');
    expect(read()).toMatchObject({ values: { cloud: 'china' } });
    rmSync(path);
    symlinkSync(path, path);
    expect(problem()?.detail).toBe(`${path} can't be opened (ELOOP)`);
  });

  it.runIf(onUnix && process.getuid?.() !== 0)('is unreadable without permission', () => {
    writeFileSync(path, '{}', { mode: 0o000 });
    expect(problem()?.detail).toBe(`${path} can't be opened (EACCES)`);
  });

  it.runIf(onUnix).each([
    [0o666, 'everyone'],
    [0o664, 'its group'],
  ])('is refused when others may write to it (%o)', (mode, who) => {
    writeFileSync(path, '{"cloud": "china"}');
    chmodSync(path, mode);
    expect(problem()?.detail).toBe(`${path} is writable by others (${who}): run chmod go-w ${path}`);
    chmodSync(path, 0o644);
    expect(read()).toMatchObject({ state: 'values' });
  });

  it('must exist when the variable names it', () => {
    const named = join(folder, 'named.json');
    const env = { FOUNDRY_CREDENTIAL_HELPER_CONFIG: named };
    expect(problem(env)?.detail).toBe(`${named} doesn't exist, but FOUNDRY_CREDENTIAL_HELPER_CONFIG names it`);
    writeFileSync(named, '{"cloud": "china"}');
    writeFileSync(path, '{"cloud": "public"}');
    expect(userFileSource(env, folder)).toMatchObject({ kind: 'user-file', location: named });
    expect(userFileSource(env, folder).read()).toMatchObject({ values: { cloud: 'china' } });
  });

  it('must be named by an absolute path', () => {
    expect(problem({ FOUNDRY_CREDENTIAL_HELPER_CONFIG: 'config.json' })?.detail).toMatch(
      /^config\.json must be an abs/,
    );
  });

  it('is the usual one when the variable is empty', () => {
    expect(userFileSource({ FOUNDRY_CREDENTIAL_HELPER_CONFIG: '' }, folder).location).toBe(path);
  });
});
