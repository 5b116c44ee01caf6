// `npm test`: checks, build, then every test. The closing line `N passed, N failed, N skipped` is for programs to read;
// a failing check or build counts as a failure in it. Arguments go to vitest (`npm test -- --project unit`).
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './bundle.ts';
import { runNode, runSteps, secondsSince } from './steps.ts';

const REPORT = 'build/test-report.json';

const startedAt = performance.now();
mkdirSync(join(projectFolder, 'build'), { recursive: true });
rmSync(join(projectFolder, REPORT), { force: true });
const vitestArguments = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
const failedSteps = runSteps([
  { name: 'check', run: () => runNode('scripts/check.ts', []) },
  { name: 'build', run: () => runNode('scripts/build.ts', []) },
  { name: 'real clients (npm)', run: () => runNode('scripts/install-clients.ts', []) },
  { name: 'build for Windows', run: () => runNode('scripts/build-windows.ts', []) },
  {
    name: 'tests',
    run: () => runNode('node_modules/vitest/vitest.mjs', [...vitestArguments, ...process.argv.slice(2)]),
  },
]);

const { passed, failed, skipped } = countTests();
// A failing step shows even where no test of it does: a test file that could not be loaded has no tests to count.
const failures = failed + failedSteps.filter((name) => name !== 'tests' || failed === 0).length;
console.log(`\nTotal time ${secondsSince(startedAt)} s`);
if (failedSteps.length > 0) console.log(`Failed: ${failedSteps.join(', ')}`);
console.log(`${passed} passed, ${failures} failed, ${skipped} skipped`);
process.exitCode = failures === 0 ? 0 : 1;

interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

function countTests(): { passed: number; failed: number; skipped: number } {
  try {
    const report = JSON.parse(readFileSync(join(projectFolder, REPORT), 'utf8')) as TestReport;
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    // Vitest did not get as far as its report; the step has failed then.
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
