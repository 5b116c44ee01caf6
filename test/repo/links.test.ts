// Every link between pages, and to a heading, leads somewhere.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';

const read = (path: string): string => readFileSync(join(projectFolder, path), 'utf8');

const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: projectFolder,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(projectFolder, path)));

interface Link {
  readonly page: string;
  readonly path: string;
  readonly heading: string | undefined;
}

/** Without code blocks: a link in there's an example. */
const proseOf = (page: string): string => read(page).replace(/^ *```[\s\S]*?^ *```$/gm, '');

const links: readonly Link[] = pages.flatMap((page) =>
  [...proseOf(page).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, path = '', heading]) => ({
    page,
    path,
    heading,
  })),
);

const targetOf = ({ page, path }: Link): string => (path === '' ? page : normalize(join(dirname(page), path)));

/** As GitHub names a page's headings in links. */
function headings(page: string): readonly string[] {
  const taken = new Map<string, number>();
  return [...proseOf(page).matchAll(/^#{1,6} (.*)$/gm)].map(([, title = '']) => {
    const name = title
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const count = taken.get(name) ?? 0;
    taken.set(name, count + 1);
    return count === 0 ? name : `${name}-${count}`;
  });
}

describe('links between pages', () => {
  it('lead to files that exist', () => {
    expect(links.length).toBeGreaterThan(200);
    expect(links.filter((link) => !existsSync(join(projectFolder, targetOf(link))))).toEqual([]);
  });

  it('lead to headings that exist', () => {
    const toHeadings = links.filter(({ heading }) => heading !== undefined);
    expect(toHeadings.length).toBeGreaterThan(50);
    expect(toHeadings.filter((link) => !headings(targetOf(link)).includes(link.heading ?? ''))).toEqual([]);
  });

  it('lead to every page below docs/ from its index', () => {
    const found = new Set(['docs/README.md']);
    for (const page of found) {
      for (const link of links) if (link.page === page && targetOf(link).endsWith('.md')) found.add(targetOf(link));
    }
    expect(pages.filter((page) => page.startsWith('docs/') && !found.has(page))).toEqual([]);
  });
});
