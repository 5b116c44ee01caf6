// What Claude Desktop starts from inside its package, and what becomes of it.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MACHINE_TASK, taskFile } from '../../../src/autostart/task-xml.ts';
import { windowsPath } from '../../support/harness/wine.ts';
import type { World } from '../../support/harness/world.ts';
import { appDataOf, type Desktop, PACKAGE, startDesktop } from './desktop-package.ts';
import {
  type Computer,
  createComputer,
  createWindowsWorld,
  endPrograms,
  ownProcesses,
  signIn,
  type WindowsUser,
  whileApproved,
} from './support.ts';

let computer: Computer;
let world: World;
let user: WindowsUser;
let desktop: Desktop;
let users = 0;

beforeAll(async () => {
  const made = await createWindowsWorld();
  world = made.world;
  computer = await createComputer();
  computer.scheduler.setStandardUser(true);
});
afterAll(async () => {
  await computer?.stop();
  await world?.dispose();
});
beforeEach(async () => {
  users += 1;
  user = await computer.addUser(`Zoë ${users}`, { ...world.config, caFile: windowsPath(world.caFile) });
  desktop = await startDesktop(computer, user);
});
afterEach(async () => {
  desktop?.quit();
  computer.scheduler.refuse();
  expireCodes();
  await endPrograms(computer, async () => {
    await deleteMachineTask();
    await user.command('agent', 'uninstall');
  });
});

/** doctor leaves its device codes to expire. */
function expireCodes(): void {
  const { deviceCodes } = world.entra;
  for (let left = deviceCodes.newestPending(); left; left = deviceCodes.newestPending())
    world.entra.expire(left.userCode);
}

async function signInAt(place: Desktop): Promise<void> {
  expect(await signIn(world, place)).toMatchObject({ exitCode: 0, stderr: '' });
}

const holderFile = () => join(user.data, 'state/agent-process.json');
const isOutside = () => existsSync(holderFile()) && !readFileSync(holderFile(), 'utf8').includes('"endsWith":');
const runs = (task: string) => computer.scheduler.calls().filter((call) => /\/run\b/.test(call) && call.includes(task));

/**
 * After 10 s, the program doesn't wait for the task's agent anymore and starts one in the package. On a busy computer,
 * the task then has to run once more: its agent takes over.
 */
async function waitForAgentOutside(task: string): Promise<void> {
  expect(runs(task)).not.toEqual([]);
  if (!isOutside()) await computer.prefix.run('schtasks.exe', ['/run', '/tn', task]);
  await expect.poll(isOutside).toBe(true);
  await expect.poll(agents).toHaveLength(1);
}

async function createMachineTask(): Promise<void> {
  const { prefix, program, scheduler } = computer;
  const file = join(prefix.root, 'machine.xml');
  writeFileSync(file, taskFile({ program: program.replace('.exe', 'w.exe'), principal: { kind: 'interactive' } }));
  scheduler.setStandardUser(false);
  const args = ['/create', '/tn', MACHINE_TASK, '/xml', windowsPath(file), '/f'];
  expect(await prefix.run('schtasks.exe', args)).toMatchObject({ exitCode: 0 });
  scheduler.setStandardUser(true);
}

async function deleteMachineTask(): Promise<void> {
  computer.scheduler.setStandardUser(false);
  await computer.prefix.run('schtasks.exe', ['/delete', '/tn', MACHINE_TASK, '/f']);
  computer.scheduler.setStandardUser(true);
}

const creations = (): number => computer.scheduler.calls().filter((call) => call.includes('/create')).length;
const agents = () => ownProcesses(computer).filter(({ command }) => command.endsWith('agent run'));

