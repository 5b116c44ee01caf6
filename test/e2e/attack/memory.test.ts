// What of the secrets is in the agent's memory, and in the core dump of a program that crashes. Another program of the
// same user may read memory; this is about what a dump, a swap file, or a stolen image of the computer would show.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { canUnshareMounts } from '../../support/harness/mount-namespace.ts';
import { count, countInMemory } from '../../support/harness/secrets-in-memory.ts';
import type { World } from '../../support/harness/world.ts';
import { agentPid, agentProcess, binary, run, signIn, worldForTest } from '../support.ts';

/** Garbage is collected at most 30 s after a refresh. */
const COLLECTED = { timeout: 90_000, interval: 2_000 };

/** The newest secret is the last one of each list. */
function countSecrets({ entra }: World, pid: number): Record<string, number> {
  const { refreshTokens, accessTokens, deviceCodes, userCodes } = entra.issued;
  const newest = {
    refreshToken: refreshTokens.at(-1) ?? '',
    accessToken: accessTokens.at(-1) ?? '',
    olderRefreshToken: refreshTokens.at(-2) ?? 'there is none',
    olderAccessToken: accessTokens.at(-2) ?? 'there is none',
    deviceCode: deviceCodes.at(-1) ?? '',
    userCode: userCodes.at(-1) ?? '',
  };
  return countInMemory(pid, newest);
}

describe.runIf(process.platform === 'linux')("the agent's memory", { timeout: 180_000 }, () => {
  it('has no refresh token, no code, and no token but the current one after a refresh', async () => {
    const world = await worldForTest();
    const { entra } = world;
    entra.accessTokenLifetimeSec = 20;
    await signIn(world);
    entra.accessTokenLifetimeSec = 3_600;
    const pid = agentProcess(world);
    // The search finds what is there.
    for (const found of Object.values(countSecrets(world, pid)).slice(0, 2)) expect(found).toBeGreaterThan(0);
    await expect.poll(() => entra.count('refresh')).toBe(1);
    await expect
      .poll(() => countSecrets(world, pid), COLLECTED)
      .toMatchObject({ refreshToken: 0, olderRefreshToken: 0, olderAccessToken: 0, deviceCode: 0, userCode: 0 });
    expect(countSecrets(world, pid)['accessToken']).toBeGreaterThan(0);
    // And it still works.
    const { token = '' } = await runHelper(binary, { context: 'background', env: world.env });
    expect(entra.checkAccessToken(token)).toBe('valid');
  });
});

/** A file in the working folder, which the kernel makes if `core_pattern` names no program and no other folder. */
const corePattern = process.platform === 'linux' ? readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim() : '|';
const makesCoreFiles = /^[^|/%]+$/.test(corePattern);

