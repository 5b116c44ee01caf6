// The commit that a release is made from.
import { execFileSync } from 'node:child_process';
import { projectFolder } from '../build/bundle.ts';

/**
 * The time in every release file, so that the same commit makes the same bytes: SOURCE_DATE_EPOCH
 * (reproducible-builds.org), or the commit's time.
 */
export function sourceDate(): Date {
  const epoch = process.env['SOURCE_DATE_EPOCH'];
  if (epoch !== undefined && /^\d+$/.test(epoch)) return new Date(Number(epoch) * 1000);
  try {
    return new Date(Number(git(projectFolder, 'log', '-1', '--format=%ct')) * 1000);
  } catch {
    // A copy of the source without its history can be built and tested, not released.
    return new Date(0);
  }
}

/** Full hash. */
export function commitHash(folder: string = projectFolder): string {
  return git(folder, 'rev-parse', 'HEAD');
}

/** Full hash of the commit that the tag names; undefined if there's no such tag. */
export function commitOfTag(tag: string, folder: string = projectFolder): string | undefined {
  const commits = git(folder, 'for-each-ref', '--format=%(*objectname)%(objectname)', `refs/tags/${tag}`);
  // An annotated tag has its own hash behind the commit's.
  return commits === '' ? undefined : commits.slice(0, 40);
}

/** One line for each file that is changed, added or missing. */
export function uncommittedChanges(folder: string = projectFolder): string[] {
  return git(folder, 'status', '--porcelain')
    .split('\n')
    .filter((line) => line !== '');
}

function git(folder: string, ...args: string[]): string {
  return execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8' }).trimEnd();
}
