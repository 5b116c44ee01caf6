import { findDotnet } from './powershell/installation.ts';

/** A test, a block, or a file of tests that the continuous integration machine (Debian, root) may skip. */
export interface ExpectedSkip {
  /**
   * Begins with the file, followed by ` > ` and the title of each block and of the test. Covers everything below it.
   */
  readonly name: string;
  readonly reason: string;
}

const LONG = 'runs in the long form (npm run test:long)';
const NOT_AS_ROOT = 'root may do what it forbids; runs where the tests run as another user';

const RUNS_POWERSHELL: readonly string[] = [
  'test/e2e/azure-setup-powershell.test.ts',
  'test/integration/cli/completion.test.ts > powershell',
  'test/platform/windows/azure-setup.test.ts',
  'test/platform/windows/intune-scripts.test.ts',
  'test/platform/windows/policy-scripts.test.ts',
];

/** If the variable CI is set, any skip that isn't listed here fails the tests. */
export const expectedSkips: readonly ExpectedSkip[] = [
  { name: 'test/integration/storage/dpapi.test.ts', reason: 'needs Windows' },
  { name: 'test/integration/storage/keychain.test.ts', reason: 'needs macOS' },
  {
    name: 'test/e2e/azure-setup-powershell.test.ts > setup.ps1 > with the real Azure CLI',
    reason: "needs Debian's azure-cli (690 MB)",
  },
  ...[
    'finds on the second run that everything is there, in either shell and in other letters',
    'adds what is missing and leaves what else is there',
    'assigns the role by object id, and once',
    'plans the redirect URIs of the broker for a registration that doesn’t exist',
  ].map((title) => ({
    name: `test/e2e/azure-setup-powershell.test.ts > setup.ps1 > the set-up with the recording az > ${title}`,
    reason: LONG,
  })),
  { name: 'test/e2e/doctor/broker.test.ts > doctor, about the broker, > waits 15 s for an answer', reason: LONG },
  { name: 'test/e2e/azure-setup.test.ts > with the real Azure CLI', reason: "needs Debian's azure-cli (690 MB)" },
  {
    name: 'test/integration/sign-in-page/page.test.ts > when the agent is gone > waits for an agent that only takes long to answer',
    reason: LONG,
  },
  {
    name: 'test/e2e/attack/memory.test.ts > a core dump',
    reason: 'needs a kernel that writes core dumps to the working folder (core_pattern)',
  },
  { name: 'test/e2e/arm64.test.ts', reason: `${LONG}, where QEMU and the libraries of arm64 are installed` },
  { name: 'test/platform/macos/mac-build.test.ts', reason: LONG },
  { name: 'test/platform/linux/rpm.test.ts', reason: LONG },
  {
    name: 'test/platform/linux/broker-runtime.test.ts',
    reason: "needs Microsoft's runtime and WebKitGTK (node scripts/install-msal-runtime.ts, 223 MB)",
  },
  ...['an API key', 'an API key and a gateway'].map((kind) => ({
    name: `test/integration/rollout/independent-readers.test.ts > the export for ${kind} > has its own file for Claude Code`,
    reason: 'the export has none with an API key',
  })),
  {
    name: "test/e2e/load/load.test.ts > 100000 requests and 34 refreshes don't change the agent's memory",
    reason: LONG,
  },
  {
    name: "test/unit/claude-desktop/read.test.ts > a managed file of an owner other than root doesn't count",
    reason: NOT_AS_ROOT,
  },
  {
    name: "test/unit/config/linux-policy.test.ts > the policy file > a user's own file is refused",
    reason: NOT_AS_ROOT,
  },
  {
    name: 'test/unit/agent/tokens/agent-state.test.ts > names a folder that may not be written before it tries',
    reason: NOT_AS_ROOT,
  },
  {
    name: 'test/unit/config/user-file.test.ts > the user file > is unreadable without permission',
    reason: NOT_AS_ROOT,
  },
  ...(findDotnet() === undefined ? RUNS_POWERSHELL : []).map((name) => ({ name, reason: 'needs .NET (dotnet)' })),
  ...[
    'arm64.test.ts',
    'azure-setup.test.ts > setup.ps1 on Windows > stops at a refusal, makes everything, and finds it there',
    'install-guide.test.ts > the commands',
    "intune-scripts.test.ts > the scripts for Intune > an invalid setting: fails, named, and a restart doesn't help",
    'intune-scripts.test.ts > the scripts for Intune > a program that says nothing that could be read: fails with its exit code',
    "intune-scripts.test.ts > the scripts for Intune > an agent that works: remediation doesn't restart it",
    'msi.test.ts > repeated runs of the installer',
    'policy-scripts.test.ts > the exported scripts > find drift that is hard to see, without values, and repair it',
    'policy-scripts.test.ts > the exported scripts > replace a rollout for an Entra token with one for an API key',
    'sign-in.test.ts > runs the agent without the launcher too',
  ].map((name) => ({ name: `test/platform/windows/${name}`, reason: LONG })),
];
