// Where doctor looks from: the agent's environment decides, the terminal's is compared with it. The faults that only
// one of them meets are rows of faults/vantage.ts.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { IpcServer } from '../../../src/ipc/server.ts';
import type { World } from '../../support/harness/world.ts';
import {
  agentProcess,
  agentProcesses,
  binary,
  killAgentProcesses,
  run,
  runWithInput,
  signIn,
  worldForTest,
  writeDesktopConfig,
} from '../support.ts';
import { doctor, inWorld, troubles } from './diagnosis.ts';
import { healthyProfile } from './faults/row.ts';

const without = (env: World['env'], ...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));

const find = ({ checks }: Awaited<ReturnType<typeof doctor>>, id: string) => checks.find((check) => check.id === id);

/** The processes that look for the agent, and those that they start. */
const lookers = (world: World) =>
  world.sandbox
    .processes()
    .filter(({ command }) => /foundry-credential-helper\s+(diagnose|keystore-probe)/.test(command));

async function restartAgent(world: World, config: object, env: Readonly<Record<string, string>>): Promise<void> {
  await run(world.env, 'agent', 'stop');
  world.sandbox.writeConfig({ ...world.config, ...config });
  expect(await run({ ...world.env, ...env }, 'agent', 'start')).toMatchObject({ exitCode: 0 });
}

describe('the agent decides', () => {
  it.runIf(process.platform === 'linux')("whether there's a keystore, whatever bus the terminal has", async () => {
    await inWorld(undefined, async (world) => {
      await signIn(world);
      expect(troubles(await doctor(without(world.env, 'DBUS_SESSION_BUS_ADDRESS')))).toEqual([]);
      // With nothing kept, the keystore itself is tried, by a process of the agent's.
      await run(world.env, 'logout');
      const found = await doctor(without(world.env, 'DBUS_SESSION_BUS_ADDRESS'));
      expect(find(found, 'keystore')).toMatchObject({ state: 'ok', facts: { kind: 'secret-service' } });
      expect(troubles(found).map(({ id }) => id)).toEqual(['sign-in']);
    });
  });

  it('whether the network works; another way of the terminal is only mentioned', async () => {
    await inWorld({ config: { proxy: undefined } }, async (world) => {
      writeDesktopConfig(world, { ...healthyProfile, egressProxyUrl: world.proxy.url });
      await signIn(world);
      const found = await doctor({ ...world.env, HTTPS_PROXY: 'http://127.0.0.1:9' });
      expect(troubles(found)).toEqual([]);
      expect(find(found, 'proxy')).toMatchObject({
        state: 'ok',
        detail: expect.stringMatching(
          /; this terminal would go another way: through 127\.0\.0\.1:9 \("proxy" is not set for the agent and http:\/\/127\.0\.0\.1:9 \(HTTPS_PROXY\) in this terminal\)$/,
        ),
      });
    });
  });

  it.runIf(process.platform === 'linux')(
    'with the proxy settings of the desktop session that asks, as for a helper',
    async () => {
      await inWorld({ config: { proxy: undefined } }, async (world) => {
        const { port } = new URL(world.proxy.url);
        const folder = world.env['XDG_CONFIG_HOME'] ?? '';
        mkdirSync(folder, { recursive: true });
        writeFileSync(
          join(folder, 'kioslaverc'),
          `[Proxy Settings]\nProxyType=1\nhttpsProxy=http://127.0.0.1 ${port}\n`,
        );
        const session = { XDG_CURRENT_DESKTOP: 'KDE', KDE_SESSION_VERSION: '6' };
        await run(world.env, 'agent', 'start');
        const found = await doctor({ ...world.env, ...session });
        expect(find(found, 'proxy')).toMatchObject({ state: 'ok', detail: expect.stringContaining('KDE') });
        expect(find(found, 'tls')).toMatchObject({ state: 'ok' });
      });
    },
  );

  it('and is started for it as by a helper', async () => {
    await inWorld(undefined, async (world) => {
      const found = await doctor(world.env);
      expect(find(found, 'agent')).toMatchObject({
        state: 'ok',
        facts: { wasStarted: true, pid: agentProcess(world) },
      });
      expect(troubles(found).map(({ id }) => id)).toEqual(['sign-in']);
    });
  });
});

describe('a password that only differs between agent and terminal', () => {
  it('is compared and never shown', async () => {
    await inWorld(
      { config: { proxy: undefined }, proxyCredentials: { username: 'megan', password: 'right-horse' } },
      async (world) => {
        const address = (password: string) => `http://megan:${password}@${new URL(world.proxy.url).host}`;
        await restartAgent(world, { proxy: undefined }, { HTTPS_PROXY: address('wrong-horse') });
        const found = await doctor({ ...world.env, HTTPS_PROXY: address('right-horse') });
        expect(find(found, 'proxy')).toMatchObject({
          state: 'fail',
          detail: expect.stringMatching(/in this terminal, the same connection works: .*\(the hidden parts differ\)/),
          remedy: 'put "proxy" into config.json instead of environment variables',
        });
        expect(JSON.stringify(found)).not.toMatch(/horse|megan/);
        const report = join(world.sandbox.root, 'report.md');
        await run({ ...world.env, HTTPS_PROXY: address('right-horse') }, 'report', report);
        expect(readFileSync(report, 'utf8')).toContain('the hidden parts differ');
        expect(readFileSync(report, 'utf8')).not.toMatch(/horse|megan/);
      },
    );
  });
});

