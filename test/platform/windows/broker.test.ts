// Microsoft's authentication runtime under Wine, from an installer that has it. Wine has no Web Account Manager, so no
// account can sign in: test/unit/entra/broker has what happens then.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostTarget, targets } from '../../../installers/build/targets.ts';
import { installWindowsBroker } from '../../../installers/build/windows-broker.ts';
import { makeInstaller } from '../../../installers/windows/msi.ts';
import { codeHash } from '../../../src/platform/code-signature.ts';
import { compileForWindows } from '../../support/harness/compile-for-windows.ts';
import { windowsPath } from '../../support/harness/wine.ts';
import {
  ADDONS,
  agents,
  binaries,
  DOCUMENTS,
  dialogWindows,
  install,
  installedFiles,
  makeVersion,
  PROGRAM,
  tableOf,
  uninstall,
  WINDOWLESS,
} from './installer-support.ts';
import { runInside } from './run-inside.ts';
import { type Computer, createComputer, type WindowsUser } from './support.ts';

const target = targets.find(({ name }) => name === 'windows-x64') ?? hostTarget();
const FOLDER = 'C:\\Program Files\\foundry-credential-helper';
const LAUNCHER = `${FOLDER}\\${WINDOWLESS}`;
const RUNTIME = ['msal-node-runtime.node', 'msalruntime.dll'];
const FILES = [...DOCUMENTS, ...ADDONS, PROGRAM, WINDOWLESS];

const temporary = mkdtempSync(join(tmpdir(), 'broker-test-'));
const installer = join(temporary, 'with-broker.msi');
let computer: Computer;
let user: WindowsUser;
let manifest: string;
let probe: string;

beforeAll(async () => {
  const { files = {} } = (await installWindowsBroker(target)) ?? {};
  const folder = join(temporary, 'binaries');
  mkdirSync(folder);
  for (const name of FILES) copyFileSync(join(binaries, name), join(folder, name));
  for (const [name, path] of Object.entries(files)) copyFileSync(path, join(folder, name));
  makeInstaller({ arch: 'x64', version: '1.2.3', binaries: folder, output: installer });
  manifest = join(temporary, 'manifest.json');
  const hashes = Object.entries(files).map(([name, path]) => [name, codeHash(readFileSync(path), 'win32')]);
  writeFileSync(manifest, JSON.stringify(Object.fromEntries(hashes)));
  computer = await createComputer();
  user = await computer.addUser('Zoë', {});
  // Wine without a screen has no windows either, unless it draws them nowhere.
  const drivers = ['add', 'HKCU\\Software\\Wine\\Drivers', '/v', 'Graphics', '/d', 'null', '/f'];
  expect(await computer.prefix.run('reg.exe', drivers)).toMatchObject({ exitCode: 0 });
  await computer.prefix.restart();
});
afterAll(async () => {
  await computer?.stop();
  rmSync(temporary, { recursive: true });
});

interface Outcome {
  readonly result?: unknown;
  readonly fault?: string;
  readonly detail?: string;
  readonly subStatus?: number;
}
interface Report {
  /** Whether it can be loaded. */
  readonly loading: Outcome;
  readonly outcomes: Readonly<Record<string, Outcome>>;
  readonly libraries: readonly string[];
}

async function ask(folder: string, ...calls: string[]): Promise<Report> {
  const run = await runInside(computer, user, 'broker', folder, windowsPath(manifest), LAUNCHER, ...calls);
  expect(run).toMatchObject({ exitCode: 0, stderr: '' });
  return JSON.parse(run.stdout) as Report;
}

describe('an installer with the broker', () => {
  it('has both files, with the version that Windows reads from each', () => {
    const rows = tableOf(installer, 'File').map(([, , name = '', , version]) => [name.replace(/.*\|/, ''), version]);
    expect(rows).toContainEqual(['msal-node-runtime.node', '']);
    // Its resources name 0.20.7 for people only.
    expect(rows).toContainEqual(['msalruntime.dll', '0.0.0.0']);
  });

  it('puts them next to the program', async () => {
    expect(await install(computer.prefix, installer)).toMatchObject({ exitCode: 0 });
    expect(installedFiles(computer.prefix)).toEqual([...FILES, ...RUNTIME].toSorted());
  });
});

