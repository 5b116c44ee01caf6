import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { allChecks } from '../../src/doctor/checks.ts';
import { createContext } from '../../src/doctor/context.ts';
import { productPaths } from '../../src/platform/paths.ts';

const nobody = () => Promise.reject(new Error('no agent is asked here'));

async function checksWith(settings: object) {
  const folder = mkdtempSync(join(tmpdir(), 'fch-doctor-docs-'));
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(settings), { mode: 0o600 });
  try {
    const env = { HOME: '/nonexistent', FOUNDRY_CREDENTIAL_HELPER_CONFIG: file };
    const agent = { statusIfRunning: nobody, status: nobody, token: nobody, diagnose: nobody };
    const context = await createContext({ env, paths: productPaths(env, 'linux'), agent, live: false });
    return allChecks(context);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Checks of Windows alone. */
const ELSEWHERE = process.platform === 'win32' ? [] : [{ id: 'app-package', needs: [] }];

/** Of both credentials and of the broker: a check's needs are what it needs with either of them. */
async function checks() {
  const settings = [{}, { credential: 'api-key' }, { signInMethod: 'broker' }];
  const all = (await Promise.all(settings.map(checksWith))).flat();
  const ids = [...new Set(all.map(({ id }) => id))];
  const needsOf = (wanted: string) => [...new Set(all.flatMap(({ id, needs = [] }) => (id === wanted ? needs : [])))];
  return [
    ...ids.map((id) => ({ id, needs: needsOf(id) })),
    ...ELSEWHERE,
    { id: 'deployment:<name>', needs: ['foundry-role'] },
  ];
}

it('docs/reference/doctor.md has a row for each check, with what it needs', async () => {
  const page = readFileSync(join(projectFolder, 'docs/reference/doctor.md'), 'utf8');
  const table = page.slice(page.indexOf('## Checks'), page.indexOf('## report'));
  const rows = [...table.matchAll(/^\| `([^`]+)` \|[^|]*\|([^|]*)\|[^|]*\|$/gm)].map(([, id, needs = '']) => ({
    id,
    needs: [...needs.matchAll(/`([^`]+)`/g)].map(([, need]) => need).toSorted(),
  }));
  const wanted = (await checks()).map(({ id, needs }) => ({ id, needs: needs.toSorted() }));
  expect(wanted.length).toBeGreaterThan(15);
  const byId = (a: { id?: string | undefined }, b: { id?: string | undefined }) => `${a.id}`.localeCompare(`${b.id}`);
  expect(rows.toSorted(byId)).toEqual(wanted.toSorted(byId));
});
