/**
 * What tests run: this computer's binary, the Windows binary, the real clients in build/clients, or PowerShell for this
 * system or for Windows.
 */
export type TestBuild = 'host' | 'windows' | 'clients' | 'powershell' | 'windows-powershell';

/** A vitest project. */
export interface TestProject {
  /** Its tests are the `*.test.ts` below `test/<name>`. */
  readonly name: 'unit' | 'integration' | 'e2e' | 'platform' | 'repo';
  /** A test that takes longer hangs. Far more than any test needs on a busy computer. */
  readonly timeoutMs: number;
  /**
   * Whether its test files share a process, so none has to wait for one to start. Nothing that they import may keep
   * state.
   */
  readonly sharesProcess: boolean;
}

const HANGS_MS = 300_000;

export const testProjects: readonly TestProject[] = [
  { name: 'unit', timeoutMs: 60_000, sharesProcess: true },
  { name: 'integration', timeoutMs: HANGS_MS, sharesProcess: true },
  { name: 'e2e', timeoutMs: HANGS_MS, sharesProcess: false },
  { name: 'platform', timeoutMs: HANGS_MS, sharesProcess: false },
  { name: 'repo', timeoutMs: HANGS_MS, sharesProcess: true },
];

/** What the tests of each folder run. A file belongs to the longest folder name that contains it. */
const BUILDS = {
  'test/unit': [],
  'test/integration': ['powershell'],
  'test/integration/fuzz': [],
  'test/integration/storage': [],
  'test/e2e': ['host', 'powershell'],
  'test/e2e/attack': ['host'],
  'test/e2e/clients': ['host', 'clients'],
  'test/e2e/crash': ['host'],
  'test/e2e/faults': ['host'],
  'test/e2e/load': ['host'],
  'test/e2e/network': ['host'],
  'test/platform': ['host'],
  'test/platform/linux': ['host'],
  'test/platform/linux/systemd': ['host'],
  'test/platform/macos': ['host'],
  'test/platform/windows': ['windows', 'windows-powershell'],
  'test/repo': [],
} as const satisfies Readonly<Record<string, readonly TestBuild[]>>;

export type TestFolder = keyof typeof BUILDS;

/** Every folder whose tests have their own needs. */
export const testFolders = Object.keys(BUILDS) as readonly TestFolder[];

/** What the tests of this folder run, without those of the folders below it. */
export function buildsOf(folder: TestFolder): readonly TestBuild[] {
  return BUILDS[folder];
}

/**
 * The folder that says what a test file needs; `file` is relative to the project's root. `undefined` if it's not a test
 * file.
 */
export function folderOf(file: string): TestFolder | undefined {
  const holding = testFolders.filter((folder) => file.startsWith(`${folder}/`));
  return holding.sort((one, other) => other.length - one.length)[0];
}
