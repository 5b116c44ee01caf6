import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findProgram, systemProgram, withoutRelativePath } from '../../../src/platform/programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'programs-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('systemProgram', () => {
  it.each<[string | undefined, string]>([
    ['D:\\WINNT', 'D:\\WINNT\\System32\\tasklist.exe'],
    ['c:/windows', 'c:\\windows\\System32\\tasklist.exe'],
    ...['', '.', 'Windows', '..\\x', '\\Windows', 'C:', 'C:Windows', '\\\\server\\share', '/x', undefined].map(
      (root): [string | undefined, string] => [root, 'C:\\Windows\\System32\\tasklist.exe'],
    ),
  ])('with SystemRoot %o is %s', (SystemRoot, path) => {
    expect(systemProgram('tasklist.exe', { SystemRoot })).toBe(path);
  });
});

describe("systemProgram's folder", () => {
  it.each([
    [{ SYSTEMROOT: 'D:\\WINNT' }, 'D:\\WINNT'],
    [{ SystemRoot: '', WINDIR: 'D:\\WINNT' }, 'D:\\WINNT'],
    [{ SystemRoot: '', windir: '' }, 'C:\\Windows'],
    [{ SystemRoot: 'Windows', windir: '.' }, 'C:\\Windows'],
    [{}, 'C:\\Windows'],
  ])('with %o is in %s', (env, root) => {
    expect(systemProgram('cmd.exe', env)).toBe(`${root}\\System32\\cmd.exe`);
  });
});

describe.runIf(process.platform !== 'win32')('findProgram', () => {
  const program = join(folder, 'bin', 'tool');
  mkdirSync(join(folder, 'bin'));
  writeFileSync(program, '');
  chmodSync(program, 0o755);
  writeFileSync(join(folder, 'bin', 'text'), '', { mode: 0o644 });

  it.each([
    [`${folder}/bin`, 'tool', program],
    [`:.:relative:/nowhere:${folder}/bin`, 'tool', program],
    ['', 'tool', undefined],
    [undefined, 'tool', undefined],
    [`${folder}/bin`, 'text', undefined],
    [folder, 'bin/tool', undefined],
    [folder, './bin/tool', undefined],
    [`${folder}/bin`, '', undefined],
    ['', program, program],
  ])('in PATH=%s finds %s at %s', (PATH, name, found) => {
    expect(findProgram(name, { PATH })).toBe(found);
  });
});

describe('withoutRelativePath', () => {
  it.each([
    ['linux', { PATH: ':/usr/bin:.:bin::/bin:', A: 'b' }, { PATH: '/usr/bin:/bin', A: 'b' }],
    ['linux', { A: 'b' }, { A: 'b' }],
    [
      'win32',
      { Path: 'C:\\a;;.;b;"D:\\c d";\\\\server\\x;\\e;C:f', A: '.' },
      { Path: 'C:\\a;"D:\\c d";\\\\server\\x', A: '.' },
    ],
    [
      'win32',
      { SystemRoot: '', WINDIR: '', ComSpec: '', SystemDrive: '', PATH: '', TEMP: '' },
      {
        SystemRoot: 'C:\\Windows',
        WINDIR: 'C:\\Windows',
        ComSpec: 'C:\\Windows\\System32\\cmd.exe',
        SystemDrive: 'C:',
        PATH: '',
        TEMP: '',
      },
    ],
    [
      'win32',
      { SYSTEMROOT: '..', windir: 'D:\\WINNT', comspec: 'cmd.exe', SystemDrive: 'D' },
      { SYSTEMROOT: 'D:\\WINNT', windir: 'D:\\WINNT', comspec: 'D:\\WINNT\\System32\\cmd.exe', SystemDrive: 'D:' },
    ],
    [
      'win32',
      { SystemRoot: 'E:\\W', windir: 'E:\\W', ComSpec: 'F:\\shell.exe', SystemDrive: 'E:' },
      { SystemRoot: 'E:\\W', windir: 'E:\\W', ComSpec: 'F:\\shell.exe', SystemDrive: 'E:' },
    ],
    ['linux', { SystemRoot: '', ComSpec: '' }, { SystemRoot: '', ComSpec: '' }],
  ] as const)('on %s makes of %o %o', (platform, env, expected) => {
    expect(withoutRelativePath(env, platform)).toEqual(expected);
  });
});
