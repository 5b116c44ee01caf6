// Windows: who runs this program, and which programs started it, from its launcher (installers/windows/launcher.c).
import { existsSync } from 'node:fs';
import { whenGone } from './process-watch.ts';
import { runProgram } from './run-program.ts';

export interface Ancestor {
  readonly pid: number;
  /** Full name of its package (MSIX), such as `Claude_1.2.3.0_x64__pzs8sxrjxfjjc`. Absent for an ordinary program. */
  readonly package?: string;
  readonly program: string;
}

export interface WindowsOrigin {
  /** The user's security identifier. */
  readonly sid: string;
  /** This process, its parent, and so on, up to one that no longer runs or that this user may not query. */
  readonly ancestors: readonly Ancestor[];
}

/** The packaged app around this process. */
export interface PackageContainer {
  readonly name: string;
  /** The app's first process. */
  readonly pid: number;
}

const TIMEOUT_MS = 3_000;

let found: Promise<WindowsOrigin | undefined> | undefined;

/** Asks once per process. `undefined` on other systems, without the launcher, or if it doesn't answer. */
export function windowsOrigin(): Promise<WindowsOrigin | undefined> {
  found ??= askLauncher();
  return found;
}

async function askLauncher(): Promise<WindowsOrigin | undefined> {
  const launcher = process.execPath.replace(/\.exe$/i, 'w.exe');
  if (process.platform !== 'win32' || !existsSync(launcher)) return undefined;
  const { exitCode, stdout } = await runProgram(launcher, ['--origin'], TIMEOUT_MS);
  return exitCode === 0 ? parseOrigin(stdout.toString('utf8')) : undefined;
}

/** `undefined` if the text isn't the launcher's. */
export function parseOrigin(text: string): WindowsOrigin | undefined {
  const [sid = '', ...lines] = text.trimEnd().split('\n');
  if (!/^S-1-[\d-]+$/.test(sid)) return undefined;
  const ancestors = lines.flatMap((line): Ancestor[] => {
    const [, pid, name = '-', program = ''] = /^(\d+) (\S+) (.*)$/.exec(line) ?? [];
    if (pid === undefined) return [];
    const packaged = name === '-' ? packageOfPath(program) : name;
    return [{ pid: Number(pid), program, ...(packaged === undefined ? {} : { package: packaged }) }];
  });
  return { sid, ancestors };
}

/** The SID in what `whoami /user /fo csv /nh` prints; undefined if there's none. */
export function parseWhoami(text: string): string | undefined {
  return /"(S-1-[\d-]+)"\s*$/.exec(text)?.[1];
}

/** Windows keeps each package's programs in a folder that has the package's full name. */
function packageOfPath(program: string): string | undefined {
  return /\\WindowsApps\\([^\\_]+_[^\\]+)\\/i.exec(program)?.[1];
}

/** Windows Terminal starts shells outside its own package's container. */
const NO_CONTAINER = /^Microsoft\.WindowsTerminal/i;

/** The app that a process with this origin is a part of: it's confined as the app is. */
export function packageContainer(origin: WindowsOrigin | undefined): PackageContainer | undefined {
  const packaged = (origin?.ancestors ?? []).flatMap(({ pid, package: name }) =>
    name === undefined || NO_CONTAINER.test(name) ? [] : [{ pid, name }],
  );
  const [nearest] = packaged;
  return packaged.findLast(({ name }) => name === nearest?.name);
}

/** Calls back once the packaged app around this process has ended. Doesn't keep this process alive. Never rejects. */
export async function leaveWithPackage(leave: () => void): Promise<void> {
  const container = packageContainer(await windowsOrigin());
  if (container !== undefined) whenGone(container.pid, leave);
}
