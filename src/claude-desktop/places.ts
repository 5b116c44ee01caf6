// Where Claude Desktop keeps its own files: the configuration that a person applies in its window, and its log.
// https://claude.com/docs/third-party/claude-desktop/data-storage
import { readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { userHome } from '../platform/user-home.ts';

export interface LocalPlaces {
  readonly env?: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
  readonly home?: string;
}

/** The folder with `_meta.json` and one `<id>.json` for each configuration. */
export function configLibrary({
  env = process.env,
  platform = process.platform,
  home = userHome(),
}: LocalPlaces = {}): string {
  return join(dataFolder(platform, env, home), 'configLibrary');
}

function dataFolder(platform: NodeJS.Platform, env: NodeJS.ProcessEnv, home: string): string {
  switch (platform) {
    case 'darwin':
      return join(home, 'Library/Application Support/Claude-3p');
    case 'win32':
      return join(appData(env, home, 'Local'), 'Claude-3p');
    default:
      return join(configFolder(env, home), 'Claude-3p');
  }
}

/**
 * The folders in which `main.log` may be, the usual one first: of third-party mode, of standard mode, in which Claude
 * Desktop starts if it refuses its configuration, and of earlier versions.
 */
export function logFolders({
  env = process.env,
  platform = process.platform,
  home = userHome(),
}: LocalPlaces = {}): readonly string[] {
  switch (platform) {
    case 'darwin':
      return ['Claude-3p', 'Claude'].map((name) => join(home, 'Library/Logs', name));
    case 'win32':
      return windowsLogFolders(env, home);
    default:
      return ['Claude-3p', 'Claude'].map((name) => join(configFolder(env, home), name, 'logs'));
  }
}

function windowsLogFolders(env: NodeJS.ProcessEnv, home: string): readonly string[] {
  const local = appData(env, home, 'Local');
  const packages = join(local, 'Packages');
  const ofPackages = namesIn(packages)
    .filter((name) => /(?:^|\.)Claude_/i.test(name))
    .flatMap((name) => ['Local', 'Roaming'].map((kind) => join(packages, name, 'LocalCache', kind)));
  return [local, appData(env, home, 'Roaming'), ...ofPackages].flatMap((base) =>
    ['Claude-3p', 'Claude'].map((name) => join(base, name, 'logs')),
  );
}

function appData(env: NodeJS.ProcessEnv, home: string, kind: 'Local' | 'Roaming'): string {
  const named = env[kind === 'Local' ? 'LOCALAPPDATA' : 'APPDATA'] ?? '';
  return isAbsolute(named) ? named : join(home, 'AppData', kind);
}

function configFolder(env: NodeJS.ProcessEnv, home: string): string {
  const named = env['XDG_CONFIG_HOME'] ?? '';
  return isAbsolute(named) ? named : join(home, '.config');
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
