/**
 * What a project's tests run: this computer's binary, the one for Windows, the real clients of build/clients, or PowerShell
 * for this system or for Windows.
 */
export type TestBuild = 'host' | 'windows' | 'clients' | 'powershell' | 'windows-powershell';

export interface TestProject {
  /** Its tests are the `*.test.ts` below `test/<name>`. */
  readonly name: TestProjectName;
  /** A test that takes longer hangs. Far more than one needs on a busy computer. */
  readonly timeoutMs: number;
  readonly builds: readonly TestBuild[];
  /** Tests of one file that may run at the same time, if they say so. */
  readonly maxConcurrency: number;
  /** Its test files share a process, which saves each one the start of its own. Nothing that they import may keep state. */
  readonly sharesProcess: boolean;
}

export type TestProjectName =
  | 'attack'
  | 'clients'
  | 'contract'
  | 'crash'
  | 'e2e'
  | 'faults'
  | 'fuzz'
  | 'guards'
  | 'installers'
  | 'integration'
  | 'load'
  | 'network'
  | 'systemd'
  | 'unit'
  | 'windows';

const HANGS_MS = 300_000;

const project = (
  name: TestProjectName,
  builds: readonly TestBuild[],
  more: Partial<Omit<TestProject, 'name' | 'builds'>> = {},
): TestProject => ({ name, builds, timeoutMs: HANGS_MS, maxConcurrency: 5, sharesProcess: false, ...more });

/** Every project of vitest. */
export const testProjects: readonly TestProject[] = [
  project('unit', [], { timeoutMs: 60_000, sharesProcess: true }),
  project('guards', [], { sharesProcess: true }),
  project('contract', [], { sharesProcess: true }),
  project('fuzz', [], { sharesProcess: true }),
  project('integration', ['powershell'], { sharesProcess: true }),
  project('e2e', ['host', 'powershell']),
  // Its rows wait more than they work.
  project('faults', ['host'], { maxConcurrency: 8 }),
  project('network', ['host']),
  project('attack', ['host']),
  project('crash', ['host']),
  project('load', ['host']),
  project('clients', ['host', 'clients']),
  project('installers', ['host']),
  project('systemd', ['host']),
  project('windows', ['windows', 'windows-powershell']),
];
