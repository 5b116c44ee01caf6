// The resident agent: single, single-flight, surviving kills, stopping cleanly, giving way to a newer version.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { isLong, sample } from '../support/harness/long.ts';
import { randomDelays } from '../support/harness/seed.ts';
import type { World } from '../support/harness/world.ts';
import { startOidcProvider } from '../support/servers/oidc-provider.ts';
import {
  agentPid,
  agentProcess,
  binary,
  isAlive,
  killAgent,
  killAgentProcesses,
  run,
  runJson,
  signIn,
  worldForTest,
} from './support.ts';

function helpers(world: World, count: number, context = 'background') {
  return Promise.all(Array.from({ length: count }, () => runHelper(binary, { context, env: world.env })));
}

const agents = (world: World): number =>
  world.sandbox
    .processes()
    .filter(({ command }) => command.includes('agent'))
    .filter(({ command }) => command.includes('run')).length;

const socketOf = (world: World): string => join(world.sandbox.runtimeFolder, 'agent.sock');

describe('many helpers at the same time', () => {
  it('30 right after the agent was killed: all succeed, one refresh grant', async () => {
    const world = await worldForTest();
    await signIn(world);
    await killAgent(world.env);
    expect(existsSync(socketOf(world))).toBe(true);
    const runs = await helpers(world, 30);
    expect(runs.map(({ state }) => state)).toEqual(Array.from({ length: 30 }, () => 'ok'));
    expect(world.entra.count('refresh')).toBe(1);
    await expect.poll(() => agents(world)).toBe(1);
  });

  it('20 interactive ones with no agent and no one signed in: one prompt, one code, all get the token', async () => {
    const world = await worldForTest();
    const started = helpers(world, 20, 'interactive');
    world.entra.approve(await world.entra.waitForUserCode());
    const runs = await started;
    expect(new Set(runs.map(({ state, token }) => `${state} ${token}`)).size).toBe(1);
    expect(runs[0]?.state).toBe('ok');
    expect(world.sandbox.openedUrls()).toHaveLength(1);
    expect(world.entra.count('devicecode')).toBe(1);
    expect(world.entra.count('refresh')).toBe(0);
  });

  it('against a provider that revokes everything when two refreshers race', async () => {
    const world = await worldForTest();
    const { ca, entra, proxy, sandbox, config } = world;
    const provider = await startOidcProvider({ ca, tenantId: entra.tenantId, clientId: entra.clientId, interval: 1 });
    try {
      proxy.routes.set('login.microsoftonline.com:443', provider.port);
      sandbox.writeConfig({ ...config, minimumTokenLifetimeSeconds: 3300 });
      const login = run(world.env, 'login');
      await sandbox.waitForOpenedUrl();
      const code = await deviceCodeOf(world);
      await provider.approve(code);
      expect(await login).toMatchObject({ exitCode: 0 });
      const rounds = isLong ? 4 : 2;
      for (let round = 0; round < rounds; round += 1) {
        await killAgent(world.env);
        const runs = await helpers(world, 12);
        expect(runs.every(({ state }) => state === 'ok')).toBe(true);
      }
      expect(provider.tokenRequests['refresh_token']).toBe(rounds);
    } finally {
      await provider.close();
    }
  });
});

/** The code that `login` shows, as the page would. */
async function deviceCodeOf(world: World): Promise<string> {
  const { stderr } = await withTimeoutKill(world);
  const code = /enter the code\s+(\S+)/.exec(stderr)?.[1];
  if (code === undefined) throw new Error(`no code in ${stderr}`);
  return code;
}

