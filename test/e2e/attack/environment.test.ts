// What a working folder or an environment variable can do to the compiled program. Those variables that no
// program can refuse (such as LD_PRELOAD) are in docs/explanation/threat-model.md.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PARTS } from '../../../installers/build/bundle.ts';
import { type HelperContext, runHelper } from '../../support/harness/claude-desktop.ts';
import { findSecretsInFiles, findSecretsInText } from '../../support/harness/find-secrets.ts';
import { sample } from '../../support/harness/long.ts';
import type { World } from '../../support/harness/world.ts';
import { agentPid, agentProcess, binary, isAlive, run, signIn, worldForTest } from '../support.ts';

/** A script that leaves a mark when any part of this program runs it. */
function plantScript(world: World, path: string): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `require('node:fs').appendFileSync(${JSON.stringify(markOf(world))}, ${JSON.stringify(path)});`);
}

const markOf = (world: World): string => join(world.sandbox.root, 'script-ran');

/** Runs the helper in a working folder of the attacker's choice. */
function helperIn(world: World, cwd: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...world.env, CLAUDE_HELPER_CONTEXT: 'background' };
    execFile(binary, [], { env, cwd }, (_error, stdout, stderr) => resolve({ stdout, stderr }));
  });
}

describe('the working folder', () => {
  it("can't pass code or settings to the program", async () => {
    const world = await worldForTest();
    const { token } = await signIn(world);
    await run(world.env, 'agent', 'stop');
    const folder = join(world.sandbox.root, 'project');
    for (const name of [
      'main.js',
      'agent.js',
      'cli.js',
      'helper.js',
      'index.js',
      'sea.js',
      '@napi-rs/keyring',
      'commander',
      'pino',
      'valibot',
    ]) {
      plantScript(world, join(folder, name.endsWith('.js') ? name : `node_modules/${name}/index.js`));
    }
    plantScript(world, join(folder, 'node_modules/@azure/msal-node/index.js'));
    // main.js still names the parts' entry points, for running from source.
    for (const entry of Object.values(PARTS)) plantScript(world, join(folder, 'src', entry));
    plantScript(world, join(folder, 'preload.cjs'));
    const settings = {
      '.env': 'AZURE_TENANT_ID=evil.example\nHTTPS_PROXY=http://127.0.0.1:9\nNODE_TLS_REJECT_UNAUTHORIZED=0\n',
      '.npmrc': 'node-options=--require ./preload.cjs\n',
      'package.json': '{"main":"main.js","imports":{"#x":"./main.js"}}',
      'node.config.json': '{"nodeOptions":{"require":["./preload.cjs"]}}',
      'config.json': '{"tenantId":"evil.example"}',
      'openssl.cnf': 'nodejs_conf = broken\n',
    };
    for (const [name, text] of Object.entries(settings)) writeFileSync(join(folder, name), text);
    const { stdout, stderr } = await helperIn(world, folder);
    expect(stderr).toBe('');
    expect(world.entra.checkAccessToken(stdout.trim())).toBe('valid');
    expect(stdout.trim()).not.toBe(token);
    expect(existsSync(markOf(world))).toBe(false);
    // The agent that this run started doesn't run in that folder either.
    expect(readlinkSync(`/proc/${agentProcess(world)}/cwd`)).toBe('/');
  });
});

