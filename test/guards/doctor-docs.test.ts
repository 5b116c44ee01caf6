import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../../scripts/bundle.ts';
import { allChecks } from '../../src/doctor/checks.ts';
import { createContext } from '../../src/doctor/context.ts';
import { productPaths } from '../../src/platform/paths.ts';

const nobody = () => Promise.reject(new Error('no agent is asked here'));

async function checks() {
  const env = { HOME: '/nonexistent', FOUNDRY_CREDENTIAL_HELPER_CONFIG: '/nonexistent/config.json' };
  const agent = { statusIfRunning: nobody, status: nobody, token: nobody };
  const context = await createContext({ env, paths: productPaths(env, 'linux'), agent, live: false });
  return [...allChecks(context), { id: 'deployment:<name>', needs: ['foundry-role'] }];
}

it('docs/doctor.md has a row for each check, with what it needs', async () => {
  const page = readFileSync(join(projectFolder, 'docs/doctor.md'), 'utf8');
  const table = page.slice(page.indexOf('## Checks'), page.indexOf('## report'));
  const rows = [...table.matchAll(/^\| `([^`]+)` \|[^|]*\|([^|]*)\|[^|]*\|$/gm)].map(([, id, needs = '']) => ({
    id,
    needs: [...needs.matchAll(/`([^`]+)`/g)].map(([, need]) => need),
  }));
  const wanted = (await checks()).map(({ id, needs = [] }) => ({ id, needs }));
  expect(wanted.length).toBeGreaterThan(15);
  const byId = (a: { id?: string | undefined }, b: { id?: string | undefined }) => `${a.id}`.localeCompare(`${b.id}`);
  expect(rows.toSorted(byId)).toEqual(wanted.toSorted(byId));
});
