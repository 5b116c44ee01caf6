// `exec` on Windows: finds programs and batch files as a shell does, and passes their arguments on unchanged.
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { windowsCommand } from '../../../src/platform/windows-command.ts';
import { sample } from '../../support/harness/long.ts';
import { windowsNode } from '../../support/harness/wine.ts';
import type { World } from '../../support/harness/world.ts';
import { type Computer, createComputer, createWindowsWorld, signIn, type WindowsUser } from './support.ts';

const TOOLS = 'C:\\tools & more';
const WORK = 'C:\\work';
/** As npm writes one for each program of a package. */
const BATCH = `@ECHO off\r\nSETLOCAL\r\nSET "_prog=${TOOLS}\\node.exe"\r\n"%_prog%" "C:\\show.cjs" %*\r\n`;

let computer: Computer;
let user: WindowsUser;
let world: World;
beforeAll(async () => {
  const made = await createWindowsWorld({ config: { allowTokenEndpoint: true } });
  world = made.world;
  computer = await createComputer();
  user = await computer.addUser('Ada', made.config);
  const put = (path: string, text: string) => writeFileSync(computer.onLinux(path), text);
  for (const folder of [TOOLS, WORK, `${WORK}\\sub`]) mkdirSync(computer.onLinux(folder));
  put(
    'C:\\show.cjs',
    'console.log(JSON.stringify({ args: process.argv.slice(2), found: !!process.env.IDENTITY_ENDPOINT }))',
  );
  linkSync((await windowsNode()).replace(/^Z:/, '').replaceAll('\\', '/'), computer.onLinux(`${TOOLS}\\node.exe`));
  put(`${TOOLS}\\show.cmd`, BATCH);
  // For sh, as npm puts it next to the batch file.
  put(`${TOOLS}\\show`, '#!/bin/sh\nexit 1\n');
  put(`${TOOLS}\\fails.bat`, '@exit /b 42\r\n');
  put(`${TOOLS}\\text.txt`, 'text');
  for (const name of ['show.cmd', 'node.cmd', 'node.exe', 'only-here.cmd']) put(`${WORK}\\${name}`, '@exit /b 9\r\n');
  put(`${WORK}\\sub\\local.cmd`, BATCH);
  await signIn(world, user);
});
afterAll(async () => {
  await computer?.stop();
  await world?.dispose();
});

const exec = (...command: string[]) =>
  computer.prefix.run(computer.program, ['exec', '--', ...command], {
    env: { ...user.env, PATH: `.;;${TOOLS};C:\\windows\\system32`, PATHEXT: '.COM;.EXE;.BAT;.CMD;.VBS' },
    cwd: WORK,
  });

async function shown(...command: string[]): Promise<unknown> {
  const { exitCode, stdout, stderr } = await exec(...command);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout);
}

const HARD = [
  ['two words', '', 'end'],
  ['say "hi"', '"', '""', 'a"b c"d'],
  ['a&b', '|', '<in', '>out', '^', 'a^b', '(x)', '!x!', ';,=', '`', "'", '*', '?', '~', '@x'],
  ['back\\', 'two words\\', '\\\\server\\share\\', '\\"', 'a\\\\"b'],
  ['" & echo injected & "', '"&calc', 'x" ^& y'],
  ['Zoë', '日本語', '🔑', 'ß€'],
  ['--flag=a b', '-p', 'Say "hello" & exit.', '/c'],
];

describe('a program', () => {
  it.each(sample(HARD, 2))('gets %j and all that comes with it', async (...args) => {
    expect(await shown('node', 'C:\\show.cjs', ...args, '100%', '%PATH%')).toEqual({
      args: [...args, '100%', '%PATH%'],
      found: true,
    });
  });
});

describe('a batch file', () => {
  it.each(sample(HARD, 2))('gets %j and all that comes with it', async (...args) => {
    expect(await shown('show', ...args)).toEqual({ args, found: true });
  });

  // Wine's cmd.exe, unlike Windows', looks for variables in what it put in place of %*, so here a program stands in for
  // the batch file. Rust's tests show the rest on Windows: tests/ui/std/windows/windows-bat-args.rs.
  it.each([['100%'], ['%PATH%', 'a % b', '%%', '%1', '%*', '%~dp0'], ['%OS%&x', '^%OS^%', '%cd:~,%']])(
    'would get %s and all that comes with it',
    async (...args) => {
      const found = windowsCommand('C:\\show.cmd', args, { isFile: (path) => path === 'C:\\show.cmd' });
      if (!('command' in found)) throw new Error(found.fault);
      const line = found.args[0]?.replace('"C:\\show.cmd"', `"${TOOLS}\\node.exe" C:\\show.cjs`) ?? '';
      const { stdout } = await computer.prefix.run('C:\\windows\\system32\\cmd.exe', [line], { verbatim: true });
      expect(JSON.parse(stdout)).toEqual({ args, found: false });
    },
  );

  it('is found by its name with and without extension, and by its path', async () => {
    const expected = { args: ['x'], found: true };
    for (const name of ['show', 'show.cmd', 'SHOW.CMD', `${TOOLS}\\show`, '.\\sub\\local', 'sub/local.cmd']) {
      expect(await shown(name, 'x'), name).toEqual(expected);
    }
  });

  it('ends us with its exit code', async () => {
    expect(await exec('fails')).toMatchObject({ exitCode: 42, stdout: '', stderr: '' });
  });

  it('never gets a part of an argument', async () => {
    const { exitCode, stdout, stderr } = await exec('show', 'x', 'first\nsecond');
    expect({ exitCode, stdout }).toEqual({ exitCode: 126, stdout: '' });
    expect(stderr).toContain('argument 2 has a line break');
    expect(await exec('show', 'x'.repeat(9_000))).toMatchObject({ exitCode: 126, stdout: '' });
  });
});

it('finds nothing in the working folder by a bare name', async () => {
  const { exitCode, stderr } = await exec('only-here');
  expect({ exitCode, stderr }).toEqual({
    exitCode: 127,
    stderr: expect.stringContaining('the command "only-here" can\'t be run (ENOENT)'),
  });
  expect(await exec('.\\only-here')).toMatchObject({ exitCode: 9 });
});

it("reports what Windows can't run", async () => {
  expect(await exec('text.txt')).toMatchObject({ exitCode: 126, stdout: '' });
  expect(await exec(join('no', 'such', 'file'))).toMatchObject({ exitCode: 127 });
});
