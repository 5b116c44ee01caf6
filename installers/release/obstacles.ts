import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../build/bundle.ts';
import { commitHash, commitOfTag, uncommittedChanges } from './source-state.ts';

/** Why this source can't become a release, in sentences; none if it can. */
export function releaseObstacles(folder: string = projectFolder): string[] {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const changelog = readFileSync(join(folder, 'CHANGELOG.md'), 'utf8');
  const tagged = commitOfTag(`v${version}`, folder);
  return [
    ...uncommittedChanges(folder).map((line) => `not committed: ${line}`),
    ...(changelog.includes(`\n## ${version}`) ? [] : [`CHANGELOG.md has no section "## ${version}"`]),
    ...(tagged === undefined || tagged === commitHash(folder)
      ? []
      : [`the tag v${version} is on ${tagged}: raise the version in package.json`]),
  ];
}
