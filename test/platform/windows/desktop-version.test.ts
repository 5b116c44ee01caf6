// Which Claude Desktop doctor finds on Windows: packages by the registry, other builds by their folders, and of these
// the one that runs, whose file no one may write to.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { windowsNode } from '../../support/harness/wine.ts';
import { type Computer, createComputer, type WindowsUser } from './support.ts';

let computer: Computer;
let user: WindowsUser;
beforeAll(async () => {
  computer = await createComputer();
  user = await computer.addUser('Ada', {});
});
afterAll(() => computer?.stop());

const PACKAGES =
  'HKEY_CURRENT_USER\\Software\\Classes\\Local Settings\\Software\\Microsoft\\Windows\\CurrentVersion\\AppModel\\Repository\\Packages';
const FULL_NAME = 'Claude_2.2553.1.0_x64__pzs8sxrjxfjjc';

const finding = async (id: string) =>
  ((await user.json('doctor'))['checks'] as { id: string }[]).find((check) => check.id === id);

it('finds none, then the package, and then the older build that runs', async () => {
  expect(await finding('desktop-version')).toMatchObject({ state: 'skip', notNeeded: true });

  await computer.importRegistry(`Windows Registry Editor Version 5.00\n\n[${PACKAGES}\\${FULL_NAME}]\n`);
  expect(await finding('desktop-version')).toMatchObject({
    state: 'ok',
    detail: `version 2.2553.1.0 (package ${FULL_NAME}), not running`,
  });

  const build = `${user.env['LOCALAPPDATA']}\\AnthropicClaude\\app-1.44121.2`;
  mkdirSync(computer.onLinux(build), { recursive: true });
  const program = `${build}\\claude.exe`;
  copyFileSync((await windowsNode()).replace(/^Z:/, '').replaceAll('\\', '/'), computer.onLinux(program));
  const script = join(computer.onLinux(build), 'main.cjs');
  writeFileSync(script, 'setTimeout(() => {}, 600_000);');
  // It ends with the computer.
  computer.prefix.run(program, [`${build}\\main.cjs`], { env: user.env, timeoutMs: 600_000 }).catch(() => undefined);
  await expect
    .poll(() => finding('desktop-version'), { timeout: 120_000, interval: 500 })
    .toMatchObject({
      state: 'warn',
      detail: 'Claude Desktop 2.2553.1.0 is installed, but 1.44121.2 still runs',
      remedy: expect.stringContaining('app-<version>'),
    });
});
