// An /etc that single processes see in place of the system's: its own folder, with links to everything that the system
// has.
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { managedFolders } from '../../../scripts/managed-settings.ts';

/** Where these processes find the system's own /etc; every Linux has this folder, and no program reads it. */
const SYSTEM_ETC = '/mnt';

/** What no test may see of the system's. */
const HIDDEN: readonly string[] = managedFolders.map((folder) => basename(folder));

/** Fills a new folder, which `seenAs` then puts in the place of /etc. */
export function createEtcView(etc: string): void {
  mkdirSync(etc, { mode: 0o755 });
  for (const name of readdirSync('/etc')) {
    if (!HIDDEN.includes(name)) symlinkSync(join(SYSTEM_ETC, name), join(etc, name));
  }
}

/** The command, for which `etc` is /etc, and each further folder is where the pair says. Needs `canUnshareMounts`. */
export function seenAs(
  etc: string,
  command: readonly string[],
  further: readonly (readonly [folder: string, place: string])[] = [],
): [string, ...string[]] {
  const pairs = [['/etc', SYSTEM_ETC], [etc, '/etc'], ...further] as const;
  const mounts = pairs.map((_, index) => `mount --bind "$${2 * index + 1}" "$${2 * index + 2}"`);
  const script = `set -e; ${mounts.join('; ')}; shift ${2 * pairs.length}; exec "$@"`;
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', ...pairs.flat(), ...command];
}