/** A second `login` joins the open sign-in and prints its code immediately. */
async function withTimeoutKill(world: World): Promise<{ stderr: string }> {
  const { spawn } = await import('node:child_process');
  const child = spawn(binary, ['login', '--no-browser'], { env: world.env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  for await (const chunk of child.stderr) {
    stderr += String(chunk);
    if (stderr.includes('Waiting')) break;
  }
  child.kill('SIGKILL');
  return { stderr };
}

describe('one agent', () => {
  it('a second one exits immediately with 0 and names the first, which keeps running', async () => {
    const world = await worldForTest();
    await signIn(world);
    const first = agentProcess(world);
    expect(await run(world.env, 'agent', 'run')).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringMatching(
        new RegExp(`^The agent already runs: process ${first} on \\S+, since .*\\(UTC.*\\)\\.\n$`),
      ),
    });
    expect(await run(world.env, 'agent', 'start')).toMatchObject({ exitCode: 0 });
    expect(agentProcess(world)).toBe(first);
    expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
  });

  it("start, status, stop; stop again isn't an error", async () => {
    const { env } = await worldForTest();
    expect(await run(env, 'agent', 'status')).toMatchObject({
      exitCode: 6,
      stderr: expect.stringMatching(/ERR_AGENT_NOT_RUNNING\]: the agent isn't running\nhint: .*agent start/),
    });
    expect(await run(env, 'agent', 'start')).toMatchObject({ exitCode: 0 });
    expect(await run(env, 'agent', 'status')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('process'),
    });
    expect(await run(env, 'agent', 'stop')).toMatchObject({ exitCode: 0 });
    await expect.poll(async () => (await run(env, 'agent', 'status')).exitCode).toBe(6);
    expect(await run(env, 'agent', 'stop')).toMatchObject({ exitCode: 0, stdout: 'No agent runs.\n' });
  });

  it.each(sample(['SIGTERM', 'SIGINT', 'SIGHUP'] as const, 3))(
    '%s stops it cleanly: no socket stays, the sign-in does',
    async (signal) => {
      const world = await worldForTest();
      await signIn(world);
      await killAgent(world.env, signal);
      expect(existsSync(socketOf(world))).toBe(false);
      expect(readFileSync(join(world.sandbox.stateFolder, 'agent.log'), 'utf8')).toContain('agent-stopping');
      expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
    },
  );

  it("loses nothing and doesn't ask anyone again when it's killed at random moments", async () => {
    const world = await worldForTest();
    await signIn(world);
    for (const delay of randomDelays(isLong ? 12 : 4, 150)) {
      const storm = helpers(world, 3);
      await sleep(delay);
      killAgentProcesses(world);
      await storm;
      const [after] = await helpers(world, 1);
      expect(after).toMatchObject({ state: 'ok' });
    }
    expect(world.entra.count('devicecode')).toBe(1);
    expect(world.sandbox.openedUrls()).toHaveLength(1);
    await expect.poll(() => agents(world)).toBe(1);
  });

  it('holds a token in memory only: a stopped and started agent must refresh', async () => {
    const world = await worldForTest();
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    await expect.poll(() => agents(world)).toBe(0);
    await helpers(world, 1);
    expect(world.entra.count('refresh')).toBe(1);
  });
});

