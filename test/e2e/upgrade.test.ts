// Two really different binaries, the second of the same source with a higher version, share one user.
import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { programOfVersion } from '../support/harness/other-version.ts';
import { agentProcess, binary, isAlive, runJson, signIn, worldForTest } from './support.ts';

const VERSION = '99.1.0';
let newer: string;

beforeAll(async () => {
  newer = await programOfVersion(VERSION);
  expect(execFileSync(newer, ['--version'], { encoding: 'utf8' }).trim()).toBe(VERSION);
});

const agentVersion = async (env: NodeJS.ProcessEnv) =>
  ((await runJson(env, 'agent', 'status'))['agent'] as { version: string }).version;

describe('an upgrade', () => {
  it('replaces the running agent at the next helper run: no prompt, one refresh at most', async () => {
    const world = await worldForTest();
    await signIn(world);
    const old = agentProcess(world);
    const runs = await Promise.all(
      Array.from({ length: 5 }, () => runHelper(newer, { context: 'background', env: world.env })),
    );
    expect(runs.map(({ state, stderr }) => `${state} ${stderr}`)).toEqual(Array.from({ length: 5 }, () => 'ok '));
    await expect.poll(() => isAlive(old)).toBe(false);
    expect(await agentVersion(world.env)).toBe(VERSION);
    expect(world.entra.count('devicecode')).toBe(1);
    expect(world.entra.count('refresh')).toBeLessThanOrEqual(1);
    expect(world.sandbox.openedUrls()).toHaveLength(1);
  });

  it("isn't undone by a helper of the old version: the newer agent serves it", async () => {
    const world = await worldForTest();
    await signIn(world);
    await runHelper(newer, { context: 'background', env: world.env });
    const agent = agentProcess(world);
    expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
    expect(agentProcess(world)).toBe(agent);
    expect(await agentVersion(world.env)).toBe(VERSION);
    expect(world.entra.count('devicecode')).toBe(1);
  });
});
