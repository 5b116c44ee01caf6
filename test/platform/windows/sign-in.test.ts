// From the first start on a computer to the sign-out, over the authenticated named pipe.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isLong } from '../../support/harness/long.ts';
import type { SandboxProcess } from '../../support/harness/processes.ts';
import {
  type Computer,
  createComputer,
  ownProcesses,
  signIn,
  type WindowsUser,
  whileApproved,
  worldForTest,
} from './support.ts';

describe.each(isLong ? ['Zoë Müller', '山田 太郎', "o'neill & 100% (x)"] : ['Zoë Müller'])('the user "%s"', (name) => {
  let computer: Computer;
  beforeAll(async () => {
    computer = await createComputer();
  });
  // One test's agent must not be there for the next when the test has failed.
  afterEach(() => computer?.prefix.restart());
  afterAll(() => computer?.stop());

  it('signs in by the page that Windows opens, is served from then on, and signs out', async () => {
    const { world, config } = await worldForTest();
    const user = await computer.addUser(name, config);

    const first = await signIn(world, user);
    expect(first).toMatchObject({ exitCode: 0, stderr: '', timedOut: false, outputHeldOpen: false });
    expect(world.entra.checkAccessToken(first.stdout.trim())).toBe('valid');
    expect(await user.waitForOpenedUrl()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);

    const tokenRequests = world.entra.requests.length;
    const warm = await user.helper('mid-session-refresh');
    expect(warm).toMatchObject({ exitCode: 0, stdout: first.stdout, stderr: '' });
    expect(world.entra.requests.length).toBe(tokenRequests);

    expect(agents(computer)).toEqual([expect.stringContaining('foundry-credential-helper.exe')]);
    expect(readdirSync(join(user.data, 'log'))).toContain('agent.log');
    expect(readFileSync(join(user.data, 'log/agent.log'), 'utf8')).not.toContain(first.stdout.trim());

    const { ok, checks } = (await user.json('doctor')) as { ok: boolean; checks: { id: string; state: string }[] };
    expect(checks.filter(({ state }) => state === 'fail')).toEqual([]);
    expect({ ok, states: checks.filter(({ id }) => ['keystore', 'agent', 'sign-in'].includes(id)) }).toMatchObject({
      ok: true,
      states: [{ state: 'ok' }, { state: 'ok' }, { state: 'ok' }],
    });
    expect(await user.command('logout')).toMatchObject({ exitCode: 0, stdout: 'Signed out.\n' });
    const refused = await user.helper('background');
    expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
    expect(refused.stderr).toContain('error[ERR_SIGN_IN_REQUIRED]');
    await stopAgent(computer, user);
  });

  it('serves ten helpers at the same time with one agent that none of them found, with one grant', async () => {
    const { world, config } = await worldForTest();
    const user = await computer.addUser(`${name} 2`, config);
    await signIn(world, user);
    await stopAgent(computer, user);
    const runs = await user.helpers(10, 'background');
    expect(runs.map(({ exitCode, stderr }) => ({ exitCode, stderr }))).toEqual(
      Array.from({ length: 10 }, () => ({ exitCode: 0, stderr: '' })),
    );
    expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(1);
    expect(world.entra.count('refresh')).toBe(1);
    // Those that lost the race for the lock have left, or are leaving.
    await expect.poll(() => agents(computer)).toHaveLength(1);
    await stopAgent(computer, user);
  });

  it('has a new agent after the old one was ended by force', async () => {
    const { world, config } = await worldForTest();
    const user = await computer.addUser(`${name} 3`, config);
    const first = await signIn(world, user);
    const { agent } = (await user.json('agent', 'status')) as { agent: { pid: number } };
    // Ends it as the Task Manager does: nothing is cleaned up, the pipe's file stays.
    const kill = await computer.prefix.run('taskkill.exe', ['/F', '/PID', String(agent.pid)]);
    expect(kill.exitCode).toBe(0);
    await expect.poll(() => agents(computer)).toEqual([]);
    const next = await user.helper('background');
    expect(next).toMatchObject({ exitCode: 0, stderr: '' });
    expect(next.stdout).not.toBe(first.stdout);
    await stopAgent(computer, user);
  });

  it('has an agent that hangs ended by "agent stop", after which another one names itself', async () => {
    const { world, config } = await worldForTest();
    const user = await computer.addUser(`${name} 4`, config);
    await signIn(world, user);
    const { agent } = (await user.json('agent', 'status')) as { agent: { pid: number } };
    const second = await user.command('agent', 'run');
    expect(second).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining(`already runs: process ${agent.pid} on`),
    });
    for (const { pid } of agentProcesses(computer)) process.kill(pid, 'SIGSTOP');
    expect(await user.command('agent', 'stop')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining(String(agent.pid)),
    });
    await expect.poll(() => agents(computer)).toEqual([]);
    expect(await user.helper('background')).toMatchObject({ exitCode: 0, stderr: '' });
    await stopAgent(computer, user);
  });
});

it('takes the settings from the file that FOUNDRY_CREDENTIAL_HELPER_CONFIG names', async () => {
  const computer = await createComputer();
  try {
    const { world, config } = await worldForTest();
    const user = await computer.addUser('Ada');
    const file = 'C:\\Gemeinsame Daten\\Größe.json';
    mkdirSync(computer.onLinux(dirname(file.replaceAll('\\', '/'))), { recursive: true });
    writeFileSync(computer.onLinux(file), JSON.stringify(config));
    const env = { ...user.env, FOUNDRY_CREDENTIAL_HELPER_CONFIG: file, CLAUDE_HELPER_CONTEXT: 'interactive' };
    const first = computer.prefix.run(computer.program, [], { env });
    const { exitCode, stdout, stderr } = await whileApproved(world, first);
    expect({ exitCode, stderr, verdict: world.entra.checkAccessToken(stdout.trim()) }).toEqual({
      exitCode: 0,
      stderr: '',
      verdict: 'valid',
    });
  } finally {
    await computer.stop();
  }
});

it.runIf(isLong)('runs the agent without the launcher too', async () => {
  const computer = await createComputer({ launcher: false });
  try {
    const user = await computer.addUser('Ada', {});
    expect(await user.command('agent', 'start')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(agents(computer)).toEqual([expect.stringContaining('foundry-credential-helper.exe')]);
    await stopAgent(computer, user);
  } finally {
    await computer.stop();
  }
});

async function stopAgent(computer: Computer, user: WindowsUser): Promise<void> {
  expect(await user.command('agent', 'stop')).toMatchObject({ exitCode: 0 });
  await expect.poll(() => agents(computer)).toEqual([]);
}

/** Command lines of the agents in this prefix, as Linux sees them. */
function agents(computer: Computer): string[] {
  return agentProcesses(computer).map(({ command }) => command);
}

function agentProcesses(computer: Computer): readonly SandboxProcess[] {
  return ownProcesses(computer).filter(({ command }) => /helperw?\.exe"? agent run/.test(command));
}