describe('environment variables', () => {
  it('that inject code, write keys or print traffic do nothing', async () => {
    const world = await worldForTest();
    const injected = join(world.sandbox.root, 'injected.cjs');
    plantScript(world, injected);
    const keys = join(world.sandbox.root, 'tls-keys');
    const env = {
      ...world.env,
      NODE_OPTIONS: `--require=${injected} --inspect=127.0.0.1:0 --tls-keylog=${keys}`,
      NODE_PATH: world.sandbox.root,
      NODE_DEBUG: 'http,https,tls,net,stream,child_process',
      NODE_DEBUG_NATIVE: 'inspector_server',
      NODE_INSPECT_RESUME_ON_START: '1',
      NODE_CHANNEL_FD: '3',
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: 'http://127.0.0.1:9',
      ELECTRON_RUN_AS_NODE: '1',
      SSLKEYLOGFILE: keys,
      BUN_OPTIONS: `--preload=${injected}`,
    };
    const helper = runHelper(binary, { context: 'interactive', env });
    world.entra.approve(await world.entra.waitForUserCode());
    const { token = '', stdout, stderr } = await helper;
    expect(world.entra.checkAccessToken(token)).toBe('valid');
    expect(stdout).toBe(`${token}\n`);
    const pid = agentProcess(world);
    expect(existsSync(markOf(world))).toBe(false);
    expect(existsSync(keys)).toBe(false);
    expect(findSecretsInText(stderr, world.entra.secrets(), 'stderr')).toEqual([]);
    expect(findSecretsInFiles(world.sandbox.root, world.entra.secrets())).toEqual([]);
    expect(
      readdirSync(`/proc/${pid}/task`).map((task) => readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8')),
    ).not.toContain('InspectorIo\n');
    // Anyone who started the agent has left, and what Node would print has nowhere to go: the agent stays.
    const refreshed = await runHelper(binary, { context: 'mid-session-refresh', env });
    expect(world.entra.checkAccessToken(refreshed.token ?? '')).toBe('valid');
    expect(await run(env, 'status')).toMatchObject({ exitCode: 0 });
    expect(agentProcess(world)).toBe(pid);
  });

  it('NODE_DEBUG makes an agent that runs in the foreground write messages, but not die when no one reads them anymore', async () => {
    const world = await worldForTest();
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    // Helpers then make the agent refresh its token, which is what Node writes about.
    world.entra.accessTokenLifetimeSec = 5;
    const env = { ...world.env, NODE_DEBUG: 'net,http,https,tls,stream' };
    const agent = spawn(binary, ['agent', 'run'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    onTestFinished(() => void agent.kill('SIGKILL'));
    await expect.poll(() => agentPid(world.env)).toBe(agent.pid);
    const askAs = async (context: HelperContext): Promise<void> => {
      const { token } = await runHelper(binary, { context, env: world.env });
      expect(world.entra.checkAccessToken(token ?? '')).toBe('valid');
    };
    const talk = once(agent.stderr, 'data');
    await askAs('background');
    await talk;
    agent.stderr.destroy();
    const refreshes = world.entra.count('refresh');
    for (const context of ['background', 'mid-session-refresh'] as const) {
      await sleep(1_500);
      await askAs(context);
    }
    expect(world.entra.count('refresh')).toBeGreaterThan(refreshes);
    expect(agentProcess(world)).toBe(agent.pid);
  });

  it("NODE_TLS_REJECT_UNAUTHORIZED=0 doesn't make any certificate good", async () => {
    const world = await worldForTest({ config: { caFile: undefined } });
    const env = { ...world.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    const { stderr, exitCode } = await runHelper(binary, { context: 'interactive', env });
    expect({ stderr, exitCode }).toMatchObject({ exitCode: 7, stderr: expect.stringContaining('ERR_NETWORK_TLS') });
    expect(world.entra.requests).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('options of Node', () => {
  const optionsIn = (world: World): string[] => {
    const script = join(world.sandbox.root, 'injected.cjs');
    plantScript(world, script);
    return [
      `--require=${script}`,
      `--import=${script}`,
      '--inspect=127.0.0.1:0',
      '--version',
      '--cpu-prof',
      '--eval=0',
    ];
  };
  const start = (world: World, args: readonly string[], argv0: string) => {
    const env = { ...world.env, CLAUDE_HELPER_CONTEXT: 'background' };
    return spawn(binary, args, { argv0, env, cwd: world.sandbox.root });
  };
  const finish = async (child: ReturnType<typeof start>) => {
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const [stdout] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return { stdout, stderr };
  };
  const profilesIn = (world: World): string[] =>
    readdirSync(world.sandbox.root).filter((name) => name.endsWith('.cpuprofile'));

  it('in argv[0] do nothing to the helper or a command, and take no argument from them', async () => {
    const world = await worldForTest();
    const { token } = await signIn(world);
    const version = await run(world.env, 'version');
    for (const option of optionsIn(world)) {
      expect(await finish(start(world, [], option)), option).toEqual({ stdout: `${token}\n`, stderr: '' });
      expect(await finish(start(world, ['version'], option)), option).toEqual({ stdout: version.stdout, stderr: '' });
    }
    expect(existsSync(markOf(world))).toBe(false);
    expect(profilesIn(world)).toEqual([]);
  });

  it('in argv[0] do nothing to the agent, nor to one that such a helper starts', async () => {
    const world = await worldForTest();
    await signIn(world);
    for (const option of sample(optionsIn(world), 2)) {
      await run(world.env, 'agent', 'stop');
      await expect.poll(() => agentPid(world.env)).toBeUndefined();
      const agent = start(world, ['agent', 'run'], option);
      onTestFinished(() => void agent.kill('SIGKILL'));
      const said = finish(agent);
      await expect.poll(() => agentPid(world.env), { message: option }).toBe(agent.pid);
      expect(listeningThreads(agent.pid ?? 0)).toEqual([]);
      await run(world.env, 'agent', 'stop');
      expect(await said, option).toEqual({ stdout: '', stderr: '' });
      const { stderr } = await finish(start(world, [], option));
      expect(stderr).toBe('');
      expect(commandLineOf(agentProcess(world))).toEqual([binary, 'agent', 'run']);
    }
    expect(existsSync(markOf(world))).toBe(false);
    expect(profilesIn(world)).toEqual([]);
  });

  it("as an argument are this program's arguments", async () => {
    const world = await worldForTest();
    for (const option of optionsIn(world).filter((name) => name !== '--version')) {
      expect(await run(world.env, option, 'version'), option).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('ERR_USAGE'),
      });
    }
    expect(existsSync(markOf(world))).toBe(false);
  });
});

describe('a running agent', () => {
  it("doesn't open a debugger on SIGUSR1", async () => {
    const world = await worldForTest();
    await signIn(world);
    const pid = agentProcess(world);
    process.kill(pid, 'SIGUSR1');
    await sleep(500);
    expect(await canConnect(9229)).toBe(false);
    // Whether the signal ends it or not: the next helper is served.
    if (isAlive(pid)) expect(listeningThreads(pid)).toEqual([]);
    expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
  });

  it('has no memory that it can write to and execute', async () => {
    const world = await worldForTest();
    await signIn(world);
    const maps = readFileSync(`/proc/${agentProcess(world)}/maps`, 'utf8');
    expect(maps).toContain(' r-xp ');
    expect(maps).not.toMatch(/ rwx[ps] /);
  });

  it("keeps tokens out of the agent's command line and environment", async () => {
    const world = await worldForTest();
    await signIn(world);
    const pid = agentProcess(world);
    for (const name of ['cmdline', 'environ']) {
      const text = readFileSync(`/proc/${pid}/${name}`, 'utf8');
      expect(findSecretsInText(text, world.entra.secrets(), name)).toEqual([]);
    }
  });
});

/** As `ps` shows it. */
function commandLineOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
}

/** Node's thread for the debugger's connections. */
function listeningThreads(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`)
    .map((task) => readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').trim())
    .filter((name) => /inspector/i.test(name));
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
