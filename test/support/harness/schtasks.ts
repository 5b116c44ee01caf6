// Windows' task scheduler in a Wine prefix: schtasks.c in the place of Wine's schtasks.exe, and what a test sees of it.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileForWindows } from './compile-for-windows.ts';
import type { WinePrefix } from './wine.ts';

export interface TaskScheduler {
  /** Tasks by name, with their XML. */
  tasks(): ReadonlyMap<string, string>;
  /** What every program that a task starts gets for an environment, as a log-on session has it. */
  setSession(env: Readonly<Record<string, string | null>>): void;
  /** Has policy refuse these verbs, such as `create`; without any, none. */
  refuse(...verbs: readonly string[]): void;
  /** Whether the callers are standard users (they're administrators to begin with). */
  setStandardUser(isStandardUser: boolean): void;
  /** The command lines so far. */
  calls(): readonly string[];
}

/** What Wine itself needs of a program's environment. */
const SYSTEM = {
  SystemRoot: 'C:\\windows',
  SystemDrive: 'C:',
  windir: 'C:\\windows',
  ComSpec: 'C:\\windows\\system32\\cmd.exe',
  PATH: 'C:\\windows\\system32;C:\\windows',
  PATHEXT: '.COM;.EXE;.BAT;.CMD',
  ProgramFiles: 'C:\\Program Files',
  ProgramData: 'C:\\ProgramData',
  OS: 'Windows_NT',
  PROCESSOR_ARCHITECTURE: 'AMD64',
};

/**
 * Puts it into the prefix, and makes Wine prefer it to its own. Until `setSession`, started programs get the
 * environment of anyone who asked for it.
 */
export async function installTaskScheduler({
  driveC,
  run,
}: Pick<WinePrefix, 'driveC' | 'run'>): Promise<TaskScheduler> {
  const system32 = join(driveC, 'windows/system32');
  // Wine's own is a link to a file that all prefixes share.
  writeFileSync(join(system32, 'schtasks.new'), compile());
  renameSync(join(system32, 'schtasks.new'), join(system32, 'schtasks.exe'));
  const native = ['/v', 'schtasks.exe', '/d', 'native', '/f'];
  const { exitCode, stderr } = await run('reg.exe', ['add', 'HKCU\\Software\\Wine\\DllOverrides', ...native]);
  if (exitCode !== 0) throw new Error(`reg exited with ${exitCode}: ${stderr}`);
  const control = join(driveC, 'schtasks');
  mkdirSync(control, { recursive: true });
  const folder = join(system32, 'Tasks');
  mkdirSync(folder, { recursive: true });
  const put = (name: string, text: string | undefined): void => {
    if (text === undefined) rmSync(join(control, name), { force: true });
    else writeFileSync(join(control, name), Buffer.from(`\ufeff${text}`, 'utf16le'));
  };
  return {
    tasks: () =>
      new Map(
        readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf16le').replace(/^\ufeff/, '')]),
      ),
    setSession: (env) => {
      const variables = Object.entries({ ...SYSTEM, ...env }).filter(([, value]) => value !== null);
      // Windows wants them sorted, in upper case.
      const lines = variables
        .map((pair) => pair.join('='))
        .sort((a, b) => (a.toUpperCase() < b.toUpperCase() ? -1 : 1));
      put('environment', lines.map((line) => `${line}\n`).join(''));
    },
    refuse: (...verbs) => put('refuse', verbs.length === 0 ? undefined : verbs.join(' ')),
    setStandardUser: (isStandardUser) => put('standard-user', isStandardUser ? '' : undefined),
    calls: () => {
      const log = join(control, 'log');
      return existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [];
    },
  };
}

const FUNCTIONS = {
  kernel32: [
    ...['CloseHandle', 'CreateDirectoryW', 'CreateFileW', 'CreateProcessW', 'DeleteFileW', 'ExitProcess'],
    ...['GetCommandLineW', 'GetFileAttributesW', 'GetStdHandle', 'MultiByteToWideChar', 'ReadFile'],
    ...['WideCharToMultiByte', 'WriteFile', 'lstrcatW', 'lstrcmpW', 'lstrcpyW', 'lstrcpynW', 'lstrlenW'],
  ],
  msvcrt: ['__wgetmainargs', '_wcsicmp', 'memcpy', 'memset', 'wcschr', 'wcsncmp', 'wcsstr'],
};

let compiled: Buffer | undefined;

function compile(): Buffer {
  compiled ??= compileForWindows(join(import.meta.dirname, 'schtasks.c'), FUNCTIONS);
  return compiled;
}
