import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeFiles, missingFolders, removeEmptyFolders } from '../../../src/platform/change-files.ts';
import { replaceFile } from '../../../src/platform/replace-file.ts';

let root: string;
const at = (...names: string[]) => join(root, ...names);
const mode = (path: string) => statSync(path).mode & 0o777;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'changes-'));
  writeFileSync(at('one'), 'old one');
  writeFileSync(at('two'), 'old two');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** As replaceFile, but the file of this name can't be replaced. */
const failingAt = (name: string) => (draft: string, target: string) => {
  if (target.endsWith(name)) throw new Error('no');
  replaceFile(draft, target);
};

describe('changes to several files', () => {
  it('are all made, and undone on demand', () => {
    const undo = changeFiles([
      { path: at('one'), content: 'new one' },
      { path: at('two'), content: undefined },
      { path: at('deep', 'er', 'three'), content: 'new three' },
    ]);
    expect(readFileSync(at('one'), 'utf8')).toBe('new one');
    expect(existsSync(at('two'))).toBe(false);
    expect(readFileSync(at('deep', 'er', 'three'), 'utf8')).toBe('new three');
    undo();
    expect(readFileSync(at('one'), 'utf8')).toBe('old one');
    expect(readFileSync(at('two'), 'utf8')).toBe('old two');
    expect(readdirSync(at('deep', 'er'))).toEqual([]);
  });

  it('aren’t made if one of them can’t be, and leave no draft', () => {
    const changes = [
      { path: at('zero'), content: 'new zero' },
      { path: at('one'), content: 'new one' },
      { path: at('two'), content: 'new two' },
    ];
    expect(() => changeFiles(changes, failingAt('two'))).toThrow(
      expect.objectContaining({ code: 'ERR_FILE_UNWRITABLE', detail: at('two') }),
    );
    expect(readdirSync(root).sort()).toEqual(['one', 'two']);
    expect(readFileSync(at('one'), 'utf8')).toBe('old one');
    expect(readFileSync(at('two'), 'utf8')).toBe('old two');
  });

  it('don’t begin if the place of one of them can’t be written', () => {
    const changes = [
      { path: at('one'), content: 'new one' },
      { path: at('two', 'below a file'), content: 'x' },
    ];
    expect(() => changeFiles(changes)).toThrow(expect.objectContaining({ detail: at('two', 'below a file') }));
    expect(readFileSync(at('one'), 'utf8')).toBe('old one');
    expect(readdirSync(root).sort()).toEqual(['one', 'two']);
  });

  it('name what couldn’t be put back', () => {
    const spoiled = (draft: string, target: string) => {
      if (target.endsWith('two')) {
        rmSync(at('one'));
        mkdirSync(at('one'));
        throw new Error('no');
      }
      replaceFile(draft, target);
    };
    const changes = [
      { path: at('one'), content: 'new one' },
      { path: at('two'), content: 'new two' },
    ];
    expect(() => changeFiles(changes, spoiled)).toThrow(
      expect.objectContaining({ detail: `${at('two')}; these couldn't be put back: ${at('one')}` }),
    );
  });

  it.skipIf(process.platform === 'win32')('keep links and modes, and make new files private', () => {
    chmodSync(at('one'), 0o664);
    symlinkSync(at('one'), at('link'));
    changeFiles([
      { path: at('link'), content: 'through the link' },
      { path: at('folder', 'new'), content: 'x' },
    ]);
    expect(lstatSync(at('link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(at('one'), 'utf8')).toBe('through the link');
    expect([mode(at('one')), mode(at('folder')), mode(at('folder', 'new'))]).toEqual([0o664, 0o700, 0o600]);
  });
});

it('removes folders that it created, if they are empty', () => {
  const missing = missingFolders(at('a', 'b', 'c'));
  expect(missing).toEqual([at('a', 'b', 'c'), at('a', 'b'), at('a')]);
  mkdirSync(at('a', 'b', 'c'), { recursive: true });
  writeFileSync(at('a', 'other'), '');
  removeEmptyFolders(missing);
  expect(readdirSync(at('a'))).toEqual(['other']);
  expect(missingFolders(at('a'))).toEqual([]);
});
