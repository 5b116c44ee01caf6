// `agent install` and `agent uninstall --purge`, with a user and a folder whose names aren't ASCII.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { World } from '../../support/harness/world.ts';
import { type Computer, createComputer, createWindowsWorld, signIn, type WindowsUser } from './support.ts';

const RUN = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run';

let computer: Computer;
let user: WindowsUser;
let world: World;
beforeAll(async () => {
  const made = await createWindowsWorld();
  world = made.world;
  computer = await createComputer();
  user = await computer.addUser('Zoë Müller', made.config);
});
afterAll(async () => {
  await computer?.stop();
  await world?.dispose();
});

const TASK = /^Foundry Credential Helper S-1-5-21-[\d-]+$/;
const AGENT = { timeout: 30_000 };

const runKey = async () => (await computer.prefix.run('reg.exe', ['query', RUN])).stdout;
const task = (): string => [...computer.scheduler.tasks()].find(([name]) => TASK.test(name))?.[1] ?? '';
const schtasks = (...args: string[]) => computer.prefix.run('schtasks.exe', args);
const taskName = (): string => [...computer.scheduler.tasks().keys()].find((name) => TASK.test(name)) ?? '';
const doctorCheck = async (id: string) =>
  ((await user.json('doctor'))['checks'] as { id: string }[]).find((check) => check.id === id);

it("has a task that starts the agent without a console at log-on, only once no matter how often it's installed", async () => {
  computer.scheduler.setStandardUser(true);
  expect(await doctorCheck('autostart')).toMatchObject({ state: 'warn', facts: { installed: false } });
  expect(await user.command('agent', 'install')).toMatchObject({ exitCode: 0, stderr: '' });
  const entry = { kind: 'scheduled-task', scope: 'user', enabled: true, thisProgram: true };
  expect(await user.json('agent', 'status')).toMatchObject({ running: true, autostart: entry });
  const first = task();
  expect(first).toContain('foundry-credential-helperw.exe</Command>');
  expect(await user.command('agent', 'install')).toMatchObject({ exitCode: 0 });
  expect(task()).toBe(first);
  expect(await doctorCheck('autostart')).toMatchObject({ state: 'ok' });
  expect(existsSync(join(user.data, 'state/task.xml'))).toBe(false);
});

it('has the task start the agent when a helper finds none', async () => {
  await user.command('agent', 'stop');
  const before = computer.scheduler.calls().length;
  // No one is signed in.
  expect(await user.helper('background')).toMatchObject({ exitCode: 4 });
  expect(computer.scheduler.calls().slice(before).join('\n')).toContain(`/run /tn "${taskName()}"`);
  expect(await user.json('agent', 'status')).toMatchObject({ running: true });
});

it('takes the place of a value of the Run key that an older version has left', async () => {
  const command = `"${computer.program.replace('.exe', 'w.exe')}" agent run`;
  await schtasks('/delete', '/tn', taskName(), '/f');
  await computer.prefix.run('reg.exe', ['add', RUN, '/v', 'Foundry Credential Helper', '/d', command, '/f']);
  expect(await user.json('agent', 'status')).toMatchObject({ autostart: { kind: 'run-key', enabled: true } });
  const approved = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\StartupApproved\\Run';
  const off = ['/v', 'Foundry Credential Helper', '/t', 'REG_BINARY', '/d', '030000000000000000000000', '/f'];
  expect(await computer.prefix.run('reg.exe', ['add', approved, ...off])).toMatchObject({ exitCode: 0 });
  expect(await user.json('agent', 'status')).toMatchObject({ autostart: { kind: 'run-key', enabled: false } });
  expect(await user.command('agent', 'install')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await runKey()).not.toContain('foundry-credential-helper');
  expect(await user.json('agent', 'status')).toMatchObject({ autostart: { kind: 'scheduled-task', enabled: true } });
});

it('says that someone has disabled the task, and enables it again', async () => {
  expect(await schtasks('/change', '/tn', taskName(), '/disable')).toMatchObject({ exitCode: 0 });
  expect(await user.json('agent', 'status')).toMatchObject({ autostart: { enabled: false } });
  expect((await user.command('agent', 'status')).stdout).toContain("isn't enabled");
  expect(await doctorCheck('autostart')).toMatchObject({ state: 'warn', facts: { enabled: false } });
  await user.command('agent', 'install');
  expect(await user.json('agent', 'status')).toMatchObject({ autostart: { enabled: true } });
});

