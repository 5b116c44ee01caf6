// `npm run release:files`: gathers what a release publishes from dist/ into dist/release/, flat: the packages, the bills of
// materials, the provenance (also signed, if it is), fresh checksums of all of these, and NOTES.md with the version's section of CHANGELOG.md.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { productVersion, projectFolder } from '../build/bundle.ts';
import { targets } from '../build/targets.ts';
import { filesBelow, hashFiles, writeChecksums } from './checksums.ts';
import { PROVENANCE_FILE, SIGNED_PROVENANCE_FILE } from './provenance.ts';

const PACKAGE = /\.(deb|rpm|msi|pkg)$/;
/** Each processor's package for each system. */
const PACKAGES = 8;

/**
 * Fills `dist`/release, in place of what was there, and returns the names of the files.
 * @throws Error if a package, a bill of materials, or the section of the changelog is missing
 */
export async function gatherReleaseFiles(dist: string, version: string, changelog: string): Promise<string[]> {
  const folder = join(dist, 'release');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const packages = readdirSync(dist).filter((name) => PACKAGE.test(name) && name.includes(version));
  if (packages.length !== PACKAGES) {
    throw new Error(`${dist} has ${packages.length} packages of ${version}, not ${PACKAGES}: run "npm run package"`);
  }
  const signed = readdirSync(dist).filter((name) => name === SIGNED_PROVENANCE_FILE);
  for (const name of [...packages, PROVENANCE_FILE, ...signed]) copyFileSync(join(dist, name), join(folder, name));
  for (const { name } of targets) {
    copyFileSync(join(dist, name, 'sbom.cdx.json'), join(folder, `sbom-${name}.cdx.json`));
  }
  writeChecksums(folder, await hashFiles(folder, filesBelow(folder)));
  writeFileSync(join(folder, 'NOTES.md'), sectionOf(changelog, version));
  return readdirSync(folder).toSorted();
}

/** The section's text without its heading. */
function sectionOf(changelog: string, version: string): string {
  const [, section] = changelog.split(new RegExp(`^## ${version.replaceAll('.', '\\.')}\\b.*$`, 'm'));
  if (section === undefined) throw new Error(`CHANGELOG.md has no section "## ${version}"`);
  return `${section.split(/^## /m, 1)[0]?.trim()}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const changelog = readFileSync(join(projectFolder, 'CHANGELOG.md'), 'utf8');
  const names = await gatherReleaseFiles(join(projectFolder, 'dist'), productVersion(), changelog);
  console.log(names.map((name) => `dist/release/${name}`).join('\n'));
}
