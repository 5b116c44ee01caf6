// docs/maintainers/releases.md says how to set these: together, or not at all.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../../scripts/project-folder.ts';

it("package.json's addresses are of one place, or lead nowhere as long as the repository has none", () => {
  const { repository, bugs, homepage } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as {
    repository: { url: string };
    bugs: { url: string };
    homepage: string;
  };
  const hosts = [repository.url, bugs.url, homepage].map((address) => new URL(address.replace(/^git\+/, '')).hostname);
  const isPlaceholder = hosts.map((host) => host.endsWith('.invalid'));
  expect(new Set(isPlaceholder).size).toBe(1);
  // A homepage may be elsewhere than the source.
  expect(hosts[0]).toBe(hosts[1]);
});
