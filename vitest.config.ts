import { defineConfig } from 'vitest/config';
import { testProjects } from './scripts/test-projects.ts';
import { useEnvironmentForTests } from './test/support/harness/own-environment.ts';
import { temporaryFolder } from './test/support/harness/temporary-folder.ts';

// Must come before vitest starts the tests' processes.
useEnvironmentForTests();

/** The long forms may take up to half an hour each. */
const patience = process.env['LONG'] === '1' ? 6 : 1;

export default defineConfig({
  test: {
    // The developer's NODE_EXTRA_CA_CERTS must not change how our servers' certificates are judged, on Windows either.
    env: { NODE_EXTRA_CA_CERTS: '', ...(process.platform === 'darwin' ? { TMPDIR: temporaryFolder() } : {}) },
    // The tests wait more than they compute, so more of them can run than there are processors.
    maxWorkers: 8,
    // Applies within a file whose tests may run at the same time: they wait more than they compute.
    maxConcurrency: 8,
    // Covers the product's source in the tests' own processes (npm run coverage), but not what runs in the compiled
    // program.
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
        // On a busy computer, a process may take seconds to start.
        expect: { poll: { timeout: 60_000 } },
        // Rarely, Wine ends the process that starts all others (test/support/harness/windows-parent.ts). That says nothing
        // about the program under test. No other failure is tried again.
        retry: { count: 1, condition: /^the Windows parent ended: / },
      },
    })),
  },
});
