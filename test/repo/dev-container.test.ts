import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { debianPackages } from '../../scripts/debian-dependencies.ts';
import { projectFolder } from '../../scripts/project-folder.ts';

const read = (name: string): string => readFileSync(join(projectFolder, '.devcontainer', name), 'utf8');

it('the dev container has the Debian packages that the scripts and tests need', () => {
  const needed = debianPackages
    .filter(({ purposes }) => purposes.some((purpose) => purpose !== 'bench'))
    .map((row) => row.package);
  const [, list = ''] = /--no-install-recommends \\\n(.*?) {2}&& rm/s.exec(read('Dockerfile')) ?? [];
  expect(list.match(/\S+(?= \\)/g)).toEqual([...new Set(needed)].toSorted());
});

it('its image is Debian 12, whose packages those are', () => {
  expect(read('Dockerfile')).toMatch(/^FROM \S+-bookworm\n/);
});

it('it starts with an npm script that there is', () => {
  const { postCreateCommand } = JSON.parse(read('devcontainer.json')) as { postCreateCommand: string };
  const { scripts } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { scripts: object };
  expect(scripts).toHaveProperty([postCreateCommand.replace('npm run ', '')]);
});