describe("with the installer's task", () => {
  beforeEach(createMachineTask);

  it('one agent outside serves the inside and the outside, and outlives Claude Desktop', async () => {
    const before = creations();
    await signInAt(desktop);
    await waitForAgentOutside(MACHINE_TASK);
    const inside = JSON.parse((await desktop.command('status', '--json')).stdout);
    const outside = await user.json('status');
    expect(inside).toMatchObject({ running: true, signIn: 'signed-in' });
    expect({ ...outside, token: inside.token }).toEqual(inside);
    expect(agents()).toHaveLength(1);
    expect(readdirSync(join(user.data, 'state/keystore'))).toHaveLength(1);
    expect(await user.helper('background')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(creations()).toBe(before);

    desktop.quit();
    await expect.poll(() => ownProcesses(computer).length).toBe(1);
    expect(await user.json('agent', 'status')).toMatchObject({
      running: true,
      agent: inside.agent,
      autostart: { kind: 'scheduled-task', scope: 'system', enabled: true, thisProgram: true },
    });
  });

  it("nothing is written below AppData or to the user's registry, whatever runs", async () => {
    const before = appDataOf(computer, user);
    const registry = await ownRegistry();
    await signInAt(desktop);
    for (const args of [
      ['status'],
      ['agent', 'status'],
      ['token'],
      ['doctor', '--offline'],
      ['logout'],
      ['agent', 'stop'],
    ]) {
      await desktop.command(...args);
      await user.command(...args);
    }
    expireCodes();
    const login = desktop.command('login', '--no-browser');
    expect(await whileApproved(world, login)).toMatchObject({ exitCode: 0 });
    expect(await desktop.command('agent', 'install')).toMatchObject({ exitCode: 0 });
    expect(await desktop.command('logout')).toMatchObject({ exitCode: 0 });
    expect(await desktop.command('agent', 'uninstall', '--purge')).toMatchObject({ exitCode: 0 });
    expect(appDataOf(computer, user)).toEqual(before);
    expect(await ownRegistry()).toEqual(registry);
  });
});

/** What the user's registry has of this program. */
async function ownRegistry(): Promise<readonly string[]> {
  const file = join(computer.prefix.root, 'user-export.reg');
  const { exitCode } = await computer.prefix.run('reg.exe', ['export', 'HKCU', windowsPath(file), '/y']);
  expect(exitCode).toBe(0);
  const lines = readFileSync(file, 'utf16le').split('\r\n');
  expect(lines.length).toBeGreaterThan(100);
  return lines.filter((line) => /foundry.?credential.?helper/i.test(line));
}

it("creates the user's task once if there is none, and has it start the agent outside", async () => {
  await signInAt(desktop);
  const [task = '', ...others] = computer.scheduler.tasks().keys();
  expect(task).toMatch(/^Foundry Credential Helper S-1-5-21-/);
  expect(others).toEqual([]);
  await waitForAgentOutside(task);
  desktop.quit();
  expect(await user.json('agent', 'status')).toMatchObject({
    running: true,
    autostart: { kind: 'scheduled-task', scope: 'user', enabled: true, thisProgram: true },
  });
  expect(agents()).toHaveLength(1);
});

describe('if no task is allowed', () => {
  beforeEach(() => computer.scheduler.refuse('create'));

  it('the agent ends with the Claude Desktop that started it, and the sign-in stays', async () => {
    const before = creations();
    await signInAt(desktop);
    await expect.poll(agents).toHaveLength(1);
    expect(readFileSync(holderFile(), 'utf8')).toContain('"endsWith":');
    desktop.quit();
    await expect.poll(() => ownProcesses(computer).length).toBe(0);
    const log = readFileSync(join(user.data, 'log/agent.log'), 'utf8');
    expect(log).toContain('"reason":"starter-gone"');

    desktop = await startDesktop(computer, user);
    expect(await desktop.helper('background')).toMatchObject({ exitCode: 0, stderr: '' });
    // Policies are asked once a day.
    expect(creations()).toBe(before + 1);
  });

  it('a helper and a login that wait for a sign-in end with their Claude Desktop, and leave nothing behind', async () => {
    const helper = desktop.helper('interactive').catch(() => undefined);
    await world.entra.waitForUserCode();
    // Only now, so that no agent is on its way up when Claude Desktop ends: libuv makes a detached process suspended and
    // then has it run, so one whose starter is killed in between neither runs nor ends.
    const login = desktop.command('login', '--no-browser').catch(() => undefined);
    const waiting = () => ownProcesses(computer).map(({ command }) => command);
    await expect.poll(waiting).toContainEqual(expect.stringContaining('login --no-browser'));
    desktop.quit();
    await Promise.all([helper, login]);
    await expect.poll(() => ownProcesses(computer).length).toBe(0);
  });

  it("is replaced by an agent that stays as soon as there's a task", async () => {
    await signInAt(desktop);
    computer.scheduler.refuse();
    await createMachineTask();
    await computer.prefix.run('schtasks.exe', ['/run', '/tn', MACHINE_TASK]);
    await waitForAgentOutside(MACHINE_TASK);
    desktop.quit();
    expect(await user.helper('background')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(agents()).toHaveLength(1);
  });
});

it('doctor names the package around it, and a second copy of the files in it', async () => {
  const check = async (run: Promise<{ readonly stdout: string }>): Promise<unknown> =>
    (JSON.parse((await run).stdout) as { checks: { id: string }[] }).checks.find(({ id }) => id === 'app-package');
  await createMachineTask();
  expect(await check(desktop.command('doctor', '--json'))).toMatchObject({
    state: 'ok',
    detail: expect.stringContaining(PACKAGE),
  });
  const copy = `${user.profile}\\AppData\\Local\\Packages\\Claude_pzs8sxrjxfjjc\\LocalCache\\Local\\foundry-credential-helper`;
  mkdirSync(computer.onLinux(copy), { recursive: true });
  expect(await check(user.command('doctor', '--json'))).toMatchObject({
    state: 'warn',
    detail: expect.stringContaining(copy),
    facts: { inside: '', copies: [copy] },
  });
});

it('the launcher names only a package that really runs', async () => {
  const launcher = computer.program.replace('.exe', 'w.exe');
  const { stdout, exitCode } = await computer.prefix.run(launcher, ['--origin']);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^S-1-5-21-[\d-]+\n\d+ - [A-Z]:\\.*node\.exe\n/);
  expect(stdout).not.toContain(PACKAGE);
});
