import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The folders with this computer's managed settings, which programs under test would follow. */
export const managedFolders = ['/etc/claude-code', '/etc/claude-desktop', '/etc/foundry-credential-helper'];

/**
 * The words that run a command, and everything it starts, with these folders empty. None if this computer has no such
 * folder. If it has one and this user can't hide it, prints a warning: tests may fail then.
 */
export function withoutManagedSettings(): readonly string[] {
  const present = process.platform === 'linux' ? managedFolders.filter((folder) => existsSync(folder)) : [];
  if (present.length === 0) return [];
  if (spawnSync('unshare', ['--mount', 'true'], { stdio: 'ignore' }).status !== 0) {
    console.error(`Tests may fail, because programs follow what is in ${present.join(', ')}. Only root can hide that.`);
    return [];
  }
  const mounts = present.map((folder) => `mount -t tmpfs -o mode=755 tmpfs ${folder}`);
  return ['unshare', '--mount', 'sh', '-c', `${mounts.join(' && ')} && exec "$@"`, 'sh'];
}
