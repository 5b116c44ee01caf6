// One agent for each user: every session reaches it, wherever it listens, and an agent that no one can find leaves.
import { execFile, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { canUnshareMounts } from '../support/harness/mount-namespace.ts';
import type { World } from '../support/harness/world.ts';
import {
  agentProcess,
  agentProcesses,
  binary,
  isAlive,
  killAgent,
  type Run,
  run,
  signIn,
  worldForTest,
} from './support.ts';

const onLinux = process.platform === 'linux';
const NAME = 'foundry-credential-helper';

const background = (env: Readonly<Record<string, string>>) => runHelper(binary, { context: 'background', env });

/** A folder of this user's in the sandbox, 0700. */
function folderIn(world: World, name: string): string {
  const path = join(world.sandbox.root, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

const holderFile = (world: World): string => join(world.sandbox.stateFolder, 'agent-process.json');
const holder = (world: World): Record<string, unknown> =>
  JSON.parse(readFileSync(holderFile(world), 'utf8')) as Record<string, unknown>;

/** Every `agent run` process that is seen while `work` runs. */
async function startsDuring<T>(world: World, work: Promise<T>): Promise<{ result: T; starts: number }> {
  const seen = new Set<number>();
  let over = false;
  const result = work.finally(() => {
    over = true;
  });
  while (!over) {
    for (const pid of agentProcesses(world)) seen.add(pid);
    await sleep(10);
  }
  return { result: await result, starts: seen.size };
}

describe.runIf(onLinux)('sessions of one user', () => {
  it.each([
    ['with a folder of its own', (world: World) => folderIn(world, 'run2')],
    ["in a snap, below the user's", (world: World) => folderIn(world, 'run/snap.x')],
  ])('one %s reaches the agent of the other, both ways', async (_, folder) => {
    const world = await worldForTest();
    const other = { ...world.env, XDG_RUNTIME_DIR: folder(world) };
    await signIn(world);
    const pid = agentProcess(world);
    expect(await background(other)).toMatchObject({ state: 'ok' });
    expect(await run(other, 'token')).toMatchObject({ exitCode: 0 });
    expect(await run(other, 'agent', 'status')).toMatchObject({ stdout: expect.stringContaining(`process ${pid},`) });
    expect(agentProcesses(world)).toEqual([pid]);
    expect(await run(other, 'agent', 'stop')).toMatchObject({ stdout: `The agent stops (process ${pid}).\n` });
    // The other one starts it now, and this one finds it, past its own agent's dead socket too.
    expect(await background(other)).toMatchObject({ state: 'ok' });
    await killAgent(other);
    expect(await background(other)).toMatchObject({ state: 'ok' });
    expect(await background(world.env)).toMatchObject({ state: 'ok' });
    expect(agentProcesses(world)).toHaveLength(1);
  });

  describe.runIf(canUnshareMounts)('of a computer with systemd, or without', () => {
    /** Runs the program where the given folder is /run/user. */
    const runWith = (runUser: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<Run> =>
      new Promise((resolve) => {
        const script =
          'mount -t tmpfs tmpfs /run && mkdir /run/user && mount --bind "$1" /run/user && shift && exec "$@"';
        const command = ['--mount', 'sh', '-c', script, 'sh', runUser, binary, ...args];
        execFile('unshare', command, { env, timeout: 60_000 }, (error, stdout, stderr) => {
          resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
        });
      });

    it.each([
      ['no XDG_RUNTIME_DIR', undefined],
      ['a relative one', 'run'],
      ["another user's, which can't even be entered", 'foreign'],
      ['one that is not there', '/nonexistent/run'],
    ])('%s: the same agent', async (_, named) => {
      const world = await worldForTest();
      const uid = process.getuid?.() ?? 0;
      const runUser = folderIn(world, 'run-user');
      const own = folderIn(world, `run-user/${uid}`);
      const foreign = folderIn(world, 'foreign');
      execFileSync('chown', ['12345', foreign]);
      const session = { ...world.env, XDG_RUNTIME_DIR: `/run/user/${uid}` };
      const { XDG_RUNTIME_DIR: _own, ...without } = world.env;
      const other =
        named === undefined ? without : { ...without, XDG_RUNTIME_DIR: named === 'foreign' ? foreign : named };
      for (const starter of [session, other]) {
        const second = starter === session ? other : session;
        expect((await runWith(runUser, starter, 'agent', 'start')).exitCode).toBe(0);
        const pid = agentProcess(world);
        expect(existsSync(join(own, NAME, 'agent.sock'))).toBe(true);
        const expected = { exitCode: 0, stdout: expect.stringContaining(`process ${pid},`) };
        expect(await runWith(runUser, second, 'agent', 'status')).toMatchObject(expected);
        expect((await runWith(runUser, { ...second, CLAUDE_HELPER_CONTEXT: 'background' })).exitCode).toBe(4);
        expect(agentProcesses(world)).toEqual([pid]);
        expect((await runWith(runUser, second, 'agent', 'stop')).exitCode).toBe(0);
        await expect.poll(() => isAlive(pid)).toBe(false);
      }
      // Without systemd, the state folder has the socket.
      const empty = folderIn(world, 'empty');
      expect((await runWith(empty, other, 'agent', 'start')).exitCode).toBe(0);
      expect(existsSync(join(world.sandbox.stateFolder, 'agent.sock'))).toBe(true);
      expect((await runWith(runUser, session, 'agent', 'status')).exitCode).toBe(0);
    });

    it('a foreign XDG_RUNTIME_DIR is never an internal error', async () => {
      const world = await worldForTest();
      const foreign = folderIn(world, 'foreign');
      const state = join(world.env['XDG_STATE_HOME'] ?? '', '..');
      execFileSync('chown', ['-R', '65534', world.sandbox.root]);
      execFileSync('chown', ['0', foreign]);
      chmodSync(state, 0o755);
      const env = { ...world.env, XDG_RUNTIME_DIR: foreign };
      for (const args of [[], ['status'], ['token'], ['logout'], ['agent', 'status']]) {
        const outcome = await new Promise<Run>((resolve) => {
          execFile(
            publicBinary(world),
            args,
            { env: { ...env, CLAUDE_HELPER_CONTEXT: 'background' }, cwd: '/', uid: 65_534, gid: 65_534 },
            (error, stdout, stderr) => resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr }),
          );
        });
        expect(outcome.stderr, args.join(' ')).not.toContain('ERR_INTERNAL');
        expect([0, 4, 6, 8]).toContain(outcome.exitCode);
      }
    });
  });

  it('the address that another session names is checked like any other', async () => {
    const world = await worldForTest();
    const other = { ...world.env, XDG_RUNTIME_DIR: folderIn(world, 'run2') };
    await run(world.env, 'agent', 'start');
    chmodSync(join(world.sandbox.runtimeFolder, 'agent.sock'), 0o666);
    expect(await background(other)).toMatchObject({
      exitCode: 6,
      stderr: expect.stringMatching(/ERR_AGENT_UNTRUSTED.*agent\.sock is writable by others \(everyone\)/),
    });
  });

  it.each([
    ['damaged', '{"pid":'],
    ['of a process group', JSON.stringify({ pid: 0, startedAt: '', computer: '', program: '' })],
    ['of a process that is no agent', 'init'],
  ])("a note that is %s leads nowhere and doesn't end any process", async (_, text) => {
    const world = await worldForTest();
    mkdirSync(world.sandbox.stateFolder, { recursive: true, mode: 0o700 });
    const bystander = spawn('sleep', ['1000']);
    onTestFinished(() => void bystander.kill('SIGKILL'));
    const note = { v: 1, pid: bystander.pid, startedAt: new Date().toISOString(), computer: '', program: 'sleep' };
    const computer = execFileSync('hostname', { encoding: 'utf8' }).trim();
    writeFileSync(holderFile(world), text === 'init' ? JSON.stringify({ ...note, computer }) : text, { mode: 0o600 });
    expect(await run(world.env, 'agent', 'stop')).toMatchObject({ exitCode: 0, stdout: 'No agent runs.\n' });
    expect(bystander.exitCode).toBeNull();
    expect(await run(world.env, 'agent', 'start')).toMatchObject({ exitCode: 0 });
    expect(holder(world)).toMatchObject({ pid: agentProcess(world) });
  });
});

describe.runIf(onLinux)('an agent that no one can find', () => {
  it.each([
    ['its socket is deleted', (world: World) => rmSync(join(world.sandbox.runtimeFolder, 'agent.sock'))],
    ['its session folder is deleted', (world: World) => rmSync(world.sandbox.runtimeFolder, { recursive: true })],
  ])('leaves when %s and someone asks for it; the sign-in stays', async (_, remove) => {
    const world = await worldForTest();
    await signIn(world);
    const old = agentProcess(world);
    remove(world);
    expect(await background(world.env)).toMatchObject({ state: 'ok' });
    await expect.poll(() => isAlive(old)).toBe(false);
    expect(agentProcesses(world)).toHaveLength(1);
    expect(world.entra.count('devicecode')).toBe(1);
  });

  it.each([
    ['its lock file is deleted', (world: World) => rmSync(join(world.sandbox.stateFolder, 'agent.lock'))],
    [
      'its lock file is replaced',
      (world: World) => {
        rmSync(join(world.sandbox.stateFolder, 'agent.lock'));
        writeFileSync(join(world.sandbox.stateFolder, 'agent.lock'), '', { mode: 0o600 });
      },
    ],
    ['its state folder is deleted', (world: World) => rmSync(world.sandbox.stateFolder, { recursive: true })],
    ['the home is deleted', (world: World) => rmSync(dirname(world.sandbox.stateFolder), { recursive: true })],
  ])('leaves after its next answer when %s', async (_, remove) => {
    const world = await worldForTest();
    await signIn(world);
    const old = agentProcess(world);
    remove(world);
    expect(await background(world.env)).toMatchObject({ state: 'ok' });
    await expect.poll(() => isAlive(old)).toBe(false);
    expect(await background(world.env)).toMatchObject({ state: 'ok' });
    expect(world.entra.count('devicecode')).toBe(1);
  });

  it("doesn't overwrite what a newer agent stores", async () => {
    const world = await worldForTest();
    await signIn(world);
    const old = agentProcess(world);
    const connection = connect(join(world.sandbox.runtimeFolder, 'agent.sock'));
    connection.on('error', () => undefined);
    await new Promise<void>((resolve) => connection.once('connect', () => resolve()));
    process.kill(old, 'SIGSTOP');
    // Both its places go, so the next helper starts another agent.
    rmSync(world.sandbox.runtimeFolder, { recursive: true });
    rmSync(join(world.sandbox.stateFolder, 'agent.lock'));
    expect(await background(world.env)).toMatchObject({ state: 'ok' });
    const state = readFileSync(join(world.sandbox.stateFolder, 'agent.json'), 'utf8');
    const note = readFileSync(holderFile(world), 'utf8');
    const request = { protocol: 1, version: '0.0.0', request: { method: 'sign-out' } };
    connection.write(`${JSON.stringify(request)}\n`);
    const answer = new Promise<string>((resolve) => connection.once('data', (chunk: Buffer) => resolve(String(chunk))));
    process.kill(old, 'SIGCONT');
    expect(await answer).toContain('another agent has taken its place');
    await expect.poll(() => isAlive(old)).toBe(false);
    expect(readFileSync(join(world.sandbox.stateFolder, 'agent.json'), 'utf8')).toBe(state);
    expect(readFileSync(holderFile(world), 'utf8')).toBe(note);
    // The keystore has the sign-in still.
    await killAgent(world.env);
    expect(await background(world.env)).toMatchObject({ state: 'ok' });
  });
});

it.runIf(onLinux)("an agent that leaves doesn't end another one that listens in its place", async () => {
  const world = await worldForTest();
  await run(world.env, 'agent', 'start');
  const old = agentProcess(world);
  const env = { ...world.env, XDG_STATE_HOME: folderIn(world, 'state2') };
  const newer = spawn(binary, ['agent', 'run'], { env, stdio: 'ignore' });
  onTestFinished(() => void newer.kill('SIGKILL'));
  const expected = expect.stringContaining(`process ${newer.pid},`);
  await expect.poll(async () => (await run(env, 'agent', 'status')).stdout).toEqual(expected);
  process.kill(old, 'SIGTERM');
  await expect.poll(() => isAlive(old)).toBe(false);
  expect(await run(env, 'agent', 'status')).toMatchObject({ exitCode: 0, stdout: expected });
});

/** Holds the lock as another computer would that has the same home, without anything that this one could see. */
async function holdLock(world: World): Promise<void> {
  mkdirSync(world.sandbox.stateFolder, { recursive: true, mode: 0o700 });
  const script = `
    const { DatabaseSync } = require('node:sqlite');
    globalThis.database = new DatabaseSync(${JSON.stringify(join(world.sandbox.stateFolder, 'agent.lock'))});
    database.exec('BEGIN EXCLUSIVE');
    console.log('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
  chmodSync(join(world.sandbox.stateFolder, 'agent.lock'), 0o600);
}

describe.runIf(onLinux)("a lock that can't be had", () => {
  it('is named with the computer that holds it, and one process was tried', async () => {
    const world = await worldForTest();
    await holdLock(world);
    const note = { v: 1, pid: 4711, startedAt: '2026-11-29T08:00:00.000Z', computer: 'other-pc', program: '/x' };
    writeFileSync(holderFile(world), JSON.stringify(note), { mode: 0o600 });
    for (const args of [[], ['token'], ['agent', 'run']]) {
      const { result, starts } = await startsDuring(
        world,
        run({ ...world.env, CLAUDE_HELPER_CONTEXT: 'background' }, ...args),
      );
      expect(result).toMatchObject({ exitCode: 6, stdout: '' });
      expect(result.stderr).toMatch(
        /ERR_AGENT_LOCKED.*: process 4711 on other-pc, since 2026-11-29 08:00 \(UTC\)\nhint: .*XDG_STATE_HOME/,
      );
      expect(starts).toBe(1);
    }
  });

  it('by a process that left no name', async () => {
    const world = await worldForTest();
    await holdLock(world);
    const { result, starts } = await startsDuring(world, background(world.env));
    expect(result).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining("a process that isn't on this computer"),
    });
    expect(starts).toBe(1);
  });

  it('because the file system has none', async () => {
    const world = await worldForTest();
    const library = preload(world, 'no-locks', NO_LOCKS);
    const { result, starts } = await startsDuring(world, background({ ...world.env, LD_PRELOAD: library }));
    expect(result).toMatchObject({ exitCode: 6, stderr: expect.stringMatching(/ERR_AGENT_LOCKED.*refuses locks/) });
    expect(starts).toBe(1);
    expect(readdirSync(world.sandbox.stateFolder).filter((name) => name.includes('lock-test'))).toEqual([]);
  });
});

/** As NFS without its lock daemon. */
const NO_LOCKS = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
static int locked(int fd, int command, va_list rest, const char *name) {
  void *argument = va_arg(rest, void *);
  if (command == F_SETLK || command == F_SETLKW) { errno = ENOLCK; return -1; }
  int (*real)(int, int, ...) = dlsym(RTLD_NEXT, name);
  return real(fd, command, argument);
}
int fcntl(int fd, int command, ...) { va_list rest; va_start(rest, command); return locked(fd, command, rest, "fcntl"); }
int fcntl64(int fd, int command, ...) { va_list rest; va_start(rest, command); return locked(fd, command, rest, "fcntl64"); }
`;

/** As CIFS, 9p, and some FUSE file systems, wherever the path has the word. */
const NO_SOCKETS = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
int bind(int fd, const struct sockaddr *address, socklen_t length) {
  if (address->sa_family == AF_UNIX && strstr(((const struct sockaddr_un *)address)->sun_path, "no-sockets")) { errno = EPERM; return -1; }
  int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
  return real(fd, address, length);
}
`;

/** A library that changes what the system answers. */
function preload(world: World, name: string, source: string): string {
  const path = join(world.sandbox.root, `${name}.so`);
  execFileSync('cc', ['-shared', '-fPIC', '-o', path, '-x', 'c', '-', '-ldl'], { input: source });
  return path;
}

describe.runIf(onLinux)("a folder that can't hold a socket", () => {
  it("isn't used: the agent listens in the temporary folder, and every session finds it", async () => {
    const world = await worldForTest();
    const library = preload(world, 'bind', NO_SOCKETS);
    const folder = folderIn(world, 'no-sockets');
    const env = { ...world.env, XDG_RUNTIME_DIR: folder, LD_PRELOAD: library };
    expect(await run(env, 'agent', 'start')).toMatchObject({ exitCode: 0 });
    const fallback = join(world.env['TMPDIR'] ?? '', `${NAME}-${process.getuid?.()}`);
    expect(statSync(fallback).mode & 0o777).toBe(0o700);
    expect(holder(world)).toMatchObject({ address: join(fallback, 'agent.sock') });
    const pid = agentProcess(world);
    expect(await background(env)).toMatchObject({ exitCode: 4 });
    // One that looks for temporary files elsewhere.
    expect(await background({ ...env, TMPDIR: folderIn(world, 'tmp2') })).toMatchObject({ exitCode: 4 });
    expect(agentProcesses(world)).toEqual([pid]);
  });

  it("is an error that names the socket, if the temporary folder's can't be trusted either", async () => {
    const world = await worldForTest();
    const library = preload(world, 'bind', NO_SOCKETS);
    const env = { ...world.env, XDG_RUNTIME_DIR: folderIn(world, 'no-sockets'), LD_PRELOAD: library };
    const fallback = join(world.env['TMPDIR'] ?? '', `${NAME}-${process.getuid?.()}`);
    symlinkSync('/tmp', fallback);
    const refused = await background(env);
    expect(refused).toMatchObject({
      exitCode: 6,
      stderr: expect.stringMatching(/ERR_AGENT_UNTRUSTED.*is not a folder/),
    });
    rmSync(fallback);
    const nowhere = await background({ ...env, TMPDIR: folderIn(world, 'no-sockets/tmp') });
    expect(nowhere).toMatchObject({
      exitCode: 6,
      stderr: expect.stringMatching(
        /ERR_STATE_UNWRITABLE.*no-sockets\/foundry-credential-helper\/agent\.sock \(EPERM\)/,
      ),
    });
  });

  it('because its path is too long: the same', async () => {
    const world = await worldForTest();
    const long = folderIn(world, 'x'.repeat(120));
    const env = { ...world.env, XDG_RUNTIME_DIR: long };
    expect(await run(env, 'agent', 'start')).toMatchObject({ exitCode: 0 });
    expect(String(holder(world)['address']).length).toBeLessThan(104);
    expect(await background(world.env)).toMatchObject({ exitCode: 4 });
    expect(agentProcesses(world)).toHaveLength(1);
    expect(lstatSync(String(holder(world)['address'])).isSocket()).toBe(true);
  });
});

describe.runIf(process.platform !== 'win32')('a folder that others may write to', () => {
  it.each([
    ['the state folder', (world: World) => world.sandbox.stateFolder, 0o777, 'everyone'],
    ['the session folder', (world: World) => world.sandbox.runtimeFolder, 0o770, 'its group'],
  ])('%s: says so, and what helps does help', async (_, folderOf, mode, who) => {
    const world = await worldForTest();
    const folder = folderOf(world);
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, mode);
    const helper = await background(world.env);
    expect(helper).toMatchObject({ exitCode: 6, stdout: '' });
    expect(helper.stderr).toContain('error[ERR_AGENT_UNTRUSTED]');
    expect(helper.stderr).toContain(`${folder} is writable by others (${who}): run chmod go-w ${folder}\n`);
    execFileSync('chmod', ['go-w', folder]);
    expect(await background(world.env)).toMatchObject({ exitCode: 4 });
  });
});

/** A copy that another user may run. */
function publicBinary(world: World): string {
  const path = join(world.sandbox.root, 'program');
  if (!existsSync(path)) {
    execFileSync('cp', [binary, `${path}.new`]);
    chmodSync(`${path}.new`, 0o755);
    renameSync(`${path}.new`, path);
  }
  return path;
}
