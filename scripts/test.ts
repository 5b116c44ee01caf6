// `npm test`: runs the static checks, the builds, and every test. The last line, `N passed, N failed, N skipped`, is
// for programs to read; a check or build that fails counts as a failure in it. Arguments go to vitest. With any,
// nothing is checked, and only what the chosen tests need is installed and built.
//   npm test -- test/unit/core
//   npm test -- --project e2e -t 'signs in'
//   npm run test:watch -- test/unit/core      runs them again whenever a file changes; by default the unit tests
//   npm run test:long                         the long forms, of the tests that have one
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chosenTests } from './chosen-tests.ts';
import { ensureDebianPackages } from './debian-dependencies.ts';
import { longTests } from './long-tests.ts';
import { withoutManagedSettings } from './managed-settings.ts';
import { projectFolder } from './project-folder.ts';
import { collectNode, runNode, runTasks, secondsSince, type Task } from './steps.ts';
import { buildsOf, type TestBuild } from './test-projects.ts';
import { readTestReport } from './test-report.ts';

const VITEST = 'node_modules/vitest/vitest.mjs';
const REPORT = 'build/test-report.json';
const INSTALL_POWERSHELL = 'scripts/powershell/install.ts';
const BUILDS: Readonly<Record<TestBuild, string>> = {
  host: 'installers/build/build.ts',
  windows: 'installers/build/build-windows.ts',
  clients: 'scripts/install-clients.ts',
  powershell: INSTALL_POWERSHELL,
  'windows-powershell': INSTALL_POWERSHELL,
};

const startedAt = performance.now();
const given = process.argv.slice(2);
const [isLong, watches] = ['--long', '--watch'].map((option) => given.includes(option));
const options = given.filter((word) => word !== '--long' && word !== '--watch');
const words = watches && options.length === 0 ? ['--project', 'unit'] : options;
const chosen = chosenTests(words);
// If no tests were chosen, a long run leaves out the tests that have no long form.
const filters = isLong && chosen.areAll ? longTests : words;
const { folders } = chosen.areAll ? chosenTests(filters) : chosen;
const builds = new Set(folders.flatMap(buildsOf));
const env = isLong ? { ...process.env, LONG: '1' } : process.env;

ensureDebianPackages([...folders, ...(builds.has('host') || builds.has('windows') ? ['build' as const] : [])]);
const failedTasks = await prepare();
if (watches) {
  process.exitCode = runNode(VITEST, ['watch', ...words], env, withoutManagedSettings()) ? 0 : 1;
} else {
  runTests();
}

/** The builds run one after the other, because they write the same files. Returns the names of those that failed. */
async function prepare(): Promise<string[]> {
  const forWindows = builds.has('windows-powershell');
  const build: Task = {
    name: 'build',
    run: async () => {
      const outcomes = [];
      for (const one of ['host', 'windows'] as const)
        if (builds.has(one)) outcomes.push(await collectNode(BUILDS[one], []));
      return {
        succeeded: outcomes.every(({ succeeded }) => succeeded),
        output: outcomes.map(({ output }) => output).join(''),
      };
    },
  };
  const tasks: readonly (Task & { readonly isNeeded: boolean })[] = [
    { name: 'check', run: () => collectNode('scripts/check.ts', []), isNeeded: chosen.areAll && !isLong && !watches },
    { ...build, isNeeded: builds.has('host') || builds.has('windows') },
    { name: 'real clients (npm)', run: () => collectNode(BUILDS.clients, []), isNeeded: builds.has('clients') },
    {
      name: 'PowerShell (dotnet)',
      run: () => collectNode(INSTALL_POWERSHELL, forWindows ? ['--for-windows'] : []),
      isNeeded: forWindows || builds.has('powershell'),
    },
  ];
  return runTasks(tasks.filter(({ isNeeded }) => isNeeded));
}

function runTests(): void {
  mkdirSync(join(projectFolder, 'build'), { recursive: true });
  rmSync(join(projectFolder, REPORT), { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const succeeded = runNode(VITEST, ['run', ...reporters, ...filters], env, withoutManagedSettings());
  const { passed, failed, skipped, unexplained } = readTestReport(join(projectFolder, REPORT));
  // Counts a failed run even if none of its tests failed: a test file that can't be loaded has no tests to count.
  const failedSteps = succeeded ? failedTasks : [...failedTasks, 'tests'];
  const mayNotSkip = process.env['CI'] !== undefined && chosen.areAll;
  const failures = Math.max(failed, succeeded ? 0 : 1) + failedTasks.length + (mayNotSkip ? unexplained.length : 0);
  console.log(`\nTotal time ${secondsSince(startedAt)} s`);
  if (mayNotSkip) {
    for (const name of unexplained) console.log(`Skipped, and scripts/expected-skips.ts doesn't say why: ${name}`);
  }
  if (failedSteps.length > 0) console.log(`Failed: ${failedSteps.join(', ')}`);
  console.log(`${passed} passed, ${failures} failed, ${skipped} skipped`);
  process.exitCode = failures === 0 ? 0 : 1;
}
