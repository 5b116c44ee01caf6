// Another user's processes next to a running agent: what they can reach of it while someone is signed in.
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { findSecretsInText } from '../../support/harness/find-secrets.ts';
import type { World } from '../../support/harness/world.ts';
import { agentProcess, isAlive, signIn, worldForTest } from '../support.ts';
import { binary, canPlayTwoUsers, NOBODY, publicCopy, runAs } from './support.ts';

/** This project's Node, which the other user may run. */
const attacker = publicCopy(process.execPath);

const script = (body: string): string[] => ['--input-type=module', '--eval', body];

/** Opens the sandbox's own folders, so that nothing protects the product but what it does itself. */
async function openWorld(): Promise<World> {
  const world = await worldForTest();
  for (const name of [
    '.',
    ...readdirSync(world.sandbox.root, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? entry.name : [],
    ),
  ]) {
    if (name !== 'bus') chmodSync(join(world.sandbox.root, name), 0o755);
  }
  return world;
}

describe.runIf(canPlayTwoUsers)('another user of this computer', () => {
  it('can neither connect, nor list, nor read, nor debug, nor stop', async () => {
    const world = await openWorld();
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
    const pid = agentProcess(world);
    const paths = {
      socket: join(world.sandbox.runtimeFolder, 'agent.sock'),
      lock: join(world.sandbox.stateFolder, 'agent.lock'),
      holder: join(world.sandbox.stateFolder, 'agent-process.json'),
      log: join(world.sandbox.stateFolder, 'agent.log'),
      state: join(world.sandbox.stateFolder, 'agent.json'),
      runtimeFolder: world.sandbox.runtimeFolder,
      cache: join(world.env['XDG_CACHE_HOME'] ?? '', 'foundry-credential-helper'),
      config: world.sandbox.configFile,
    };
    const { stdout, stderr } = await runAs(
      NOBODY,
      attacker,
      script(`
        import fs from 'node:fs';
        import net from 'node:net';
        const paths = ${JSON.stringify(paths)};
        const attempts = {
          connect: () => new Promise((resolve, reject) => net.connect(paths.socket, resolve).on('error', reject)),
          list: () => fs.readdirSync(paths.runtimeFolder),
          lock: () => fs.openSync(paths.lock, 'r+'),
          holder: () => fs.readFileSync(paths.holder),
          log: () => fs.readFileSync(paths.log),
          state: () => fs.readFileSync(paths.state),
          config: () => fs.readFileSync(paths.config),
          addon: () => fs.readdirSync(paths.cache),
          plant: () => fs.writeFileSync(paths.runtimeFolder + '/agent.starting', ''),
          remove: () => fs.rmSync(paths.socket),
          memory: () => fs.openSync('/proc/${pid}/mem', 'r+'),
          environment: () => fs.readFileSync('/proc/${pid}/environ'),
          descriptors: () => fs.readdirSync('/proc/${pid}/fd'),
          maps: () => fs.readFileSync('/proc/${pid}/maps'),
          debugger: () => process.kill(${pid}, 'SIGUSR1'),
          stop: () => process.kill(${pid}, 'SIGTERM'),
        };
        const results = {};
        for (const [name, attempt] of Object.entries(attempts)) {
          try { await attempt(); results[name] = 'done'; } catch (error) { results[name] = error.code; }
        }
        console.log(JSON.stringify(results));
        process.exit();
      `),
      {},
    );
    expect(stderr).toBe('');
    const results = JSON.parse(stdout) as Record<string, string>;
    expect(Object.keys(results)).toHaveLength(16);
    expect(Object.entries(results).filter(([, outcome]) => !/^(EACCES|EPERM)$/.test(outcome))).toEqual([]);
    expect(isAlive(pid)).toBe(true);
    expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
  });

  it("sees no secret on any command line of this program, except the one-time address while it's being opened", async () => {
    const world = await openWorld();
    const helper = runHelper(binary, { context: 'interactive', env: world.env });
    const code = await world.entra.waitForUserCode();
    const lines = world.sandbox.processes().map(({ command }) => command);
    world.entra.approve(code);
    await helper;
    expect(lines.some((line) => line.includes('agent'))).toBe(true);
    expect(lines.flatMap((line) => findSecretsInText(line, world.entra.secrets(), 'command line'))).toEqual([]);
  });

  it("can't get anything with the same program either", async () => {
    const world = await openWorld();
    await signIn(world);
    const others = { ...world.env, CLAUDE_HELPER_CONTEXT: 'background' };
    const result = await runAs(NOBODY, binary, [], others);
    expect(result).toMatchObject({ exitCode: 6, stdout: '', stderr: expect.stringContaining('ERR_AGENT_UNTRUSTED') });
  });
});
