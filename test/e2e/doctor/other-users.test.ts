// What root and the admin have to do with a user's faults.
import { execFileSync } from 'node:child_process';
import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/doctor/check.ts';
import { createEtcFolder } from '../../support/harness/etc-folder.ts';
import { canUnshareMounts } from '../../support/harness/mount-namespace.ts';
import { canPlayTwoUsers, createVictim, NOBODY, type Victim } from '../attack/support.ts';
import { agentProcess, binary, isAlive, runWithInput, signIn } from '../support.ts';
import { inWorld } from './diagnosis.ts';

const checksIn = (stdout: string): readonly Finding[] => JSON.parse(stdout).checks;

/** What the victim's `doctor` says of the folders, and what it skips because of them. */
async function foldersOf(
  victim: Victim,
): Promise<{ readonly folders: Finding | undefined; readonly skipped: boolean }> {
  const checks = checksIn((await victim.run('doctor', '--json')).stdout);
  const configuration = checks.find(({ id }) => id === 'configuration');
  return {
    folders: checks.find(({ id }) => id === 'folders'),
    skipped: configuration?.state === 'skip' && configuration.facts?.['blockedBy'] === 'folders',
  };
}

describe.runIf(canPlayTwoUsers)('what a run with sudo left', () => {
  it.each(['state', 'config', 'cache'] as const)(
    'in the %s folder is given back by the named command',
    async (name) => {
      const victim = createVictim(NOBODY);
      const folder = victim.ownFolder(victim.folders[name]);
      writeFileSync(join(folder, 'left-by-root'), '');
      chownSync(folder, 0, 0);
      const { folders, skipped } = await foldersOf(victim);
      const command = `sudo chown -R "$USER" ${folder}`;
      expect(folders).toMatchObject({
        state: 'fail',
        detail: `${folder} belongs to another user (root)`,
        remedy: `if a run with sudo left it, run ${command}; otherwise tell your IT department`,
      });
      expect(skipped).toBe(true);

      // As the user's shell and sudo would run it.
      execFileSync('sh', ['-c', command.replace('sudo ', '')], { env: { ...process.env, USER: String(NOBODY) } });
      expect((await foldersOf(victim)).folders).toMatchObject({ state: 'ok' });
    },
  );
});

describe.runIf(canUnshareMounts)('a policy that the settings of the user contradict', () => {
  it('counts and is named; only what it forbids is a finding, and removing that ends it', async () => {
    await inWorld(undefined, async (world) => {
      await signIn(world);
      const agent = agentProcess(world);
      process.kill(agent, 'SIGTERM');
      await expect.poll(() => isAlive(agent)).toBe(false);
      const etc = createEtcFolder(world.sandbox.root);
      const { tenantId, clientId } = world.config;
      etc.writePolicy({ tenantId, clientId });
      const doctor = async (): Promise<readonly Finding[]> =>
        checksIn((await runWithInput(world.env, '', etc.seenBy([binary, 'doctor', '--json']))).stdout);
      const contradicting = { ...world.config, tenantId: 'fabrikam.com' };
      world.sandbox.writeConfig({ ...contradicting, allowTokenEndpoint: true });

      const found = (await doctor()).filter(({ state }) => state === 'warn' || state === 'fail');
      expect(found).toMatchObject([
        {
          id: 'configuration',
          state: 'warn',
          detail: `"allowTokenEndpoint" in ${world.sandbox.configFile} is ignored: only policy can set it`,
          remedy: 'remove it, or ask the IT department to set it in the policy',
        },
      ]);

      world.sandbox.writeConfig(contradicting);
      const checks = await doctor();
      expect(checks.filter(({ state }) => state === 'warn' || state === 'fail')).toEqual([]);
      expect(checks.find(({ id }) => id === 'configuration')).toMatchObject({
        detail: expect.stringMatching(new RegExp(`^tenant ${tenantId}, .*from /etc/foundry-credential-helper/policy`)),
        facts: { tenantId: '/etc/foundry-credential-helper/policy.json' },
      });
    });
  });
});
