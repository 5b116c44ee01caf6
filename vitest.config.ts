import { defineConfig } from 'vitest/config';
import { testProjects } from './scripts/test-projects.ts';
import { useEnvironmentForTests } from './test/support/harness/own-environment.ts';
import { temporaryFolder } from './test/support/harness/temporary-folder.ts';

// Before vitest starts the processes of the tests.
useEnvironmentForTests();

/** The long forms may take half an hour each. */
const patience = process.env['LONG'] === '1' ? 6 : 1;

export default defineConfig({
  test: {
    // NODE_EXTRA_CA_CERTS of the developer's machine must not decide what our servers' certificates mean, on Windows either.
    env: { NODE_EXTRA_CA_CERTS: '', ...(process.platform === 'darwin' ? { TMPDIR: temporaryFolder() } : {}) },
    // The tests wait more than they compute.
    maxWorkers: 8,
    // Of one file, if it says that its tests may run at the same time: they wait more than they work.
    maxConcurrency: 8,
    // Of the product's source, in the tests' own processes (npm run coverage): not of what runs in the compiled program.
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'html', 'lcovonly'],
      reportsDirectory: 'coverage',
      reportOnFailure: true,
    },
    projects: testProjects.map(({ name, timeoutMs, sharesProcess }) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        testTimeout: timeoutMs * patience,
        hookTimeout: timeoutMs * patience,
        isolate: !sharesProcess,
        // On a busy machine a process may take seconds to start.
        expect: { poll: { timeout: 60_000 } },
      },
    })),
  },
});
