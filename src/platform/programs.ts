// Finds the programs of others that this one starts. The working folder may be anybody's, so no program is ever taken
// from it: every path is absolute.
import { win32 } from 'node:path';
import { isExecutable } from './file-checks.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Windows is unless a variable says otherwise. */
const WINDOWS = 'C:\\Windows';

/**
 * The absolute path of a program: the first one in a folder of PATH that has it. Empty and relative folders, which mean
 * the working folder or one below it, are passed over. An absolute path is returned as it is.
 * @returns undefined if there is none that this user may run
 */
export function findProgram(name: string, env: Environment = process.env): string | undefined {
  if (name.startsWith('/')) return isExecutable(name) ? name : undefined;
  if (name === '' || name.includes('/')) return undefined;
  return absoluteFolders(env['PATH'])
    .map((folder) => `${folder}/${name}`)
    .find(isExecutable);
}

/** A program of Windows' own, such as `tasklist.exe`, or a path below System32. */
export function systemProgram(name: string, env: Environment = process.env): string {
  return win32.join(windowsFolder(env), 'System32', name);
}

/** A full path with a drive; anything else would lead to the working folder or drive, or to another computer. */
function windowsFolder(env: Environment): string {
  const named = env['SystemRoot'] ?? '';
  return /^[A-Za-z]:[\\/]/.test(named) ? named : WINDOWS;
}

/** The environment for what this program starts: without empty and relative folders in PATH. */
export function withoutRelativePath(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): NodeJS.ProcessEnv {
  if (platform !== 'win32') {
    return env['PATH'] === undefined ? env : { ...env, PATH: absoluteFolders(env['PATH']).join(':') };
  }
  const isPath = (name: string): boolean => name.toUpperCase() === 'PATH';
  const absolute = (value: string): string => value.split(';').filter(isOnDriveOrShare).join(';');
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, isPath(name) ? absolute(value ?? '') : value]),
  );
}

const absoluteFolders = (path = ''): readonly string[] => path.split(':').filter((folder) => folder.startsWith('/'));

/** Windows allows quotes around a folder. */
const isOnDriveOrShare = (folder: string): boolean => /^"?(?:[A-Za-z]:[\\/]|\\\\)/.test(folder);
