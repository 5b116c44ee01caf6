// Claude Code's folder of managed settings, /etc/claude-code, as single processes see it: the host's isn't read
// or changed, and it makes no difference whether the host has one.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createEtcView, seenAs } from './etc-view.ts';

export interface ManagedSettingsFolders {
  /** The command, for which `folder` is /etc/claude-code. */
  seenBy(folder: string, command: readonly string[]): [string, ...string[]];
}

/** Needs `canUnshareMounts`. A separate /etc is in `root`, since a mount needs a folder to cover. */
export function createManagedSettingsFolders(root: string): ManagedSettingsFolders {
  const etc = join(root, 'etc');
  createEtcView(etc);
  mkdirSync(join(etc, 'claude-code'));
  return { seenBy: (folder, command) => seenAs(etc, command, [[folder, '/etc/claude-code']]) };
}
