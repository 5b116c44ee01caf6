// An agent that hangs, can't start, or ends while people wait for it: what they are told helps, and nothing stays
// behind.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { Terminal } from '../support/harness/terminal.ts';
import type { World } from '../support/harness/world.ts';
import { agentProcess, agentProcesses, binary, isAlive, run, signIn, worldForTest } from './support.ts';

const background = (world: World) => runHelper(binary, { context: 'background', env: world.env });

/** A signed-in user whose agent no longer does anything. */
async function hungAgent(): Promise<{ world: World; pid: number }> {
  const world = await worldForTest();
  await signIn(world);
  const pid = agentProcess(world);
  process.kill(pid, 'SIGSTOP');
  return { world, pid };
}

describe.runIf(process.platform !== 'win32')('an agent that hangs', () => {
  it('is ended by "agent stop", which says so; then everything works again', async () => {
    const { world, pid } = await hungAgent();
    expect(await run(world.env, 'agent', 'stop')).toEqual({
      exitCode: 0,
      stdout: `The agent didn't answer, so its process ${pid} was ended.\n`,
      stderr: '',
    });
    expect(isAlive(pid)).toBe(false);
    expect(await run(world.env, 'agent', 'stop')).toMatchObject({ exitCode: 0, stdout: 'No agent runs.\n' });
    expect(await run(world.env, 'agent', 'start')).toMatchObject({ exitCode: 0 });
    expect(await background(world)).toMatchObject({ state: 'ok' });
    expect(world.entra.count('devicecode')).toBe(1);
  });

  it('whatever is asked, names what helps', async () => {
    const { world, pid } = await hungAgent();
    const env = { ...world.env, CLAUDE_HELPER_CONTEXT: 'mid-session-refresh' };
    const doctor = run(env, 'doctor');
    const asked = [['status'], ['agent', 'status'], ['agent', 'start'], ['login', '--no-browser'], []];
    const others = asked.map(async (args) => run(env, ...args));
    for (const { exitCode, stderr } of await Promise.all(others)) {
      expect(exitCode).toBe(6);
      expect(stderr).toMatch(
        /error\[ERR_AGENT_UNREACHABLE\]: the agent didn't answer.*\nhint: .*"foundry-credential-helper agent stop"/,
      );
    }
    for (const args of [['status'], ['agent', 'status'], ['agent', 'start']]) {
      expect((await run(env, ...args)).stderr).toContain(`the agent didn't answer: process ${pid} on `);
    }
    expect((await doctor).stdout).toContain('agent stop');
  });

  it('is ended when it hangs while it starts, before it listens', async () => {
    const world = await worldForTest();
    await run(world.env, 'agent', 'start');
    await run(world.env, 'agent', 'stop');
    await expect.poll(() => agentProcesses(world)).toEqual([]);
    const child = spawn(binary, ['agent', 'run'], { env: world.env, stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    const note = join(world.sandbox.stateFolder, 'agent-process.json');
    await expect.poll(() => pidIn(note), { interval: 1 }).toBe(child.pid);
    child.kill('SIGSTOP');
    // It may be listening already.
    expect(await run(world.env, 'agent', 'stop')).toMatchObject({ exitCode: 0 });
    expect(isAlive(child.pid ?? 0)).toBe(false);
    expect(await background(world)).toMatchObject({ exitCode: 4 });
  });

  it('without its socket: the helper says which process it is, and "agent stop" ends it', async () => {
    const { world, pid } = await hungAgent();
    rmSync(world.sandbox.runtimeFolder, { recursive: true });
    const helper = await background(world);
    expect(helper).toMatchObject({ exitCode: 6, stderr: expect.stringContaining(`process ${pid} on`) });
    expect(agentProcesses(world)).toEqual([pid]);
    expect(await run(world.env, 'agent', 'stop')).toMatchObject({ exitCode: 0 });
    expect(isAlive(pid)).toBe(false);
    expect(await background(world)).toMatchObject({ state: 'ok' });
  });
});

function pidIn(note: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(note, 'utf8')) as { pid: number }).pid;
  } catch {
    return undefined;
  }
}

describe('anyone who waits while the agent is stopped', () => {
  it('for a sign-in is told that it was canceled', async () => {
    const world = await worldForTest();
    const login = run(world.env, 'login', '--no-browser');
    const helper = runHelper(binary, { context: 'interactive', env: world.env });
    await world.entra.waitForUserCode();
    expect(await run(world.env, 'agent', 'stop')).toMatchObject({ exitCode: 0 });
    expect(await login).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('ERR_SIGN_IN_CANCELLED') });
    expect(await helper).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('ERR_SIGN_IN_CANCELLED') });
  });

  it('for a refresh gets its token', async () => {
    const world = await worldForTest();
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    await expect.poll(() => agentProcesses(world)).toEqual([]);
    world.entra.failNext('refresh', { kind: 'delay', ms: 1_500 });
    const helper = background(world);
    await expect.poll(() => world.entra.count('refresh')).toBe(1);
    expect(await run(world.env, 'agent', 'stop')).toMatchObject({ exitCode: 0 });
    expect(await helper).toMatchObject({ state: 'ok', stderr: '' });
    expect(world.entra.count('refresh')).toBe(1);
  });
});

describe.runIf(process.platform === 'linux')('"agent run" in a terminal', () => {
  it('says where it listens, and that Ctrl+C stops it', async () => {
    const world = await worldForTest();
    const terminal = new Terminal(world, { columns: 200 });
    terminal.type(`'${binary}' agent run; echo "exit $?"`);
    await expect.poll(() => terminal.screen()).toContain('Press Ctrl+C to stop it.');
    const pid = agentProcess(world);
    expect(terminal.screen()).toContain(
      `The agent runs as process ${pid}.\nIt listens at ${world.sandbox.runtimeFolder}/agent.sock and logs to ${world.sandbox.stateFolder}.`,
    );
    terminal.press('C-c');
    await expect.poll(() => terminal.screen()).toContain('exit 0');
  });

  it('says nothing if no one reads it', async () => {
    const world = await worldForTest();
    const child = spawn(binary, ['agent', 'run'], { env: world.env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    await expect.poll(async () => (await run(world.env, 'agent', 'status')).exitCode).toBe(0);
    child.kill('SIGTERM');
    await expect.poll(() => child.exitCode).toBe(0);
    expect(stderr).toBe('');
  });

  it.each([
    [['--help'], 0, 'Usage: foundry-credential-helper agent run'],
    [['-h'], 0, 'Usage: foundry-credential-helper agent run'],
    [['--foo'], 2, 'ERR_USAGE'],
    [['extra'], 2, 'ERR_USAGE'],
  ])('with %j starts no agent', async (words, exitCode, text) => {
    const world = await worldForTest();
    const result = await run(world.env, 'agent', 'run', ...words);
    expect(result.exitCode).toBe(exitCode);
    expect(result.stdout + result.stderr).toContain(text);
    expect(agentProcesses(world)).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('a start that fails', () => {
  it('ends the process, whatever it was about to do, and the next one works', async () => {
    const world = await worldForTest();
    mkdirSync(join(world.sandbox.stateFolder, '..'), { recursive: true });
    writeFileSync(world.sandbox.stateFolder, '');
    expect(await run(world.env, 'agent', 'run')).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining('ERR_STATE_UNWRITABLE'),
    });
    expect(agentProcesses(world)).toEqual([]);
  });
});
