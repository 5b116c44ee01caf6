// `npm run package`: makes all targets' binaries and installers below dist/, with bills of materials, licenses,
// checksums, and provenance. Needs only the npm registry. Arguments: names of targets; without any, all six.
//   --with-windows-broker   adds Microsoft's authentication runtime to the packages for Windows
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ensureDebianPackages } from '../../scripts/debian-dependencies.ts';
import { secondsSince } from '../../scripts/steps.ts';
import { writeLinuxPackages } from '../linux/packages.ts';
import { writeMacPackages } from '../macos/packages.ts';
import { CHECKSUMS_FILE, filesBelow, hashFiles, writeChecksums } from '../release/checksums.ts';
import type { Ingredient } from '../release/contents.ts';
import { PROVENANCE_FILE, provenance } from '../release/provenance.ts';
import { commitHash, sourceDate } from '../release/source-state.ts';
import { tryBinary } from '../release/try-binary.ts';
import { writeWindowsPackages } from '../windows/msi.ts';
import { bundle, productVersion, projectFolder } from './bundle.ts';
import { makeTargetBinaries, targetFolder } from './target-binaries.ts';
import { blobMakerOf, type Target, targets } from './targets.ts';
import { BROKER_LICENCE_REMARK, WITH_WINDOWS_BROKER } from './windows-broker.ts';

ensureDebianPackages(['package']);

/** They pin every npm package that has a part in the build. */
const LOCK_FILES = [
  'package-lock.json',
  'installers/build/blob-maker/package-lock.json',
  'installers/build/windows-broker/package-lock.json',
];

const dist = join(projectFolder, 'dist');
const startedAt = performance.now();
const words = process.argv.slice(2);
const withWindowsBroker = words.includes(WITH_WINDOWS_BROKER);
const wanted = wantedTargets(words.filter((word) => word !== WITH_WINDOWS_BROKER));
const version = productVersion();
const bundled = await bundle();
const contents: Ingredient[] = [];
const installers: string[] = [];
const table: Record<string, Record<string, string>> = {};

if (withWindowsBroker) console.log(BROKER_LICENCE_REMARK);
for (const target of wanted) {
  const began = performance.now();
  const made = await makeTargetBinaries(target, bundled, version, { withWindowsBroker });
  const tried = await tryBinary(target, made.executable);
  contents.push(...made.contents);
  installers.push(...writeLinuxPackages(target, made.executable, version, dist), ...writeMacPackages(target));
  installers.push(...writeWindowsPackages(target));
  table[target.name] = { MB: megabytes(made.executable), tried, seconds: secondsSince(began) };
  console.log(`${relative(projectFolder, made.executable)}: ${megabytes(made.executable)} MB, ${tried}`);
}
const released = await describeRelease(wanted);
console.table(table);
console.log(`${released} files with ${CHECKSUMS_FILE} in dist/, ${secondsSince(startedAt)} s`);

function wantedTargets(names: readonly string[]): readonly Target[] {
  const unknown = names.filter((name) => !targets.some((target) => target.name === name));
  if (unknown.length > 0) throw new Error(`no target is called ${unknown.join(', ')}`);
  return targets.filter(({ name }) => names.length === 0 || names.includes(name));
}

/** Writes checksums and provenance for all files that this run made; returns their number. */
async function describeRelease(made: readonly Target[]): Promise<number> {
  const files = [...new Set([...made.flatMap((target) => filesBelow(targetFolder(target))), ...installers])];
  const provenanceFile = join(dist, PROVENANCE_FILE);
  rmSync(provenanceFile, { force: true });
  const hashes = await hashFiles(dist, files);
  const statement = provenance({
    commit: commitHash(),
    targets: made.map(({ name }) => name),
    withWindowsBroker,
    date: sourceDate(),
    files: hashes,
    contents,
    runtimes: made.flatMap((target) => [target.runtime, blobMakerOf(target)]),
    lockFiles: await hashFiles(
      projectFolder,
      LOCK_FILES.map((name) => join(projectFolder, name)),
    ),
  });
  writeFileSync(provenanceFile, statement);
  const provenanceHash = await hashFiles(dist, [provenanceFile]);
  writeChecksums(dist, new Map([...hashes, ...provenanceHash]));
  return files.length + 1;
}

function megabytes(file: string): string {
  return (statSync(file).size / 1e6).toFixed(1);
}
