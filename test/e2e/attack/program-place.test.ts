// A program in a folder that another user may write to: doctor names the folder and its owner.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { binary, worldForTest } from '../support.ts';
import { canPlayTwoUsers, NOBODY } from './support.ts';

it.skipIf(!canPlayTwoUsers)('causes a warning with the folder and its owner', async () => {
  const { sandbox, env } = await worldForTest();
  const folder = join(sandbox.root, 'opt/fch');
  const program = join(folder, 'foundry-credential-helper');
  mkdirSync(folder, { recursive: true });
  copyFileSync(binary, program);
  const finding = () => {
    const { stdout } = spawnSync(program, ['doctor', '--json'], { env, encoding: 'utf8' });
    const { checks } = JSON.parse(stdout) as { checks: readonly { readonly id: string }[] };
    return checks.find(({ id }) => id === 'program-place');
  };
  chmodSync(folder, 0o755);
  chownSync(folder, NOBODY, NOBODY);
  const detail = `${folder} belongs to user ${NOBODY}, so others can replace the program that this user runs (${program})`;
  expect(finding()).toMatchObject({ state: 'warn', detail, remedy: expect.stringContaining('only root may') });
  chownSync(folder, 0, 0);
  expect(finding()).toMatchObject({ state: 'ok' });
});
