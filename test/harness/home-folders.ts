import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** A user's folders by the XDG Base Directory specification. */
export interface HomeFolders {
  readonly HOME: string;
  readonly XDG_CONFIG_HOME: string;
  readonly XDG_STATE_HOME: string;
  readonly XDG_CACHE_HOME: string;
  readonly XDG_DATA_HOME: string;
  readonly XDG_RUNTIME_DIR: string;
}

/** Makes the folders (0700) below `root`, under short names, and returns them as environment variables. */
export function makeHomeFolders(root: string): HomeFolders {
  const folders = {
    HOME: join(root, 'home'),
    XDG_CONFIG_HOME: join(root, 'config'),
    XDG_STATE_HOME: join(root, 'state'),
    XDG_CACHE_HOME: join(root, 'cache'),
    XDG_DATA_HOME: join(root, 'data'),
    XDG_RUNTIME_DIR: join(root, 'run'),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folders;
}
