// How cmd.exe would find a command, and how a batch file gets its arguments as they are. Node can do neither: it finds
// only .com and .exe, and refuses to start a batch file without a shell (CVE-2024-27980). The npm package cross-spawn
// isn't used: 7.0.6 looks in the working folder first, and unless the batch file is in node_modules/.bin, an argument
// such as `" & calc & "` runs calc.
import { lstatSync } from 'node:fs';
import { win32 } from 'node:path';
import { isOnDriveOrShare, systemProgram } from './programs.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What to pass to `spawn`, or why it can't be started. */
export type WindowsCommand =
  | { readonly command: string; readonly args: readonly string[]; readonly windowsVerbatimArguments: boolean }
  | { readonly fault: 'not-found' }
  | { readonly fault: 'not-runnable'; readonly reason: string };

export interface WindowsPlace {
  readonly env?: Environment;
  /** The working folder, for a command with a relative path. */
  readonly cwd?: string;
  /** Whether there is such a file. */
  readonly isFile?: (path: string) => boolean;
}

/** What CreateProcess can start, in Windows' own order. PATHEXT also has scripts, which only the desktop can open. */
const RUNNABLE = ['.COM', '.EXE', '.BAT', '.CMD'];
const BATCH = /\.(?:bat|cmd)$/i;
/** https://learn.microsoft.com/troubleshoot/windows-client/shell-experience/command-line-string-limitation */
const MAX_CMD_LINE = 8191;

/**
 * Finds a command as cmd.exe does, and prepares its arguments. A bare name is looked up in PATH's absolute folders
 * only: cmd.exe would look in the working folder first, where anyone's downloaded or cloned files may be.
 */
export function windowsCommand(name: string, args: readonly string[], place: WindowsPlace = {}): WindowsCommand {
  const { env = process.env } = place;
  const file = findCommand(name, { env, cwd: place.cwd ?? process.cwd(), isFile: place.isFile ?? isFile });
  if (file === undefined) return { fault: 'not-found' };
  if (!BATCH.test(file)) return { command: file, args, windowsVerbatimArguments: false };
  const line = batchCommandLine(file, args);
  if (typeof line !== 'string') return { fault: 'not-runnable', reason: line.refused };
  return { command: systemProgram('cmd.exe', env), args: [line], windowsVerbatimArguments: true };
}

function findCommand(name: string, { env, cwd, isFile: exists }: Required<WindowsPlace>): string | undefined {
  if (name === '') return undefined;
  const hasPath = /[\\/:]/.test(name);
  const folders = hasPath ? [cwd] : absoluteFolders(env['PATH'] ?? '');
  const hasExtension = win32.extname(name) !== '';
  // A bare name without an extension is never a file of that very name: npm puts a script for sh next to its batch
  // file.
  const exact = hasExtension || hasPath ? [name] : [];
  const completed = extensions(env['PATHEXT'] ?? '').map((extension) => `${name}${extension.toLowerCase()}`);
  const names = hasExtension ? [...exact, ...completed] : [...completed, ...exact];
  return folders.flatMap((folder) => names.map((candidate) => win32.resolve(folder, candidate))).find(exists);
}

/** Quotes around a folder, which Windows allows, aren't part of it. */
function absoluteFolders(path: string): readonly string[] {
  return path
    .split(';')
    .filter(isOnDriveOrShare)
    .map((folder) => folder.replaceAll('"', ''));
}

function extensions(pathExt: string): readonly string[] {
  const known = pathExt
    .split(';')
    .map((extension) => extension.trim().toUpperCase())
    .filter((extension) => RUNNABLE.includes(extension));
  return known.length === 0 ? RUNNABLE : known;
}

/** `lstat`: an app of the Microsoft Store has an alias in PATH that `stat` can't follow. */
function isFile(path: string): boolean {
  try {
    return !lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * The arguments of cmd.exe that run a batch file. cmd.exe reads them twice, itself and as `%*` in the batch file, so
 * everything is inside quotes, and `%` can't begin a variable. As in Rust's standard library since CVE-2024-24576:
 * https://github.com/rust-lang/rust/blob/1.77.2/library/std/src/sys/pal/windows/args.rs
 * @returns the line, or why an argument can't get through unchanged
 */
function batchCommandLine(file: string, args: readonly string[]): string | { readonly refused: string } {
  const broken = args.findIndex((arg) => /[\r\n\0]/.test(arg));
  if (broken !== -1) {
    return {
      refused: `argument ${broken + 1} has a line break, at which cmd.exe would cut off the command of a batch file`,
    };
  }
  const command = [`"${withoutVariables(file)}"`, ...args.map(batchArgument)].join(' ');
  // /d: no AutoRun command; /e:ON: the extensions that the trick with % needs; /v:OFF: "!" isn't a variable.
  const line = `/d /e:ON /v:OFF /s /c "${command}"`;
  if (line.length > MAX_CMD_LINE) {
    return {
      refused: `its arguments have ${line.length} characters, and cmd.exe takes ${MAX_CMD_LINE} for a batch file`,
    };
  }
  return line;
}

/** Quoted as C programs read it, with `""` for a quote, so that cmd.exe never finds itself outside of the quotes. */
function batchArgument(arg: string): string {
  if (/^[\w#$+\-./:@\\]*[\w#$+\-./:@]$/.test(arg)) return arg;
  const quoted = arg.replaceAll(/(?<!\\)(\\*)"/g, '$1$1""').replace(/(?<!\\)\\+$/, '$&$&');
  return `"${withoutVariables(quoted)}"`;
}

/** `%cd:~,%` is an empty part of a variable that always exists. It separates each `%` from what follows. */
function withoutVariables(text: string): string {
  return text.replaceAll('%', '%%cd:~,%');
}
