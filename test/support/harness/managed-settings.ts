// Claude Code's folder of managed settings, /etc/claude-code, as single processes see it: nothing of the host's is read
// or changed, and it makes no difference whether the host has one.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export interface ManagedSettingsFolders {
  /** The command, seen by which `folder` is /etc/claude-code. */
  seenBy(folder: string, command: readonly string[]): [string, ...string[]];
}

/** Needs `canUnshareMounts`. A copy of /etc stands in `root`, since a mount needs a folder to lie on. */
export function createManagedSettingsFolders(root: string): ManagedSettingsFolders {
  const etc = join(root, 'etc');
  execFileSync('cp', ['-a', '/etc', etc]);
  const place = join(etc, 'claude-code');
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  const mounts = 'mount --bind "$0" /etc && mount --bind "$1" /etc/claude-code && shift && exec "$@"';
  return { seenBy: (folder, command) => ['unshare', '--mount', 'sh', '-c', mounts, etc, folder, ...command] };
}
