import { defineConfig } from 'vitest/config';

const project = (name: string, timeout: number, maxConcurrency = 5) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeout,
    hookTimeout: timeout,
    maxConcurrency,
    // On a busy machine a process may take seconds to start.
    expect: { poll: { timeout: 30_000 } },
  },
});

export default defineConfig({
  test: {
    // NODE_EXTRA_CA_CERTS of the developer's machine must not decide what our servers' certificates mean.
    env: { NODE_EXTRA_CA_CERTS: '' },
    // The tests wait more than they compute.
    maxWorkers: 4,
    projects: [
      project('unit', 10_000),
      project('guards', 60_000),
      project('contract', 30_000),
      project('integration', 60_000),
      project('e2e', 120_000),
      // Its rows wait more than they work.
      project('faults', 120_000, 8),
      project('network', 120_000),
      // Programs that other people wrote, and that take as long as they take.
      project('clients', 180_000),
      project('attack', 120_000),
      project('installers', 300_000),
      project('fuzz', 120_000),
      project('crash', 300_000),
      project('load', 300_000),
      // Windows programs under Wine start several times slower.
      project('windows', 300_000),
    ],
  },
});
