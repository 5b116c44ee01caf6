import { posix, win32 } from 'node:path';

const NAME = 'foundry-credential-helper';

export interface Paths {
  /** Holds the user's `config.json`. */
  readonly config: string;
  /** What the agent remembers, without secrets: `agent.json`, `keystore.json`; on Windows also the DPAPI files and the pipe's key. */
  readonly state: string;
  /** `agent.log` and its rotated predecessors. */
  readonly log: string;
  /** Files that can be made again: the unpacked native addon. */
  readonly cache: string;
  /** The agent's socket and lock. Emptied by a restart of the computer if the system has such a folder. */
  readonly runtime: string;
}

/**
 * The product's folders by each system's conventions, laid out as the npm package `env-paths` does. Creates nothing.
 * That package isn't used because it loads `node:os`, for which every helper would have to wait.
 */
export function productPaths(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): Paths {
  const folders =
    platform === 'win32' ? windowsFolders(env) : platform === 'darwin' ? macFolders(env) : xdgFolders(env);
  return { ...folders, runtime: sessionFolder(env, platform) ?? folders.state };
}

/** Only `Paths.runtime`: all that a helper needs to know while the agent runs. */
export function runtimeFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  return sessionFolder(env, platform) ?? productPaths(env, platform).runtime;
}

function sessionFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined {
  const base = env['XDG_RUNTIME_DIR'];
  // Without a session there is none; a relative one is invalid.
  return platform === 'linux' && base?.startsWith('/') ? posix.join(base, NAME) : undefined;
}

type Folders = Omit<Paths, 'runtime'>;

/** XDG Base Directory Specification 0.8. */
function xdgFolders(env: NodeJS.ProcessEnv): Folders {
  const folder = (variable: string, ...fallback: string[]): string =>
    posix.join(env[variable] || posix.join(homeFolder(env['HOME']), ...fallback), NAME);
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

/** Settings roam with the profile; this computer's own files don't. */
function windowsFolders(env: NodeJS.ProcessEnv): Folders {
  const appData = (variable: string, fallback: string): string =>
    win32.join(env[variable] || win32.join(homeFolder(env['USERPROFILE']), 'AppData', fallback), NAME);
  const local = appData('LOCALAPPDATA', 'Local');
  return {
    config: win32.join(appData('APPDATA', 'Roaming'), 'Config'),
    state: win32.join(local, 'Data'),
    log: win32.join(local, 'Log'),
    cache: win32.join(local, 'Cache'),
  };
}

/** The account's own home folder if the variable is missing, as with some service managers. */
function homeFolder(variable: string | undefined): string {
  return variable || process.getBuiltinModule('node:os').homedir();
}