describe("Microsoft's runtime", () => {
  let report: Report;
  beforeAll(async () => {
    report = await ask(FOLDER, 'accounts', 'acquire', 'silent', 'hinted', 'claims', 'dialog', 'choice');
  });

  it('loads from the folder of the program, and its library too', () => {
    expect(report.loading).toEqual({ result: true });
    expect(report.libraries.toSorted()).toEqual(RUNTIME.map((name) => `${FOLDER}\\${name}`));
  });

  it('knows no account', () => {
    expect(report.outcomes['accounts']).toEqual({ result: [] });
    expect(report.outcomes['acquire']).toMatchObject({ fault: 'AccountNotFound' });
  });

  it.each(['silent', 'hinted', 'claims'])('says what Windows lacks for a silent sign-in (%s)', (call) => {
    expect(report.outcomes[call]).toMatchObject({
      fault: 'Missing',
      detail: 'this Windows has no Web Account Manager',
      // REGDB_E_CLASSNOTREG
      subStatus: 0x8004_0154 | 0,
    });
  });

  it.each(['dialog', 'choice'])("reports a dialog that it can't open (%s)", (call) => {
    expect(report.outcomes[call]).toMatchObject({ fault: 'Unexpected' });
  });

  describe('that was tampered with', () => {
    const place = (name: string) => computer.onLinux(`${FOLDER}\\${name}`);

    it.each(RUNTIME)("isn't loaded if %s has a changed byte", async (name) => {
      const original = readFileSync(place(name));
      const changed = Buffer.from(original);
      const at = changed.length >>> 1;
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      writeFileSync(place(name), changed);
      const { loading, libraries } = await ask(FOLDER);
      writeFileSync(place(name), original);
      expect(loading).toMatchObject({
        fault: 'Missing',
        detail: `${FOLDER}\\${name} isn't the file that belongs to this program`,
      });
      expect(libraries).toEqual([]);
    });

    it.each(RUNTIME)("isn't loaded if %s is missing", async (name) => {
      const original = readFileSync(place(name));
      rmSync(place(name));
      const { loading, libraries } = await ask(FOLDER);
      writeFileSync(place(name), original);
      expect(loading).toMatchObject({ fault: 'Missing', detail: `${FOLDER}\\${name} is missing` });
      expect(libraries).toEqual([]);
    });
  });
});

describe('the window for a dialog', () => {
  beforeAll(() => {
    probe = 'C:\\window-probe.exe';
    writeFileSync(
      computer.onLinux(probe),
      compileForWindows(join(import.meta.dirname, 'window-probe.c'), {
        kernel32: ['ExitProcess', 'GetCommandLineA', 'GetStdHandle', 'WriteFile', 'lstrlenA'],
        user32: ['GetWindowLongPtrW', 'GetWindowTextA', 'IsWindow', 'IsWindowVisible', 'SendMessageTimeoutW'],
      }),
    );
  });
  const open = async (end: string) => {
    const run = await runInside(computer, user, 'dialog-window', LAUNCHER, probe, end);
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    return JSON.parse(run.stdout) as { handle: string; open: string[]; closed: string[] };
  };

  it('is above all others, on the taskbar, and answers, until it is closed', async () => {
    const { open: looks, closed } = await open('close');
    expect(looks).toEqual(['topmost', 'on the taskbar', 'visible', 'answers', 'Foundry Credential Helper']);
    expect(closed).toEqual(['gone']);
  });

  it('goes with the program that opened it', async () => {
    const { handle, open: looks } = await open('');
    expect(looks).toContain('visible');
    await expect
      .poll(async () => (await computer.prefix.run(probe, [handle])).stdout.trim(), { timeout: 30_000 })
      .toBe('gone');
  });

  it("isn't opened if the launcher is missing", async () => {
    const run = await runInside(computer, user, 'dialog-window', `${FOLDER}\\no-such.exe`, probe, 'close');
    expect(JSON.parse(run.stdout)).toEqual({ handle: '0', open: ['gone'], closed: ['gone'] });
  });
});

describe('an upgrade to an installer without the broker', () => {
  it('removes its files, and nothing is left in the end, even of an open window', async () => {
    const without = makeVersion(temporary, '1.2.4');
    expect(tableOf(without, 'File').flat().join(' ')).not.toMatch(/msal/i);
    expect(await install(computer.prefix, without)).toMatchObject({ exitCode: 0 });
    expect(installedFiles(computer.prefix)).toEqual(FILES.toSorted());
    // No agent may be on its way up, and an open window may not keep its program.
    await expect.poll(() => agents(computer.prefix)).toHaveLength(1);
    const waiting = runInside(computer, user, 'dialog-window', LAUNCHER, probe, 'wait');
    waiting.catch(() => undefined);
    await expect.poll(() => dialogWindows(computer.prefix)).toHaveLength(1);
    expect(await uninstall(computer.prefix, without)).toMatchObject({ exitCode: 0 });
    expect(installedFiles(computer.prefix)).toBeUndefined();
  });
});
