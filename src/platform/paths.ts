import { statSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import { ownerFault, parentsFault } from './privacy-fault.ts';

const NAME = 'foundry-credential-helper';

export interface Paths {
  /** Holds the user's `config.json`. */
  readonly config: string;
  /**
   * What the agent remembers, without secrets: `agent.json`, `keystore.json`; on Windows also the DPAPI files and the
   * pipe's key.
   */
  readonly state: string;
  /** `agent.log` and its rotated predecessors. */
  readonly log: string;
  /** Files that can be made again: the unpacked native addon. */
  readonly cache: string;
  /**
   * The agent's socket. It may differ between a user's sessions: `agent-process/find-agent.ts` then finds the agent.
   */
  readonly runtime: string;
}

/**
 * Whether a session's folder for sockets can be used: it exists, is this user's, and no one else may write to or
 * replace it.
 */
type IsUsable = (folder: string) => boolean;

/**
 * The product's folders by each system's conventions, on Linux and macOS laid out as the npm package `env-paths` does.
 * Creates nothing. That package isn't used because it loads `node:os`, for which every helper would have to wait.
 */
export function productPaths(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  isUsable: IsUsable = isOwnFolder,
): Paths {
  const folders =
    platform === 'win32' ? windowsFolders(env) : platform === 'darwin' ? macFolders(env) : xdgFolders(env);
  return { ...folders, runtime: sessionFolder(env, platform, isUsable) ?? folders.state };
}

/** Only `Paths.runtime`: all that a helper needs to know while the agent runs. */
export function runtimeFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  isUsable: IsUsable = isOwnFolder,
): string {
  return sessionFolder(env, platform, isUsable) ?? productPaths(env, platform, isUsable).runtime;
}

/**
 * Sessions without the variable, or with someone else's folder in it, as after `su`, use the one that systemd makes.
 */
function sessionFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, isUsable: IsUsable): string | undefined {
  if (platform !== 'linux') return undefined;
  const named = env['XDG_RUNTIME_DIR'] ?? '';
  const base = [named, `/run/user/${process.getuid?.()}`].find((path) => path.startsWith('/') && isUsable(path));
  return base === undefined ? undefined : posix.join(base, NAME);
}

function isOwnFolder(path: string): boolean {
  try {
    const stats = statSync(path);
    return stats.isDirectory() && ownerFault(path, stats) === undefined && parentsFault(`${path}/`) === undefined;
  } catch {
    return false;
  }
}

type Folders = Omit<Paths, 'runtime'>;

/** XDG Base Directory Specification 0.8, which says to ignore relative paths. */
function xdgFolders(env: NodeJS.ProcessEnv): Folders {
  const folder = (variable: string, ...fallback: string[]): string => {
    const named = env[variable] ?? '';
    return posix.join(named.startsWith('/') ? named : posix.join(homeFolder(env['HOME']), ...fallback), NAME);
  };
  const state = folder('XDG_STATE_HOME', '.local', 'state');
  return { config: folder('XDG_CONFIG_HOME', '.config'), state, log: state, cache: folder('XDG_CACHE_HOME', '.cache') };
}

/** "Standard Directories" of Apple's File System Programming Guide. */
function macFolders(env: NodeJS.ProcessEnv): Folders {
  const folder = (name: string): string => posix.join(homeFolder(env['HOME']), 'Library', name, NAME);
  return {
    config: folder('Preferences'),
    state: folder('Application Support'),
    log: folder('Logs'),
    cache: folder('Caches'),
  };
}

/**
 * Outside AppData: below it, Windows would give whatever Claude Desktop starts a private copy of a new folder, which
 * programs started elsewhere don't see. The other parts of the profile are never redirected.
 * https://learn.microsoft.com/windows/msix/desktop/flexible-virtualization
 */
function windowsFolders(env: NodeJS.ProcessEnv): Folders {
  const named = env['USERPROFILE'] ?? '';
  // Without a drive or server, the path would lead to the working folder.
  const profile = /^(?:[A-Za-z]:[\\/]|\\\\)/.test(named) ? named : homeFolder(undefined);
  const base = win32.join(profile, `.${NAME}`);
  return {
    config: base,
    state: win32.join(base, 'state'),
    log: win32.join(base, 'log'),
    cache: win32.join(base, 'cache'),
  };
}

/**
 * The account's own home folder if the variable is missing, as with some service managers, or empty. `os.homedir()`
 * reads the same variable again, and throws if USERPROFILE is empty.
 */
function homeFolder(variable: string | undefined): string {
  return variable || process.getBuiltinModule('node:os').userInfo().homedir;
}
