// What the launcher does with the scheduled task for all users: the installer runs it as the system, also in a repair.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { compileLauncher } from '../../../installers/windows/launcher.ts';
import { MACHINE_TASK, taskXml } from '../../../src/autostart/task-xml.ts';
import { installTaskScheduler, type TaskScheduler } from '../../support/harness/schtasks.ts';
import { createWinePrefix, type WinePrefix, type WineRunOptions } from '../../support/harness/wine.ts';
import { WINDOWLESS } from './installer-support.ts';

const FOLDER = 'C:\\Müller & Söhne';
const SCHTASKS = /^"C:\\windows\\system32\\schtasks\.exe" \/(\w+) /;
const ERROR_BAD_PATHNAME = 161;

let prefix: WinePrefix;
let scheduler: TaskScheduler;
let bytes: Buffer;
beforeAll(async () => {
  prefix = await createWinePrefix();
  scheduler = await installTaskScheduler(prefix);
  bytes = compileLauncher('x64');
  putLauncher(FOLDER);
});
afterAll(() => prefix?.stop());
beforeEach(async () => {
  scheduler.refuse();
  await schtasks('/delete', '/tn', MACHINE_TASK, '/f');
});

const onLinux = (folder: string) => join(prefix.driveC, folder.slice(3));
const schtasks = (...args: string[]) => prefix.run('C:\\windows\\system32\\schtasks.exe', args);

function putLauncher(folder: string): void {
  mkdirSync(onLinux(folder), { recursive: true });
  writeFileSync(join(onLinux(folder), WINDOWLESS), bytes);
}

function launcher(mode: string, folder = FOLDER, options: WineRunOptions = {}) {
  return prefix.run(`${folder}\\${WINDOWLESS}`, [mode], options);
}

const task = () => scheduler.tasks().get(MACHINE_TASK);
const expected = taskXml({ program: `${FOLDER}\\${WINDOWLESS}`, principal: { kind: 'interactive' } });

it('makes the task with the program next to it, and leaves no file behind', async () => {
  expect(await launcher('--create-task')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  expect(task()).toBe(expected.replaceAll('\n', '\r\n'));
  expect(readdirSync(onLinux(FOLDER))).toEqual([WINDOWLESS]);
});

it('renews a task that someone has changed, but leaves it off', async () => {
  await launcher('--create-task');
  await schtasks('/change', '/tn', MACHINE_TASK, '/disable');
  putLauncher('C:\\moved');
  expect(await launcher('--create-task', 'C:\\moved')).toMatchObject({ exitCode: 0 });
  expect(task()).toContain(`<Command>C:\\moved\\${WINDOWLESS}</Command>`);
  expect(task()).toMatch(/<Settings>.*<Enabled>false<\/Enabled>/s);
  await schtasks('/change', '/tn', MACHINE_TASK, '/enable');
  await launcher('--create-task');
  expect(task()).toBe(expected.replaceAll('\n', '\r\n'));
});

it('removes the task, and says what the scheduler said if there is none', async () => {
  await launcher('--create-task');
  expect(await launcher('--delete-task')).toMatchObject({ exitCode: 0 });
  expect(task()).toBeUndefined();
  expect(await launcher('--delete-task')).toMatchObject({ exitCode: 1 });
});

it('asks the scheduler to run the task', async () => {
  await launcher('--create-task');
  expect(await launcher('--start-agents')).toMatchObject({ exitCode: 0 });
  expect(scheduler.calls().at(-1)).toMatch(/ \/run \/tn "Foundry Credential Helper"$/);
});

it('exits with the error of a scheduler that refuses, and leaves no file behind', async () => {
  scheduler.refuse('create');
  expect(await launcher('--create-task')).toMatchObject({ exitCode: 1 });
  expect(readdirSync(onLinux(FOLDER))).toEqual([WINDOWLESS]);
});

it("doesn't create a task for a folder whose name the scheduler would read as a variable", async () => {
  putLauncher('C:\\100%PATH%');
  expect(await launcher('--create-task', 'C:\\100%PATH%')).toMatchObject({ exitCode: ERROR_BAD_PATHNAME });
  expect(task()).toBeUndefined();
});

it("uses Windows' own schtasks.exe, whatever the user's variables and folder say", async () => {
  const evil = 'C:\\evil';
  mkdirSync(join(onLinux(evil), 'System32'), { recursive: true });
  for (const place of ['schtasks.exe', 'System32/schtasks.exe']) {
    // Not the stand-in: it would only have to be started to fail.
    writeFileSync(join(onLinux(evil), place), bytes);
  }
  const env = { SystemRoot: evil, windir: '', PATH: evil, ComSpec: null };
  const before = scheduler.calls().length;
  expect(await launcher('--create-task', FOLDER, { env, cwd: evil })).toMatchObject({ exitCode: 0 });
  expect(task()).toBeDefined();
  const calls = scheduler.calls().slice(before);
  expect(calls.map((call) => SCHTASKS.exec(call)?.[1])).toEqual(['query', 'create']);
});
