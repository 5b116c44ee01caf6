// Whether a program opens Claude's links, from a real registry.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runInside } from './run-inside.ts';
import { type Computer, createComputer, type WindowsUser } from './support.ts';

let computer: Computer;
let user: WindowsUser;
beforeAll(async () => {
  computer = await createComputer();
  user = await computer.addUser('Zo\u00eb', {});
});
afterAll(() => computer?.stop());

const PACKAGE =
  'HKEY_CURRENT_USER\\Software\\Classes\\Local Settings\\Software\\Microsoft\\Windows\\CurrentVersion\\AppModel\\Repository\\Packages\\Claude_2.2553.1.0_x64__pzs8sxrjxfjjc';

it.each<[string, string, string]>([
  ['a class without the mark of a scheme', '[HKEY_CURRENT_USER\\Software\\Classes\\claude]\n@="x"', 'none'],
  ['a package that declares another', `[${PACKAGE}\\Claude\\Capabilities\\URLAssociations]\n"other"="AppX1"`, 'none'],
  ['a package', `[${PACKAGE}\\Claude\\Capabilities\\URLAssociations]\n"claude"="AppX1"`, 'claude://'],
  ['the user', '[HKEY_CURRENT_USER\\Software\\Classes\\claude]\n"URL Protocol"=""', 'claude://'],
  ['the computer', '[HKEY_LOCAL_MACHINE\\Software\\Classes\\claude]\n"URL Protocol"=""', 'claude://'],
])('is looked for at %s', async (_, keys, expected) => {
  const classes = ['HKEY_CURRENT_USER', 'HKEY_LOCAL_MACHINE'].map((hive) => `[-${hive}\\Software\\Classes\\claude]`);
  await computer.importRegistry(
    `Windows Registry Editor Version 5.00\n\n${[...classes, `[-${PACKAGE}]`, keys].join('\n\n')}\n`,
  );
  expect(await runInside(computer, user, 'open-link')).toMatchObject({ exitCode: 0, stdout: expected });
});