it("corrects a task that starts another copy of this program, in a folder that isn't ASCII", async () => {
  const folder = `${user.profile}\\東京 & Zoë`;
  const copy = `${folder}\\foundry-credential-helper.exe`;
  mkdirSync(computer.onLinux(folder));
  // Copies: Wine calls a program by the name of any of its links.
  for (const end of ['.exe', 'w.exe']) {
    const [from, to] = [computer.program, copy].map((path) => computer.onLinux(path.replace('.exe', end)));
    copyFileSync(from ?? '', to ?? '');
  }
  const run = (...args: string[]) => computer.prefix.run(copy, args, { env: user.env });
  await user.command('agent', 'stop');
  expect(JSON.parse((await run('agent', 'status', '--json')).stdout)).toMatchObject({
    autostart: { thisProgram: false },
  });
  expect((await run('agent', 'install')).stdout).toContain(`Corrected Task Scheduler\\${taskName()}`);
  expect(task()).toContain('東京 &amp; Zoë');
  // The console's code page lacks the characters, and still the program knows itself.
  expect(JSON.parse((await run('agent', 'status', '--json')).stdout)).toMatchObject({
    running: true,
    autostart: { thisProgram: true, program: copy.replace('.exe', 'w.exe') },
  });
  expect(await doctorCheck('autostart')).toMatchObject({
    state: 'warn',
    detail: expect.stringContaining('not this program'),
  });
  expect(await run('agent', 'stop')).toMatchObject({ exitCode: 0 });
  expect(await user.command('agent', 'install')).toMatchObject({ exitCode: 0 });
});

it('starts the new program after an upgrade has ended the old one', async () => {
  const program = computer.onLinux(computer.program);
  await computer.prefix.run(computer.program.replace('.exe', 'w.exe'), ['--end-all']);
  copyFileSync(program, `${program}.new`);
  renameSync(`${program}.new`, program);
  expect(await user.helper('background')).toMatchObject({ exitCode: 4 });
  expect(await user.json('agent', 'status')).toMatchObject({ running: true, autostart: { thisProgram: true } });
});

it("is the launcher that starts the program next to it, and says why it couldn't", async () => {
  const launcher = computer.program.replace('.exe', 'w.exe');
  const { env } = user;
  await user.command('agent', 'stop');
  expect(await computer.prefix.run(launcher, ['agent', 'run'], { env })).toMatchObject({ exitCode: 0, stdout: '' });
  await expect.poll(async () => (await user.json('agent', 'status'))['running'], AGENT).toBe(true);

  const FILE_NOT_FOUND = 2;
  const BAD_PATHNAME = 161;
  for (const [name, exitCode] of [
    ['alonew.exe', FILE_NOT_FOUND],
    ['other.exe', BAD_PATHNAME],
  ] as const) {
    const copy = `C:\\${name}`;
    copyFileSync(computer.onLinux(launcher), computer.onLinux(copy));
    expect(await computer.prefix.run(copy, [], { env })).toMatchObject({ exitCode });
  }
});

it('is the launcher that writes a line to the Application log, whatever other arguments it gets', () => {
  const launcher = computer.program.replace('.exe', 'w.exe');
  const report = (...args: string[]) =>
    spawnSync('wine', [launcher, ...args], {
      env: { ...computer.prefix.env, WINEDEBUG: '+eventlog' },
      input: '{"id":100,"event":"token-issued"}',
      encoding: 'utf8',
    });
  const reported = report('--report-event', '100');
  expect(reported.status).toBe(0);
  expect(reported.stderr).toContain('RegisterEventSourceW ((null),L"Foundry Credential Helper")');
  expect(reported.stderr).toMatch(/ReportEventW \(\w+,0x0004,0x0000,0x00000064,/);
  expect(reported.stderr).toContain(String.raw`ReportEventW L"{\"id\":100,\"event\":\"token-issued\"}"`);
  // Numbers that EventCreate.exe has no message for.
  for (const id of ['1001', '0', 'x']) expect(report('--report-event', id).stderr).not.toContain('ReportEventW');
});

it('is removed, with everything that was stored for the user except the settings', async () => {
  // doctor leaves its device codes to expire.
  for (let left = world.entra.deviceCodes.newestPending(); left; left = world.entra.deviceCodes.newestPending())
    world.entra.expire(left.userCode);
  await signIn(world, user);
  expect(existsSync(join(user.data, 'state'))).toBe(true);
  const { exitCode, stdout, stderr } = await user.command('agent', 'uninstall', '--purge');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain('Removed 1 keystore entry.');
  expect(task()).toBe('');
  expect(existsSync(user.configFile)).toBe(true);
  // Windows doesn't let go of an addon that the command itself has loaded.
  const left = existsSync(user.data) ? readdirSync(user.data, { recursive: true }).map(String) : [];
  expect(left.filter((path) => !/^(?:config\.json|cache([\\/]\w+-[\da-f]+\.node)?)$/.test(path))).toEqual([]);
  expect(await user.json('agent', 'status')).toMatchObject({ running: false, autostart: { installed: false } });
});
