// Where Claude Desktop keeps the configuration that a person applies in its own window.
// https://claude.com/docs/third-party/claude-desktop/data-storage
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
    case 'win32': {
      const local = env['LOCALAPPDATA'] ?? '';
      return join(isAbsolute(local) ? local : join(home, 'AppData', 'Local'), 'Claude-3p');
    }
    default: {
      const xdg = env['XDG_CONFIG_HOME'] ?? '';
      return join(isAbsolute(xdg) ? xdg : join(home, '.config'), 'Claude-3p');
    }
  }
}
