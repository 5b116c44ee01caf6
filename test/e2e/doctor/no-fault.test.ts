// What looks broken but isn't: this program copes with it, so `doctor` finds nothing, and a helper gets its token.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { waitForAgentsLook } from '../../support/harness/agents-look.ts';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { programOfVersion } from '../../support/harness/other-version.ts';
import type { World } from '../../support/harness/world.ts';
import { binary, killAgent, run, runWithInput, signIn } from '../support.ts';
import { doctor, inWorld, troubles } from './diagnosis.ts';

const OLDER = '0.0.9';

type Change = (world: World) => Promise<Record<string, string> | undefined> | Record<string, string> | undefined;

/** May return other variables for doctor and helper. */
const changes: readonly (readonly [string, Change])[] = [
  [
    'a killed agent has left its socket',
    async ({ env }) => {
      await killAgent(env);
      return undefined;
    },
  ],
  ['the session has no XDG_RUNTIME_DIR', () => ({ XDG_RUNTIME_DIR: '' })],
  [
    'the session folder was removed under the agent',
    ({ env }) => {
      rmSync(env['XDG_RUNTIME_DIR'] ?? '', { recursive: true });
      return undefined;
    },
  ],
  [
    'the agent is of an older version',
    async ({ env }) => {
      await killAgent(env);
      const start = await runWithInput(env, '', [await programOfVersion(OLDER), 'agent', 'start']);
      expect(start.stdout).toContain(`version ${OLDER}`);
      return undefined;
    },
  ],
  [
    'config.json is in UTF-16, as from Windows PowerShell',
    ({ sandbox, config }) => {
      writeFileSync(sandbox.configFile, Buffer.from(`\ufeff${JSON.stringify(config)}`, 'utf16le'), { mode: 0o600 });
      waitForAgentsLook();
      return undefined;
    },
  ],
];

describe.concurrent('doctor finds nothing if', () => {
  it.each(changes)('%s', async (_, change) => {
    await inWorld(undefined, async (world) => {
      expect(await signIn(world)).toMatchObject({ state: 'ok' });
      const env = { ...world.env, ...(await change(world)) };
      expect(troubles(await doctor(env))).toEqual([]);
      expect(await runHelper(binary, { context: 'background', env })).toMatchObject({ state: 'ok' });
    });
  });

  it('a variable and config.json differ: the file counts, and is named', async () => {
    await inWorld(undefined, async (world) => {
      await signIn(world);
      const env = { ...world.env, AZURE_TENANT_ID: 'fabrikam.com' };
      const diagnosis = await doctor(env);
      expect(troubles(diagnosis)).toEqual([]);
      const { configFile } = world.sandbox;
      expect(diagnosis.checks.find(({ id }) => id === 'configuration')).toMatchObject({
        detail: expect.stringContaining(`tenant ${world.entra.tenantId}`),
        facts: { tenantId: configFile },
      });
      const { stdout } = await run(env, 'config', 'show');
      expect(stdout).toMatch(
        new RegExp(`^tenantId +${world.entra.tenantId} +${configFile}, overrides AZURE_TENANT_ID$`, 'm'),
      );
    });
  });
});

describe('status and the helper agree', () => {
  it.each([
    ['is missing', (file: string) => rmSync(file), /ERR_CONFIG_UNREADABLE.*"caFile" \S+ \(ENOENT\)/],
    ['holds no certificate', (file: string) => writeFileSync(file, 'none'), /ERR_CONFIG_INVALID.*"caFile"/],
  ])('that no token can be had if the file with the roots %s', async (_, spoil, problem) => {
    await inWorld(undefined, async (world) => {
      await signIn(world);
      await killAgent(world.env);
      const file = join(world.sandbox.root, 'roots.pem');
      writeFileSync(file, world.ca.pem);
      world.sandbox.writeConfig({ ...world.config, caFile: file });
      spoil(file);
      await run(world.env, 'agent', 'start');
      const status = await run(world.env, 'status');
      expect(status).toMatchObject({ exitCode: 3, stdout: expect.stringMatching(problem) });
      const helper = await runHelper(binary, { context: 'background', env: world.env });
      expect(helper).toMatchObject({ exitCode: 3, stdout: '' });
      expect(helper.stderr.replace(/^.*error\[(\w+)\]/, '$1')).toMatch(problem);
    });
  });
});
