// Claude Desktop as a package on Windows, to the extent that Wine supports them: its program is below WindowsApps, and
// what it starts sees another AppData. (Windows doesn't change the variables, but redirects new folders; what's written
// there is as invisible elsewhere.)
import { copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startWindowsParent, type WineRun } from '../../support/harness/windows-parent.ts';
import { windowsNode, windowsPath } from '../../support/harness/wine.ts';
import type { Computer, WindowsUser } from './support.ts';

export const PACKAGE = 'Claude_1.2.3.0_x64__pzs8sxrjxfjjc';
const PROGRAM = `C:\\Program Files\\WindowsApps\\${PACKAGE}\\app\\claude.exe`;

export interface Desktop {
  /** A helper's run, as Claude Desktop starts it. */
  helper(context: string): Promise<WineRun>;
  /** The program with these arguments, as in a terminal of Claude Desktop's. */
  command(...args: string[]): Promise<WineRun>;
  /** Ends it, and nothing that it has started. */
  quit(): void;
}

export async function startDesktop({ prefix, program, onLinux }: Computer, user: WindowsUser): Promise<Desktop> {
  const file = onLinux(PROGRAM);
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    // A copy: Wine calls a program by the name of any of its links.
    copyFileSync((await windowsNode()).slice(2).replaceAll('\\', '/'), file);
  }
  const cache = `${user.profile}\\AppData\\Local\\Packages\\${packageFamily()}\\LocalCache`;
  const env = { ...user.env, APPDATA: `${cache}\\Roaming`, LOCALAPPDATA: `${cache}\\Local` };
  for (const folder of [env.APPDATA, env.LOCALAPPDATA]) mkdirSync(onLinux(folder), { recursive: true });
  const folder = join(prefix.root, 'desktop');
  mkdirSync(folder, { recursive: true });
  const script = windowsPath(join(import.meta.dirname, '../../support/harness/wine-parent.cjs'));
  const parent = await startWindowsParent(prefix.env, folder, [PROGRAM, script]);
  const run = async (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<WineRun> => {
    const [result] = await parent.run([{ program, args, env: { ...env, ...more }, timeoutMs: 120_000 }].map(complete));
    if (result === undefined) throw new Error('no result');
    return result;
  };
  return {
    helper: (context) => run([], { CLAUDE_HELPER_CONTEXT: context }),
    command: (...args) => run(args),
    quit: () => parent.end(),
  };
}

const complete = <T extends object>(command: T): T => command;

const packageFamily = (): string => PACKAGE.replace(/^([^_]+)_.*_([^_]+)$/, '$1_$2');

/** Every file and folder below AppData, with what would change if it were written to. */
export function appDataOf({ onLinux }: Computer, { profile }: WindowsUser): readonly string[] {
  const folder = join(onLinux(profile), 'AppData');
  return readdirSync(folder, { recursive: true })
    .map((name) => {
      const { size, mtimeMs } = lstatSync(join(folder, String(name)));
      return `${name} ${size} ${mtimeMs}`;
    })
    .sort();
}
