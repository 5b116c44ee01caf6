import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { targets } from '../../../installers/build/targets.ts';
import { gatherReleaseFiles } from '../../../installers/release/release-files.ts';

const PROGRAM = 'foundry-credential-helper';
const PACKAGES = [
  ...['x86_64', 'aarch64'].map((arch) => `${PROGRAM}-1.2.3-1.${arch}.rpm`),
  ...['amd64', 'arm64'].map((arch) => `${PROGRAM}_1.2.3_${arch}.deb`),
  ...['x64', 'arm64'].flatMap((arch) => [`${PROGRAM}-1.2.3-${arch}.msi`, `${PROGRAM}-1.2.3-${arch}.pkg`]),
];
const CHANGELOG =
  '# Changelog\n\n## 1.2.4\n\nLater.\n\n## 1.2.3 (2026-12-01)\n\n- One.\n- Two.\n\n## 1.2.2\n\nEarlier.\n';

let dist: string;
beforeEach(() => {
  dist = mkdtempSync(join(tmpdir(), 'release-'));
  for (const name of [...PACKAGES, 'provenance.json', `${PROGRAM}-1.2.2-x64.msi`])
    writeFileSync(join(dist, name), name);
  for (const { name } of targets) {
    mkdirSync(join(dist, name));
    writeFileSync(join(dist, name, 'sbom.cdx.json'), name);
  }
});
afterEach(() => rmSync(dist, { recursive: true }));

it('are the packages, bills of materials, provenance, checksums, and notes of the version', async () => {
  const names = await gatherReleaseFiles(dist, '1.2.3', CHANGELOG);
  const boms = targets.map(({ name }) => `sbom-${name}.cdx.json`);
  const published = [...PACKAGES, ...boms, 'provenance.json'];
  expect(names).toEqual([...published, 'NOTES.md', 'SHA256SUMS'].toSorted());
  const folder = join(dist, 'release');
  expect(readFileSync(join(folder, 'NOTES.md'), 'utf8')).toBe('- One.\n- Two.\n');
  const checked = execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' });
  expect(checked.match(/: OK$/gm)).toHaveLength(published.length);
});

it('have the signed provenance too, if there is one', async () => {
  writeFileSync(join(dist, 'provenance.intoto.jsonl'), '{}\n');
  expect(await gatherReleaseFiles(dist, '1.2.3', CHANGELOG)).toContain('provenance.intoto.jsonl');
  expect(readFileSync(join(dist, 'release', 'SHA256SUMS'), 'utf8')).toContain('  provenance.intoto.jsonl\n');
});

it("aren't gathered if a package or the section of the changelog is missing", async () => {
  await expect(gatherReleaseFiles(dist, '1.2.5', CHANGELOG)).rejects.toThrow('has 0 packages of 1.2.5, not 8');
  await expect(gatherReleaseFiles(dist, '1.2.3', '# Changelog\n')).rejects.toThrow('no section "## 1.2.3"');
  rmSync(join(dist, PACKAGES[0] ?? ''));
  await expect(gatherReleaseFiles(dist, '1.2.3', CHANGELOG)).rejects.toThrow('has 7 packages');
});
