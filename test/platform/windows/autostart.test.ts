// `agent install` and `agent uninstall --purge`, with a user and a folder whose names are not ASCII.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync } from 'node:fs';
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

const runKey = async () => (await computer.prefix.run('reg.exe', ['query', RUN])).stdout;

it('starts the agent without a console at log-on, once however often it is installed', async () => {
  expect(await user.command('agent', 'install')).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await user.json('agent', 'status')).toMatchObject({
    autostart: { installed: true, kind: 'run-key', scope: 'user', thisProgram: true },
  });
  const first = await runKey();
  expect(first).toContain('foundry-credential-helperw.exe" agent run');
  expect(await user.command('agent', 'install')).toMatchObject({ exitCode: 0 });
  expect(await runKey()).toBe(first);
});

it('is the launcher that starts the program next to it, and says why it could not', async () => {
  const launcher = computer.program.replace('.exe', 'w.exe');
  const { env } = user;
  await user.command('agent', 'stop');
  expect(await computer.prefix.run(launcher, ['agent', 'run'], { env })).toMatchObject({ exitCode: 0, stdout: '' });
  await expect.poll(async () => (await user.json('agent', 'status'))['running'], { timeout: 30_000 }).toBe(true);

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

it('is the launcher that writes a line to the Application log, whatever else it is asked', () => {
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

it('is taken out again, with everything that was kept for the user but his settings', async () => {
  await signIn(world, user);
  expect(existsSync(join(user.data, 'state'))).toBe(true);
  const { exitCode, stdout, stderr } = await user.command('agent', 'uninstall', '--purge');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain('Removed 1 keystore entry.');
  expect(await runKey()).not.toContain('foundry-credential-helper');
  expect(existsSync(user.configFile)).toBe(true);
  // Windows does not let go of an addon that the command itself has loaded.
  const left = existsSync(user.data) ? readdirSync(user.data, { recursive: true }).map(String) : [];
  expect(left.filter((path) => !/^(?:config\.json|cache([\\/]\w+-[\da-f]+\.node)?)$/.test(path))).toEqual([]);
  expect(await user.json('agent', 'status')).toMatchObject({ running: false, autostart: { installed: false } });
});
