/** What `npm run test:long` runs: parts of the paths of the tests that have a long form. */
export const longTests: readonly string[] = [
  'test/attack/flood',
  'test/attack/places',
  'test/attack/prompt',
  'test/crash/',
  'test/e2e/azure-setup',
  'test/e2e/report',
  'test/faults/',
  'test/fuzz/',
  'test/installers/mac-build',
  'test/installers/rpm',
  'test/integration/prompt/accessibility',
  'test/integration/rollout/one-rule-book',
  'test/load/',
  'test/windows/msi',
  'test/windows/sign-in',
];