describe.runIf(process.platform === 'linux')('in a list of processes', () => {
  it('the agent has its plain name, and is the process that was started', async () => {
    const world = await worldForTest();
    await signIn(world);
    const lines = (): string[] =>
      world.sandbox
        .processes()
        .map(({ command }) => command.trim())
        .filter((command) => command.includes('agent run'));
    expect(lines()).toEqual([`${binary} agent run`]);
    await run(world.env, 'agent', 'stop');
    // As the service manager or a person starts it.
    const child = spawn(binary, ['agent', 'run'], { env: world.env, stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    await expect.poll(lines).toEqual([`${binary} agent run`]);
    await expect.poll(() => agentPid(world.env)).toBe(child.pid);
  });

  it('so has `exec`', async () => {
    const world = await worldForTest({ config: { allowTokenEndpoint: true } });
    await signIn(world);
    const { stdout } = await run(world.env, 'exec', '--', '/bin/sh', '-c', 'tr "\\0" " " </proc/$PPID/cmdline');
    expect(stdout).toBe(`${binary} exec -- /bin/sh -c tr "\\0" " " </proc/$PPID/cmdline `);
  });
});

describe('a newer program', () => {
  const ask = (world: World, frame: object): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(socketOf(world));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
      });
      socket.on('close', () => resolve(text));
      socket.write(`${JSON.stringify(frame)}\n`);
    });
  const newer = {
    protocol: 1,
    version: '99.0.0',
    request: { method: 'helper-output', context: 'background', elapsedMs: 1 },
  };

  it('makes the agent step aside without losing the sign-in', async () => {
    const world = await worldForTest();
    await signIn(world);
    const old = agentProcess(world);
    expect(JSON.parse(await ask(world, newer))).toMatchObject({ steppingAside: true });
    await expect.poll(() => isAlive(old)).toBe(false);
    expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
    expect(world.entra.count('devicecode')).toBe(1);
  });

  it('of another protocol, too; an older protocol gets a clear error', async () => {
    const world = await worldForTest();
    await signIn(world);
    const old = agentProcess(world);
    expect(JSON.parse(await ask(world, { ...newer, protocol: 0 }))).toMatchObject({
      error: { code: 'ERR_AGENT_VERSION' },
    });
    expect(isAlive(old)).toBe(true);
    expect(JSON.parse(await ask(world, { ...newer, protocol: 2 }))).toMatchObject({ steppingAside: true });
    await expect.poll(() => isAlive(old)).toBe(false);
  });

  it('waits while someone is in the middle of a sign-in', async () => {
    const world = await worldForTest();
    const helper = runHelper(binary, { context: 'interactive', env: world.env });
    const code = await world.entra.waitForUserCode();
    const reply = JSON.parse(await ask(world, newer));
    expect(reply).toMatchObject({ error: { code: 'ERR_SIGN_IN_PENDING' } });
    world.entra.approve(code);
    expect(await helper).toMatchObject({ state: 'ok' });
  });
});

describe("an endpoint that can't be trusted", () => {
  const isRoot = process.getuid?.() === 0;

  it.for([
    { what: "somebody else's socket", spoil: (socket: string) => lchownSync(socket, 12_345, 12_345), asRoot: true },
    { what: 'a socket that others may write to', spoil: (socket: string) => chmodSync(socket, 0o666) },
    {
      what: 'a link',
      spoil: (socket: string) => {
        rmSync(socket);
        symlinkSync('/tmp/elsewhere', socket);
      },
    },
    {
      what: 'a file',
      spoil: (socket: string) => {
        rmSync(socket);
        writeFileSync(socket, '');
      },
      says: /error\[ERR_STATE_UNWRITABLE\].* is not a socket: move it away, or delete it\n/,
    },
  ])('$what: exit 6, nothing sent, nothing removed', async ({ spoil, asRoot = false, says }, { skip }) => {
    skip(asRoot && !isRoot, 'only root can give a socket to somebody else');
    const world = await worldForTest();
    await run(world.env, 'agent', 'start');
    spoil(socketOf(world));
    const helper = await runHelper(binary, { context: 'background', env: world.env });
    expect(helper).toMatchObject({ state: 'failed', exitCode: 6, stdout: '' });
    expect(helper.stderr).toMatch(says ?? /error\[ERR_AGENT_UNTRUSTED\]/);
  });

  it('a folder that others may write to: exit 6 for helper and agent', async () => {
    const world = await worldForTest();
    mkdirSync(world.sandbox.runtimeFolder, { recursive: true });
    chmodSync(world.sandbox.runtimeFolder, 0o777);
    const helper = await runHelper(binary, { context: 'background', env: world.env });
    expect(helper).toMatchObject({ exitCode: 6, stdout: '' });
    expect(helper.stderr).toContain('ERR_AGENT_UNTRUSTED');
    expect(await run(world.env, 'agent', 'run')).toMatchObject({ exitCode: 6 });
  });

  it("a state folder that others may write to: agent status doesn't promise that the agent starts", async () => {
    const world = await worldForTest();
    const { stateFolder } = world.sandbox;
    expect(await run(world.env, 'agent', 'status')).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining('ERR_AGENT_NOT_RUNNING'),
    });
    mkdirSync(stateFolder, { recursive: true });
    chmodSync(stateFolder, 0o777);
    const { exitCode, stderr } = await run(world.env, 'agent', 'status');
    expect(exitCode).toBe(6);
    expect(stderr).toContain('error[ERR_AGENT_UNTRUSTED]');
    expect(stderr).toContain(`${stateFolder} is writable by others (everyone): run chmod go-w ${stateFolder}\n`);
  });
});

