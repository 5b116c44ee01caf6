// From the first sign-in to the last trace, with this computer's own keystore, socket or pipe, and processes: a keyring
// on Linux, the Keychain on macOS, DPAPI on Windows. The other end-to-end tests go deeper, and are made for Linux.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { findSecretsInFiles } from '../support/harness/find-secrets.ts';
import { createWorld, type World } from '../support/harness/world.ts';
import { agentPid, binary, isAlive, type Run, run, runJson } from './support.ts';

it('signs in, serves Claude Desktop from then on, survives its agent, signs out, and leaves no secret', async () => {
  const world = await createWorld();
  // First the agent, whose open files prevent Windows from removing the folder.
  onTestFinished(async () => {
    await run(world.env, 'agent', 'stop');
    await world.dispose();
  });

  expect(await logIn(world)).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('warning:') });
  const first = await runHelper(binary, { context: 'mid-session-refresh', env: world.env });
  expect(first).toMatchObject({ state: 'ok', exitCode: 0, stderr: '', outputHeldOpen: false });
  expect(world.entra.checkAccessToken(first.token ?? '')).toBe('valid');

  await endAgent(world);
  const second = await runHelper(binary, { context: 'background', env: world.env });
  expect(second).toMatchObject({ state: 'ok', exitCode: 0, stderr: '', outputHeldOpen: false });
  expect(world.entra.checkAccessToken(second.token ?? '')).toBe('valid');
  expect(world.entra.count('devicecode')).toBe(1);
  expect(await states(world)).toEqual({ keystore: 'ok', agent: 'ok', 'sign-in': 'ok' });

  const secrets = world.entra.secrets();
  expect(await run(world.env, 'logout')).toMatchObject({ exitCode: 0, stdout: 'Signed out.\n' });
  const refused = await runHelper(binary, { context: 'background', env: world.env });
  expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
  await stopAgent(world);
  expect(findSecretsInFiles(world.sandbox.root, secrets)).toEqual([]);
});

async function logIn(world: World): Promise<Run> {
  const login = run(world.env, 'login', '--no-browser', '--method', 'device-code');
  world.entra.approve(await world.entra.waitForUserCode());
  return login;
}

/** As a crash or the Task Manager does it. */
async function endAgent({ env }: World): Promise<void> {
  const pid = await runningAgent(env);
  process.kill(pid, 'SIGKILL');
  await expect.poll(() => isAlive(pid)).toBe(false);
}

async function stopAgent({ env }: World): Promise<void> {
  const pid = await runningAgent(env);
  expect(await run(env, 'agent', 'stop')).toMatchObject({ exitCode: 0 });
  await expect.poll(() => isAlive(pid)).toBe(false);
  // Windows lets go of the files of a process a moment after its end.
  if (process.platform === 'win32') await sleep(500);
}

async function runningAgent(env: NodeJS.ProcessEnv): Promise<number> {
  const pid = await agentPid(env);
  if (pid === undefined) throw new Error('no agent runs');
  return pid;
}

/** What `doctor` says about the parts that differ between systems. */
async function states({ env }: World): Promise<Record<string, string>> {
  const { checks } = (await runJson(env, 'doctor')) as { checks: { id: string; state: string }[] };
  const parts = checks.filter(({ id }) => ['keystore', 'agent', 'sign-in'].includes(id));
  return Object.fromEntries(parts.map(({ id, state }) => [id, state]));
}
