// `npm run release`: everything from a clean commit to files that can be published, in order; stops at the first fault.
// It publishes nothing. `--skip-tests` is for a commit whose tests have just passed; `--with-windows-broker` goes to
// `npm run package`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNode, runSteps, type Step } from '../../scripts/steps.ts';
import { projectFolder } from '../build/bundle.ts';
import { WITH_WINDOWS_BROKER } from '../build/windows-broker.ts';
import { CHECKSUMS_FILE } from './checksums.ts';
import { releaseObstacles } from './obstacles.ts';
import { uncommittedChanges } from './source-state.ts';

const packageOptions = process.argv.filter((word) => word === WITH_WINDOWS_BROKER);
const skipsTests = process.argv.includes('--skip-tests');
let checksums = '';

const steps: readonly Step[] = [
  { name: 'source', run: () => isReady(releaseObstacles()) },
  ...(skipsTests ? [] : [{ name: 'tests', run: () => runNode('scripts/test.ts', []) }]),
  { name: 'package', run: () => makePackages() },
  { name: 'package once more, to the same bytes', run: () => isSameAgain() },
  {
    name: 'source after all that',
    run: () => isReady(uncommittedChanges().map((line) => `changed meanwhile: ${line}`)),
  },
];
for (const step of steps) {
  if (runSteps([step]).length > 0) {
    console.error(`Nothing is released: "${step.name}" failed.`);
    process.exit(1);
  }
}
console.log('\ndist/ holds the release. Signing and publishing: docs/maintainers/packaging.md');

function isReady(obstacles: readonly string[]): boolean {
  for (const obstacle of obstacles) console.error(obstacle);
  return obstacles.length === 0;
}

function makePackages(): boolean {
  const succeeded = runNode('installers/build/make-packages.ts', packageOptions);
  checksums = succeeded ? readChecksums() : '';
  return succeeded;
}

function isSameAgain(): boolean {
  if (!runNode('installers/build/make-packages.ts', packageOptions)) return false;
  const again = readChecksums().split('\n');
  const different = checksums.split('\n').filter((line) => !again.includes(line));
  for (const line of different) console.error(`not reproduced: ${line}`);
  return different.length === 0;
}

function readChecksums(): string {
  return readFileSync(join(projectFolder, 'dist', CHECKSUMS_FILE), 'utf8');
}