describe('a peer that misbehaves', () => {
  it.each([
    ['more than 64 KiB', 'x'.repeat(70_000)],
    ['no JSON', 'hello\n'],
    ['deep JSON', `${'['.repeat(30_000)}${']'.repeat(30_000)}\n`],
    ['half a frame, then silence', '{"protocol":1'],
  ])('%s: the agent keeps running', async (_, bytes) => {
    const world = await worldForTest();
    await signIn(world);
    const pid = agentProcess(world);
    const socket = connect(socketOf(world));
    socket.on('error', () => undefined);
    socket.write(bytes);
    expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
    expect(agentProcess(world)).toBe(pid);
    socket.destroy();
  });
});

describe('status', () => {
  it('shows signed out, pending, signed in and ended, with its exit code', async () => {
    const world = await worldForTest();
    expect(await run(world.env, 'status')).toMatchObject({ exitCode: 6, stderr: '' });
    await run(world.env, 'agent', 'start');
    expect(await runJson(world.env, 'status')).toMatchObject({ running: true, signIn: 'signed-out' });
    expect((await run(world.env, 'status')).exitCode).toBe(4);
    const helper = runHelper(binary, { context: 'interactive', env: world.env });
    const code = await world.entra.waitForUserCode();
    expect(await runJson(world.env, 'status')).toMatchObject({ signIn: 'pending' });
    expect((await run(world.env, 'status')).exitCode).toBe(5);
    world.entra.approve(code);
    await helper;
    expect(await runJson(world.env, 'status')).toMatchObject({
      version: 1,
      signIn: 'signed-in',
      account: { username: expect.stringContaining('@') },
      token: { remainingSeconds: expect.any(Number) },
    });
    expect((await run(world.env, 'status')).exitCode).toBe(0);
    await run(world.env, 'agent', 'stop');
    world.entra.revokeAll();
    const ended = await runHelper(binary, { context: 'background', env: world.env });
    expect(ended).toMatchObject({ exitCode: 4, stdout: '' });
    expect(ended.stderr).toContain('ERR_SIGN_IN_ENDED');
    expect(await runJson(world.env, 'status')).toMatchObject({ signIn: 'ended', endedAt: expect.any(String) });
    // The dead refresh token was sent once, no matter how often someone asks.
    await helpers(world, 3);
    expect(world.entra.count('refresh')).toBe(1);
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
  });
});

describe('login and logout', () => {
  it('prints code, address and outcome; over SSH it opens no browser', async () => {
    const world = await worldForTest();
    const login = run({ ...world.env, SSH_CONNECTION: '1 2 3 4' }, 'login');
    world.entra.approve(await world.entra.waitForUserCode());
    const { exitCode, stdout, stderr } = await login;
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^Signed in as \S+@\S+\.\n$/) });
    expect(stderr).toMatch(/open {2}https:\/\/\S+\nand enter the code {2}\S+/);
    expect(world.sandbox.openedUrls()).toEqual([]);
    expect(await run(world.env, 'logout')).toMatchObject({ exitCode: 0, stdout: 'Signed out.\n' });
    expect(await run(world.env, 'token')).toMatchObject({ exitCode: 4, stdout: '' });
    expect(await run(world.env, 'logout')).toMatchObject({ exitCode: 0, stdout: "You weren't signed in.\n" });
  });

  it('a declined sign-in is exit 4, and the next one works', async () => {
    const world = await worldForTest();
    const login = run(world.env, 'login');
    world.entra.decline(await world.entra.waitForUserCode());
    const { exitCode, stderr } = await login;
    expect(exitCode).toBe(4);
    expect(stderr).toContain('ERR_SIGN_IN_DECLINED');
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
  });
});