/** Starts a program with an unlimited core size in `folder`, where its dump goes. */
function startIn(folder: string, world: World, command: readonly string[]) {
  mkdirSync(folder, { recursive: true });
  const script = 'ulimit -c unlimited && exec "$@"';
  const child = spawn('sh', ['-c', script, 'sh', ...command], { cwd: folder, env: world.env, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Ends the process with a signal that makes the kernel write its dump, and reads it. */
async function dumpOf(child: ReturnType<typeof startIn>, folder: string, signal: NodeJS.Signals): Promise<Buffer> {
  const ended = once(child, 'exit');
  child.kill(signal);
  expect(await ended).toEqual([null, signal]);
  const [file] = readdirSync(folder).filter((name) => name.startsWith(corePattern));
  if (file === undefined) throw new Error('the kernel made no dump');
  return readFileSync(join(folder, file));
}

const secretsIn = (dump: Buffer, world: World): number =>
  world.entra.secrets().reduce((sum, secret) => sum + count([dump], secret), 0);

describe.runIf(makesCoreFiles)('a core dump', () => {
  it.each(['SIGSEGV', 'SIGABRT'] as const)('of the agent that ends with %s holds no secret', async (signal) => {
    const world = await worldForTest();
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    const dumpOfAgent = async (name: string, prepare: (pid: number) => void): Promise<Buffer> => {
      const folder = join(world.sandbox.root, name);
      const agent = startIn(folder, world, [binary, 'agent', 'run']);
      await expect.poll(() => agentPid(world.env)).toBe(agent.pid);
      const { token = '' } = await runHelper(binary, { context: 'background', env: world.env });
      expect(world.entra.checkAccessToken(token)).toBe('valid');
      prepare(agent.pid ?? 0);
      return dumpOf(agent, folder, signal);
    };
    // The search finds them in a dump that the kernel is told to put memory into.
    const full = await dumpOfAgent('full', (pid) => writeFileSync(`/proc/${pid}/coredump_filter`, '0x33'));
    expect(secretsIn(full, world)).toBeGreaterThan(0);
    const ours = await dumpOfAgent('ours', () => undefined);
    expect(ours.subarray(0, 4)).toEqual(Buffer.from('\x7fELF'));
    expect(secretsIn(ours, world)).toBe(0);
  });

  it('of what "exec" runs is written as usual, but not of "exec" itself', async () => {
    const world = await worldForTest({ config: { allowTokenEndpoint: true } });
    await signIn(world);
    const folder = join(world.sandbox.root, 'exec');
    const script = 'cat /proc/self/coredump_filter > filter && sleep 60';
    const child = startIn(folder, world, [binary, 'exec', 'sh', '-c', script]);
    const filter = () => readFileSync(join(folder, 'filter'), 'utf8');
    await expect.poll(() => readdirSync(folder)).toContain('filter');
    await expect.poll(filter).toBe('00000033\n');
    expect(readFileSync(`/proc/${child.pid}/coredump_filter`, 'utf8')).toBe('00000000\n');
  });
});

describe.runIf(process.platform === 'linux')("Node's own ways to write memory to a file", () => {
  it.each(['NODE_OPTIONS', 'argv[0]'])("aren't turned on by %s", async (way) => {
    const world = await worldForTest();
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    const folder = join(world.sandbox.root, 'cwd');
    mkdirSync(folder);
    const options = ['--heapsnapshot-signal=SIGUSR2', '--report-on-signal', '--report-on-fatalerror', '--heap-prof'];
    const env = way === 'NODE_OPTIONS' ? { ...world.env, NODE_OPTIONS: options.join(' ') } : world.env;
    for (const argv0 of way === 'argv[0]' ? options : [binary]) {
      const agent = spawn(binary, ['agent', 'run'], { argv0, env, cwd: folder, stdio: 'ignore' });
      onTestFinished(() => void agent.kill('SIGKILL'));
      await expect.poll(() => agentPid(world.env)).toBe(agent.pid);
      const ended = once(agent, 'exit');
      agent.kill('SIGUSR2');
      // A handler would have kept it running. Without one, this signal ends a process.
      expect(await ended).toEqual([null, 'SIGUSR2']);
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe.runIf(canUnshareMounts)('an agent that may not write to /proc', () => {
  it('says in its log that core dumps would have its memory, and hands out tokens', async () => {
    const world = await worldForTest();
    const log = () => readFileSync(join(world.sandbox.stateFolder, 'agent.log'), 'utf8');
    await signIn(world);
    expect(log()).not.toContain('core-dumps-have-memory');
    await run(world.env, 'agent', 'stop');
    const script = 'mount --bind /proc /proc && mount -o remount,ro,bind /proc && exec "$@"';
    const inMounts = ['unshare', '--mount', 'sh', '-c', script, 'sh'];
    const agent = startIn(world.sandbox.root, world, [...inMounts, binary, 'agent', 'run']);
    await expect.poll(() => agentPid(world.env)).toBe(agent.pid);
    const { token = '' } = await runHelper(binary, { context: 'background', env: world.env });
    expect(world.entra.checkAccessToken(token)).toBe('valid');
    expect(log()).toContain('core-dumps-have-memory');
  });
});
