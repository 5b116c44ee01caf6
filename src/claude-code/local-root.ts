import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What `.git` holds in a worktree that `git worktree add` made: a path below the repository's own folder. */
const LINKED = /^gitdir: (.+)[/\\]\.git[/\\]worktrees[/\\][^/\\]+\s*$/;

/**
 * The folder whose `.claude/settings.local.json` Claude Code reads in addition to the one of `folder`: the root of the
 * repository, of a linked worktree the root of the main one. `undefined` outside a repository.
 */
export function localRoot(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const root = rootAt(at);
    if (root !== undefined) return root;
    if (dirname(at) === at) return undefined;
  }
}

function rootAt(folder: string): string | undefined {
  const git = join(folder, '.git');
  try {
    const stats = statSync(git, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    const [, main] = stats.isFile() ? (LINKED.exec(readFileSync(git, 'utf8')) ?? []) : [];
    return main === undefined ? folder : resolve(folder, main);
  } catch {
    return undefined;
  }
}
