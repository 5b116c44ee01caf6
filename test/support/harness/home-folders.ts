import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** A user's folders: by the XDG Base Directory specification, and as Windows names them. */
export interface HomeFolders {
  readonly HOME: string;
  readonly XDG_CONFIG_HOME: string;
  readonly XDG_STATE_HOME: string;
  readonly XDG_CACHE_HOME: string;
  readonly XDG_DATA_HOME: string;
  readonly XDG_RUNTIME_DIR: string;
}

/** The same home for programs on Windows, which ignore the variables above. */
export interface WindowsFolders {
  readonly USERPROFILE: string;
  readonly APPDATA: string;
  readonly LOCALAPPDATA: string;
  readonly TEMP: string;
  readonly TMP: string;
}

/** Makes the folders below `root`, and returns them as environment variables of Windows. */
export function makeWindowsFolders(root: string): WindowsFolders {
  const home = join(root, 'home');
  const folders = {
    USERPROFILE: home,
    APPDATA: join(home, 'AppData', 'Roaming'),
    LOCALAPPDATA: join(home, 'AppData', 'Local'),
    TEMP: join(home, 'AppData', 'Local', 'Temp'),
    TMP: join(home, 'AppData', 'Local', 'Temp'),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  return folders;
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
