// Two really different binaries, the second of the same source with a higher version, share one user.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { agentProcess, binary, isAlive, runJson, signIn, worldForTest } from './support.ts';

const VERSION = '99.1.0';
const folder = mkdtempSync(join(tmpdir(), 'upgrade-'));
const newer = join(folder, 'foundry-credential-helper');

beforeAll(() => {
  const script = join(import.meta.dirname, '../support/harness/build-version.ts');
  execFileSync(process.execPath, [script, folder, VERSION], { stdio: ['ignore', 'ignore', 'pipe'] });
  expect(execFileSync(newer, ['--version'], { encoding: 'utf8' }).trim()).toBe(VERSION);
});
afterAll(() => rmSync(folder, { recursive: true }));

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

  it('is not undone by a helper of the old version: the newer agent serves it', async () => {
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
