// What each system says of the Claude Desktop on it.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { versionIn } from '../../../src/claude-desktop/installed-apps.ts';
import { linuxApps } from '../../../src/claude-desktop/installed-linux.ts';
import { macApps } from '../../../src/claude-desktop/installed-mac.ts';
import { windowsApps } from '../../../src/claude-desktop/installed-windows.ts';
import { type RunProgram, runProgram } from '../../../src/platform/run-program.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'app-'));
  folders.push(root);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

/** A program that prints this, whatever it's asked. */
const printing =
  (text: string): RunProgram =>
  () =>
    Promise.resolve({ exitCode: 0, stdout: Buffer.from(text), stderr: Buffer.alloc(0) });

it.each([
  ['2.26454.0', '2.26454.0'],
  ['2.26454.0-1', '2.26454.0'],
  ['1:2.26454.0', '2.26454.0'],
  ['2.0.5+claude2.26454.0-1', '2.26454.0'],
  ['unknown', undefined],
])('finds the version in %s', (text, version) => {
  expect(versionIn(text)).toBe(version);
});

describe('macOS', () => {
  const info = (version: string) =>
    `<?xml version="1.0"?><plist version="1.0"><dict><key>CFBundleShortVersionString</key><string>${version}</string></dict></plist>`;
  const INFO = 'Applications/Claude.app/Contents/Info.plist';
  const ps = (elapsed: string) =>
    `    00:01 /bin/zsh\n ${elapsed} /Applications/Claude.app/Contents/MacOS/Claude\n 00:09 /Applications/Claude.app/Contents/Frameworks/Claude Helper.app/Contents/MacOS/Claude Helper\n`;

  it('reads the app of the computer and that of the user', async () => {
    const [root, home] = [folderWith({ [INFO]: info('2.26454.0') }), folderWith({ [INFO]: info('2.9939.2') })];
    const apps = await macApps({ env: {}, home, run: printing(ps('01:02')) }, root);
    expect(apps.installed.map(({ version }) => version)).toEqual(['2.26454.0', '2.9939.2']);
    expect(apps.running.map(({ program }) => program)).toEqual(['/Applications/Claude.app/Contents/MacOS/Claude']);
  });

  it('knows that files were replaced after the start', async () => {
    const home = folderWith({ [INFO]: info('2.26454.0') });
    // Installers set this one to when the app was built.
    utimesSync(join(home, INFO), 0, 0);
    const stateAfter = async (elapsed: string) => {
      const line = ps(elapsed).replaceAll('/Applications', `${home}/Applications`);
      return (await macApps({ env: {}, home, run: printing(line) }, '/nowhere')).running[0]?.isReplaced;
    };
    expect(await stateAfter('2-00:00:00')).toBe(true);
    expect(await stateAfter('00:00')).toBe(false);
  });

  it("ignores an app that it can't read", async () => {
    const home = folderWith({ [INFO]: 'no property list' });
    expect(await macApps({ env: {}, home, run: printing('') }, '/nowhere')).toEqual({ installed: [], running: [] });
  });
});

describe('Windows', () => {
  const FULL_NAME = 'Claude_2.2553.1.0_x64__pzs8sxrjxfjjc';
  const registry = {
    subkeys: () => [FULL_NAME, 'AnthropicPBC.Claude_1.2.3.0_x64__fnn82j28hfe8t', 'Microsoft.Paint_1.0.0.0_x64__x'],
  };
  const tasks = `"claude.exe (Claude)","4711","120,000 K","${FULL_NAME}"\r\n"claude.exe (Claude)","4712","9,000 K","${FULL_NAME}"\r\n"Paint","1","1 K","Microsoft.Paint_1.0.0.0_x64__x"\r\n`;

  it('lists packages, those that run, and the builds of the installer for one user', async () => {
    const home = folderWith({
      'AppData/Local/AnthropicClaude/app-1.44121.2/claude.exe': '',
      'AppData/Local/AnthropicClaude/app-2.9939.2/claude.exe': '',
      'AppData/Local/AnthropicClaude/packages/RELEASES': '',
    });
    const apps = await windowsApps({ env: {}, home, run: printing(tasks) }, registry);
    expect(apps.installed.map(({ version }) => version).toSorted()).toEqual([
      '1.2.3.0',
      '1.44121.2',
      '2.2553.1.0',
      '2.9939.2',
    ]);
    expect(apps.running.map(({ version, program }) => `${version} ${program}`)).toEqual([
      `2.2553.1.0 ${FULL_NAME}`,
      `2.2553.1.0 ${FULL_NAME}`,
    ]);
  });

  it("finds nothing if there's nothing", async () => {
    const apps = await windowsApps(
      { env: {}, home: '/nowhere', run: printing('INFO: No tasks are running.') },
      { subkeys: () => [] },
    );
    expect(apps).toEqual({ installed: [], running: [] });
  });
});

describe.runIf(process.platform === 'linux')('Linux', () => {
  it('sees the process whose home this is, and that its file was replaced', async () => {
    const root = folderWith({ 'claude-desktop/resources/app.asar': '', 'other/resources/app.asar': '' });
    const program = join(root, 'claude-desktop/claude-desktop');
    copyFileSync('/bin/sleep', program);
    const start = (...args: string[]) => {
      const child = spawn(program, args, { env: { HOME: root }, argv0: 'claude-desktop' });
      onTestFinished(() => void child.kill());
      return new Promise((resolve) => child.once('spawn', resolve));
    };
    await start('1000');
    const running = async (home: string) =>
      (await linuxApps({ env: { HOME: home, PATH: '' }, home, run: runProgram })).running;
    expect(await running(root)).toEqual([{ program, isReplaced: false }]);
    expect(await running(join(root, 'other'))).toEqual([]);
    rmSync(program);
    expect(await running(root)).toEqual([{ program, isReplaced: true }]);
  });

  it('asks the package managers', async () => {
    const bin = folderWith({});
    for (const [name, text] of [
      ['dpkg-query', 'ii \t2.26454.0-1\tclaude-desktop\\nrc \t1.2.3\tclaude-desktop-old'],
      ['rpm', '2.9939.2\tclaude-desktop-bin'],
    ] as const) {
      writeFileSync(join(bin, name), `#!/bin/sh\nprintf '${text}\\n'\nexit 1\n`, { mode: 0o755 });
    }
    const { installed } = await linuxApps({ env: { PATH: bin }, home: bin, run: runProgram });
    expect(installed).toEqual([
      { version: '2.26454.0', place: 'package claude-desktop' },
      { version: '2.9939.2', place: 'package claude-desktop-bin' },
    ]);
  });
});
