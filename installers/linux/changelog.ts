// CHANGELOG.md's section about one version, in the forms of Debian's and RPM's changelogs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../build/bundle.ts';

export const MAINTAINER = 'Foundry Credential Helper maintainers <noreply@foundry-credential-helper.invalid>';

/** Debian's parsers and lintian want shorter lines than this. */
const DEBIAN_WIDTH = 78;

/** https://www.debian.org/doc/debian-policy/ch-source.html#debian-changelog-debian-changelog */
export function debianChangelog(version: string, date: Date): string {
  const items = changesOf(version).map((text) => wrap(text, DEBIAN_WIDTH - 4).join('\n    '));
  const time = date.toUTCString().replace(/GMT$/, '+0000');
  return `foundry-credential-helper (${version}) stable; urgency=medium

${items.map((item) => `  * ${item}\n`).join('')}
 -- ${MAINTAINER}  ${time}
`;
}

/** The body of a spec file's `%changelog`. https://rpm-software-management.github.io/rpm/manual/spec.html */
export function rpmChangelog(version: string, release: string, date: Date): string {
  const [, weekday, day, month, year] = /^(\w+), (\d+) (\w+) (\d+)/.exec(date.toUTCString()) ?? [];
  // In a spec `%` begins a macro.
  const items = changesOf(version).map((text) => `- ${text.replaceAll('%', '%%')}\n`);
  return `* ${weekday} ${month} ${day} ${year} ${MAINTAINER} - ${version}-${release}\n${items.join('')}`;
}

/**
 * The items of the version's section, or of the newest section if the version has none, as plain text.
 * @param changelog the content of CHANGELOG.md; default: the project's
 * @throws Error if that section has no items
 */
export function changesOf(version: string, changelog = projectChangelog()): readonly string[] {
  const [, ...sections] = changelog.split(/^## /m);
  const section = sections.find((text) => text.split(/\s/, 1)[0] === version) ?? sections[0] ?? '';
  const items = [...section.matchAll(/^- (.+(?:\n {2}.+)*)$/gm)].map(([, text = '']) => plainText(text));
  if (items.length === 0) throw new Error(`CHANGELOG.md has no "- item" about ${version}`);
  return items;
}

function projectChangelog(): string {
  return readFileSync(join(projectFolder, 'CHANGELOG.md'), 'utf8');
}

/** Without the marks of bold text and of code, and with a link's text alone. */
function plainText(markdown: string): string {
  return markdown
    .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .replaceAll(/\*\*|`/g, '')
    .replaceAll(/\s+/g, ' ');
}

/** Lines of up to `width` characters; only a longer word makes a longer line. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