describe.runIf(process.platform !== 'win32')('an agent that hangs', () => {
  it('is the one failure, and what would ask it is skipped, in the report too', async () => {
    await inWorld(undefined, async (world) => {
      await signIn(world);
      const pid = agentProcess(world);
      process.kill(pid, 'SIGSTOP');
      const report = join(world.sandbox.root, 'report.md');
      const [found] = await Promise.all([doctor(world.env), run(world.env, 'report', report)]);
      expect(troubles(found)).toMatchObject([{ id: 'agent', detail: expect.stringContaining(`process ${pid} on`) }]);
      const skipped = found.checks.filter(({ facts }) => facts?.['blockedBy'] === 'agent').map(({ id }) => id);
      expect(skipped).toEqual(expect.arrayContaining(['configuration', 'keystore', 'dns', 'tls', 'sign-in', 'token']));
      expect(readFileSync(report, 'utf8')).toMatch(new RegExp(`FAIL {2}agent: .*process ${pid} on .*\n.*agent stop`));
    });
  });
});

describe("an agent that can't look", () => {
  it.runIf(process.platform !== 'win32')(
    'because it is older: doctor warns, and says that it looks from the terminal',
    async () => {
      await inWorld(undefined, async (world) => {
        const path = join(world.sandbox.runtimeFolder, 'agent.sock');
        const agent = { pid: process.pid, version: '0.0.1', commit: 'abc', startedAt: new Date().toISOString() };
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        const server = new IpcServer({
          address: { kind: 'unix', folder: dirname(path), path },
          handler: async ({ method }) => {
            if (method === 'status') return { agent, signIn: 'signed-out' };
            throw new AppError('ERR_AGENT_PROTOCOL', { detail: 'unknown method' });
          },
        });
        await server.listen();
        onTestFinished(() => server.close(0));
        const found = await doctor(world.env);
        expect(find(found, 'agent')).toMatchObject({
          state: 'warn',
          detail: expect.stringMatching(/the agent is version 0\.0\.1, .*how things look from this terminal/),
          remedy: expect.stringContaining('agent stop'),
        });
        expect(find(found, 'tls')).toMatchObject({ state: 'ok' });
        expect(troubles(found).map(({ id }) => id)).toEqual(['sign-in', 'agent']);
      });
    },
  );

  it.runIf(process.platform === 'linux')("because it can't start: its reason is the one failure", async () => {
    await inWorld(undefined, async (world) => {
      // Nothing can be locked where a folder is.
      mkdirSync(join(world.sandbox.stateFolder, 'agent.lock'), { recursive: true, mode: 0o700 });
      const found = await doctor(world.env);
      expect(troubles(found).map(({ id }) => id)).toEqual(['agent']);
      expect(find(found, 'tls')).toMatchObject({ state: 'skip', facts: { blockedBy: 'agent' } });
    });
  });
});

describe.runIf(process.platform === 'linux')('the process that looks for the agent', () => {
  /** Until the agent waits for a server that never answers. */
  async function whileWaiting(work: (world: World) => Promise<void>): Promise<void> {
    await inWorld(undefined, async (world) => {
      world.entra.setFault('metadata', { kind: 'delay', ms: 60_000 });
      await work(world);
    });
  }

  const isWaiting = (world: World) => expect.poll(() => world.entra.count('metadata')).toBeGreaterThan(0);

  it('ends with the doctor that wanted it', () =>
    whileWaiting(async (world) => {
      const child = spawn(binary, ['doctor'], { env: world.env, stdio: 'ignore' });
      await isWaiting(world);
      expect(lookers(world)).toHaveLength(1);
      child.kill('SIGKILL');
      await expect.poll(() => lookers(world)).toEqual([]);
      expect(agentProcesses(world)).toHaveLength(1);
    }));

  it('ends with its agent, which doctor reports', () =>
    whileWaiting(async (world) => {
      const found = doctor(world.env);
      await isWaiting(world);
      killAgentProcesses(world);
      await expect.poll(() => lookers(world)).toEqual([]);
      expect(troubles(await found)).toMatchObject([
        { id: 'proxy', detail: expect.stringMatching(/^the agent broke off this check: .*it hung up/) },
      ]);
      expect(find(await found, 'token')).toMatchObject({ state: 'skip', facts: { blockedBy: 'proxy' } });
    }));

  it('ends if its input does, so no one starts it by mistake', async () => {
    const world = await worldForTest();
    expect(await runWithInput(world.env, '', [binary, 'diagnose'])).toMatchObject({ exitCode: 1, stdout: '' });
  });
});
