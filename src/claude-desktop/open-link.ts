// The address that opens Claude Desktop from a browser, if this computer has a program for it.
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { isObject } from '../core/json.ts';
import { readTextFile } from '../formats/text-file.ts';
import { loadNativeAddon } from '../platform/native-addon.ts';
import { createRegistry, type Hive, type Registry, type RegistryKeys } from '../platform/registry.ts';
import { userHome } from '../platform/user-home.ts';
import { MAC_APP, readAppInfo } from './installed-mac.ts';
import { PACKAGE, PACKAGES } from './installed-windows.ts';

/** Without a path, it only asks Claude Desktop to show its window. */
export const CLAUDE_URL = 'claude://';

const SCHEME = 'claude';
const MIME_TYPE = `x-scheme-handler/${SCHEME}`;

export interface OpenLinkOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
  readonly registry?: Registry & RegistryKeys;
  /** Goes before the paths of the whole computer. */
  readonly root?: string;
}

/**
 * Returns the address if a program on this computer has registered for it. Reads files or the registry, and starts no
 * program. Never rejects: what can't be read isn't registered.
 */
export async function findClaudeUrl(options: OpenLinkOptions = {}): Promise<string | undefined> {
  try {
    return (await hasHandler(options)) ? CLAUDE_URL : undefined;
  } catch {
    return undefined;
  }
}

async function hasHandler({ env = process.env, platform = process.platform, registry, root = '/' }: OpenLinkOptions) {
  switch (platform) {
    case 'linux':
      return isAssociated(env, userHome(env, platform), root);
    case 'darwin':
      return [root, userHome(env, platform)].some((folder) => declaresScheme(join(folder, MAC_APP)));
    case 'win32':
      return isRegistered(registry ?? createRegistry(await loadNativeAddon('registry')));
    default:
      return false;
  }
}

/**
 * Whether an installed program is associated with the scheme: Association between MIME types and applications 1.0.1
 * (freedesktop.org). That a default is set isn't enough: without an association, GNOME shows a dialog without a choice.
 */
function isAssociated(env: NodeJS.ProcessEnv, home: string, root: string): boolean {
  const folders = (name: string, usual: string): string[] =>
    (env[name] || usual).split(':').filter((folder) => isAbsolute(folder));
  const shared = (name: string, usual: string) => folders(name, usual).map((folder) => join(root, folder));
  const config = [...folders('XDG_CONFIG_HOME', join(home, '.config')), ...shared('XDG_CONFIG_DIRS', '/etc/xdg')];
  const applications = [
    ...folders('XDG_DATA_HOME', join(home, '.local/share')),
    ...shared('XDG_DATA_DIRS', '/usr/local/share:/usr/share'),
  ].map((folder) => join(folder, 'applications'));
  const isInstalled = (id: string) => applications.some((folder) => existsSync(join(folder, id)));
  const removed = new Set<string>();
  for (const folder of [...config, ...applications]) {
    const list = groupsOf(join(folder, 'mimeapps.list'));
    const cache = applications.includes(folder) ? groupsOf(join(folder, 'mimeinfo.cache')) : undefined;
    const added = handlersIn(list, 'Added Associations');
    for (const id of handlersIn(list, 'Removed Associations')) if (!added.includes(id)) removed.add(id);
    const ids = [...added, ...handlersIn(cache, 'MIME Cache')];
    if (ids.some((id) => !removed.has(id) && isInstalled(id))) return true;
  }
  return false;
}

type Groups = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The groups of a file in the format of desktop entries; none if it can't be read. */
function groupsOf(path: string): Groups {
  const groups = new Map<string, Map<string, string>>();
  const file = readTextFile(path, { followLinks: true });
  if (file.state !== 'text') return groups;
  let group = new Map<string, string>();
  for (const line of file.text.split(/\r?\n/)) {
    const [, name] = /^\[(.*)\]\s*$/.exec(line) ?? [];
    const [, key, value] = /^\s*([^#=\s][^=]*?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      group = groups.get(name) ?? new Map();
      groups.set(name, group);
    } else if (key !== undefined && value !== undefined) group.set(key, value);
  }
  return groups;
}

/** The files of the scheme's handlers, which are names without a folder. */
function handlersIn(groups: Groups | undefined, group: string): readonly string[] {
  const ids = groups?.get(group)?.get(MIME_TYPE)?.split(';') ?? [];
  return ids.map((id) => id.trim()).filter((id) => /^[^/]+\.desktop$/.test(id));
}

/** Launch Services registers what a bundle in one of these folders declares. */
function declaresScheme(app: string): boolean {
  return listIn(readAppInfo(app), 'CFBundleURLTypes').some((type) =>
    listIn(type, 'CFBundleURLSchemes').includes(SCHEME),
  );
}

function listIn(value: unknown, key: string): readonly unknown[] {
  const list = isObject(value) ? value[key] : undefined;
  return Array.isArray(list) ? list : [];
}

const HIVES: readonly Hive[] = ['HKEY_CURRENT_USER', 'HKEY_LOCAL_MACHINE'];
function isRegistered(registry: Registry & RegistryKeys): boolean {
  const has = (hive: Hive, key: string, name: string): boolean =>
    registry.readKey(hive, key)?.some((value) => value.name.toLowerCase() === name) === true;
  // The value marks the scheme of a URL; the class of a file type has none.
  if (HIVES.some((hive) => has(hive, `Software\\Classes\\${SCHEME}`, 'url protocol'))) return true;
  // What a packaged app declares is below its package's name and its own ID.
  const packages = registry.subkeys('HKEY_CURRENT_USER', PACKAGES).filter((name) => PACKAGE.test(name));
  return packages.some((name) =>
    registry
      .subkeys('HKEY_CURRENT_USER', `${PACKAGES}\\${name}`)
      .some((app) => has('HKEY_CURRENT_USER', `${PACKAGES}\\${name}\\${app}\\Capabilities\\URLAssociations`, SCHEME)),
  );
}
