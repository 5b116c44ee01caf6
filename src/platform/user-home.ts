// Not in paths.ts, which every helper loads.
import { homedir, userInfo } from 'node:os';

/**
 * This user's home folder: the one that the variable names, or the account's own if it's missing, empty, or relative.
 * `homedir()` alone isn't enough: it returns a relative HOME or USERPROFILE as it is, and throws if USERPROFILE is empty.
 */
export function userHome(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  const named = env[platform === 'win32' ? 'USERPROFILE' : 'HOME'] ?? '';
  if (isFullPath(named)) return named;
  return isFullPath(process.env[process.platform === 'win32' ? 'USERPROFILE' : 'HOME'] ?? '')
    ? homedir()
    : userInfo().homedir;
}

const isFullPath = (path: string): boolean => /^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(path);
