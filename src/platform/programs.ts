// Finds the programs of others that this one starts. The working folder may be anyone's, so no program is ever taken
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

/**
 * A full path with a drive; anything else would lead to the working folder or drive, or to another computer. Claude
 * Desktop's package has handed its children empty variables.
 */
function windowsFolder(env: Environment): string {
  const named = ['SystemRoot', 'windir'].map((name) => variable(env, name)).find(isOnDrive);
  return named ?? WINDOWS;
}

/** Windows' names of variables are case-insensitive, but only in `process.env` itself, not in a copy. */
function variable(env: Environment, name: string): string {
  const exact = env[name];
  if (exact !== undefined) return exact;
  const other = Object.keys(env).find((key) => key.toUpperCase() === name.toUpperCase());
  return (other === undefined ? undefined : env[other]) ?? '';
}

/**
 * What Windows' own programs and libraries need, Winsock among them, if their variables are empty or relative. Windows
 * sets them for everyone, so a value that leads nowhere is never someone's choice.
 */
function repairedValue(name: string, value: string | undefined, env: Environment): string | undefined {
  const isUsable = isOnDrive(value ?? '');
  switch (name.toUpperCase()) {
    case 'SYSTEMROOT':
    case 'WINDIR':
      return isUsable ? value : windowsFolder(env);
    case 'COMSPEC':
      return isUsable ? value : systemProgram('cmd.exe', env);
    case 'SYSTEMDRIVE':
      return /^[A-Za-z]:$/.test(value ?? '') ? value : windowsFolder(env).slice(0, 2);
    case 'PATH':
      return (value ?? '').split(';').filter(isOnDriveOrShare).join(';');
    default:
      return value;
  }
}

/**
 * The environment for what this program starts: without empty and relative folders in PATH and, on Windows, with the
 * variables repaired that say where Windows is.
 */
export function withoutRelativePath(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): NodeJS.ProcessEnv {
  if (platform !== 'win32') {
    return env['PATH'] === undefined ? env : { ...env, PATH: absoluteFolders(env['PATH']).join(':') };
  }
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, repairedValue(name, value, env)]));
}

const absoluteFolders = (path = ''): readonly string[] => path.split(':').filter((folder) => folder.startsWith('/'));

/** Whether a path leads to the same place from every folder of Windows. In PATH, a folder may begin with a quote. */
export function isOnDriveOrShare(folder: string): boolean {
  return /^"?(?:[A-Za-z]:[\\/]|\\\\)/.test(folder);
}

/** Whether it's a full path with a drive. */
export function isOnDrive(path: string): boolean {
  return /^[A-Za-z]:[\\/]/.test(path);
}
