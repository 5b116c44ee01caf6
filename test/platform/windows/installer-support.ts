// Installers made from the compiled binary, and what a computer has of the product.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { withProductResources } from '../../../installers/windows/executable.ts';
import { compileLauncher } from '../../../installers/windows/launcher.ts';
import { makeInstaller } from '../../../installers/windows/msi.ts';
import { runTool } from '../../../installers/windows/run-tool.ts';
import { MACHINE_TASK } from '../../../src/autostart/task-xml.ts';
import { processesWith, type SandboxProcess } from '../../support/harness/processes.ts';
import { type WinePrefix, type WineRun, windowsPath } from '../../support/harness/wine.ts';

export const binaries = join(projectFolder, 'dist/windows-x64');
export const PROGRAM = 'foundry-credential-helper.exe';
export const WINDOWLESS = 'foundry-credential-helperw.exe';
/** What comes with the programs; the short form of their names is the installer's. */
export const DOCUMENTS = ['LICENSE', 'THIRD-PARTY-LICENSES.txt'];
/** The program's native addons, which it would unpack otherwise. */
export const ADDONS = ['dpapi.node', 'registry.node'];
const FOLDER = 'Program Files/foundry-credential-helper';
const ENVIRONMENT_KEY = 'HKLM\\System\\CurrentControlSet\\Control\\Session Manager\\Environment';
export const OWN_KEY = 'HKLM\\SOFTWARE\\FoundryCredentialHelper';
export const POLICY_KEY = 'HKLM\\SOFTWARE\\Policies\\FoundryCredentialHelper';

if (!existsSync(join(binaries, PROGRAM))) {
  throw new Error('dist/windows-x64 has no binary: run "node installers/build/build-windows.ts" first');
}

/** An installer of today's program that calls itself another version, as do the program's own resources. */
export function makeVersion(folder: string, version: string): string {
  const copies = join(folder, `binaries-${version}`);
  mkdirSync(copies);
  writeFileSync(join(copies, PROGRAM), withProductResources(readFileSync(join(binaries, PROGRAM)), version));
  writeFileSync(join(copies, WINDOWLESS), withProductResources(compileLauncher('x64'), version));
  for (const name of [...ADDONS, ...DOCUMENTS]) copyFileSync(join(binaries, name), join(copies, name));
  const output = join(folder, `${version}.msi`);
  makeInstaller({ arch: 'x64', version, binaries: copies, output });
  return output;
}

/** Rows of a table, as msiinfo prints it, without the three lines of its head. */
export function tableOf(msi: string, table: string): readonly (readonly string[])[] {
  const lines = runTool('msiinfo', ['export', msi, table]).split(/\r?\n/);
  return lines.slice(3, -1).map((line) => line.split('\t'));
}

export function msiexec(prefix: WinePrefix, ...args: string[]): Promise<WineRun> {
  return prefix.run('msiexec.exe', [...args, '/qn'], { verbatim: true, timeoutMs: 120_000 });
}

export const install = (prefix: WinePrefix, msi: string, ...properties: string[]): Promise<WineRun> =>
  msiexec(prefix, '/i', windowsPath(msi), ...properties);

export const uninstall = (prefix: WinePrefix, msi: string): Promise<WineRun> => msiexec(prefix, '/x', windowsPath(msi));

/** The installed program, with Windows' own pipes. */
export const runInstalled = (prefix: WinePrefix, ...args: string[]): Promise<WineRun> =>
  prefix.run(`C:\\${FOLDER.replaceAll('/', '\\')}\\${PROGRAM}`, args);

/** Text values of a key; `undefined` if there's no such key. */
export async function registryValues(prefix: WinePrefix, key: string): Promise<Record<string, string> | undefined> {
  const { exitCode, stdout } = await prefix.run('reg.exe', ['query', key]);
  if (exitCode !== 0) return undefined;
  return Object.fromEntries(
    [...stdout.matchAll(/^ {4}(.+?) {4}REG_(?:EXPAND_)?SZ {4}(.*?)\r?$/gm)].map(([, name = '', data = '']) => [
      name,
      data,
    ]),
  );
}

/** The text of the scheduled task for all users, as Windows keeps it. */
export function task(prefix: WinePrefix): string | undefined {
  const path = join(prefix.driveC, 'windows/system32/Tasks', MACHINE_TASK);
  return existsSync(path) ? readFileSync(path, 'utf16le').replace(/^\ufeff/, '') : undefined;
}

/**
 * The folders of the computer's PATH. Unlike Windows, Wine leaves the semicolon of one that it removes, and its cmd.exe
 * looks no further.
 */
export async function searchPath(prefix: WinePrefix): Promise<readonly string[]> {
  const values = Object.entries((await registryValues(prefix, ENVIRONMENT_KEY)) ?? {});
  return (
    values
      .find(([name]) => name.toUpperCase() === 'PATH')?.[1]
      .split(';')
      .filter(Boolean) ?? []
  );
}

export function installedFiles(prefix: WinePrefix): readonly string[] | undefined {
  const folder = join(prefix.driveC, FOLDER);
  return existsSync(folder) ? readdirSync(folder).sort() : undefined;
}

/** FileVersion of an installed executable, from its VERSIONINFO. */
export function installedVersion(prefix: WinePrefix, name: string): string {
  return fileVersion(readFileSync(join(prefix.driveC, FOLDER, name)));
}

/** VS_FIXEDFILEINFO, https://learn.microsoft.com/windows/win32/api/verrsrc/ns-verrsrc-vs_fixedfileinfo */
export function fileVersion(executable: Buffer): string {
  // With the structure's own version, 1.0: Node's code has the signature alone in it too.
  const start = executable.indexOf(Buffer.from([0xbd, 0x04, 0xef, 0xfe, 0, 0, 1, 0]));
  if (start === -1) throw new Error('no VERSIONINFO');
  const [high, low] = [executable.readUInt32LE(start + 8), executable.readUInt32LE(start + 12)];
  return [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff].join('.');
}

/** Agents that run in this prefix, by their command lines. */
export function agents(prefix: WinePrefix): readonly SandboxProcess[] {
  return running(prefix, /foundry-credential-helperw?\.exe"? +agent run/);
}

/** Windows for dialogs that are open in this prefix. */
export function dialogWindows(prefix: WinePrefix): readonly SandboxProcess[] {
  return running(prefix, /foundry-credential-helperw\.exe"? +--dialog-window/);
}

function running({ root }: WinePrefix, pattern: RegExp): readonly SandboxProcess[] {
  return processesWith(`WINEPREFIX=${root}`).filter(({ command }) => pattern.test(command));
}

export async function waitForAgent(prefix: WinePrefix): Promise<SandboxProcess> {
  for (const deadline = Date.now() + 60_000; ; await sleep(100)) {
    const [agent] = agents(prefix);
    if (agent !== undefined) return agent;
    if (Date.now() > deadline) throw new Error('no agent ran within 60 s');
  }
}

/** What the product has left on the computer. */
export async function remains(prefix: WinePrefix): Promise<object> {
  return {
    files: installedFiles(prefix),
    own: await registryValues(prefix, OWN_KEY),
    policy: await registryValues(prefix, POLICY_KEY),
    task: task(prefix),
    searchPath: (await searchPath(prefix)).filter((folder) => folder.includes('foundry')),
    agents: agents(prefix).length,
  };
}

export const NOTHING = {
  files: undefined,
  own: undefined,
  policy: undefined,
  task: undefined,
  searchPath: [],
  agents: 0,
};
