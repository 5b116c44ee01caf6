/** What `npm run test:long` runs: parts of the paths of the tests that have a long form. */
export const longTests: readonly string[] = [
  'test/e2e/attack/flood',
  'test/e2e/attack/places',
  'test/e2e/attack/prompt',
  'test/e2e/clients/claude-code-verdict',
  'test/e2e/crash/',
  'test/e2e/azure-setup',
  'test/e2e/report',
  'test/e2e/faults/',
  'test/integration/fuzz/',
  'test/platform/macos/mac-build',
  'test/platform/linux/rpm',
  'test/integration/prompt/accessibility',
  'test/integration/rollout/one-rule-book',
  'test/e2e/load/',
  'test/platform/windows/msi',
  'test/platform/windows/sign-in',
];
