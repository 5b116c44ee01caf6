// What the packages for Linux say about themselves, as other programs read it. They hold a small program, which is fast.
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedAddons } from '../../../installers/build/binary.ts';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { hostTarget } from '../../../installers/build/targets.ts';
import { changesOf } from '../../../installers/linux/changelog.ts';
import { writeDeb } from '../../../installers/linux/deb.ts';
import { DESCRIPTION, SYNOPSIS } from '../../../installers/linux/package-files.ts';
import { writeRpm } from '../../../installers/linux/rpm.ts';
import { sourceDate } from '../../../installers/release/source-state.ts';
import { binary } from '../../e2e/support.ts';

const VERSION = '1.2.3';
const PROGRAM = '/usr/bin/env';
const folder = mkdtempSync(join(tmpdir(), 'linux-content-'));
const run = (command: string, ...args: string[]): string => execFileSync(command, args, { encoding: 'utf8' });
/** What the changelog's items say, whatever the width of its lines. */
const asOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

const addons = installedAddons(hostTarget());
let deb: string;
let rpm: string;
beforeAll(() => {
  const licences = join(projectFolder, 'LICENSE');
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
  const linuxPackage = { binary: PROGRAM, addons, licences, arch, version: VERSION, folder } as const;
  deb = writeDeb(linuxPackage);
  rpm = writeRpm(linuxPackage);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the .deb', () => {
  it('has the MD5 of every file, and md5sum finds the one that changed', () => {
    const root = join(folder, 'unpacked');
    run('dpkg-deb', '--raw-extract', deb, root);
    const check = () => spawnSync('md5sum', ['--check', '--strict', 'DEBIAN/md5sums'], { cwd: root, encoding: 'utf8' });
    const files = readdirSync(join(root, 'usr'), { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
    const { status, stdout } = check();
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(files.length);
    appendFileSync(join(root, 'usr/bin/foundry-credential-helper'), ' ');
    expect(check()).toMatchObject({ status: 1, stdout: expect.stringMatching(/^usr\/bin\/\S+helper: FAILED$/m) });
  });

  it("has a changelog that Debian's own parser reads", () => {
    const compressed = join(folder, 'unpacked/usr/share/doc/foundry-credential-helper/changelog.gz');
    const text = gunzipSync(readFileSync(compressed)).toString();
    const field = (name: string): string =>
      execFileSync('dpkg-parsechangelog', ['-l', '-', '-S', name], { input: text, encoding: 'utf8' }).trim();
    expect(field('Source')).toBe('foundry-credential-helper');
    expect(field('Version')).toBe(VERSION);
    expect(new Date(field('Date'))).toEqual(sourceDate());
    const changes = asOneLine(field('Changes'));
    for (const change of changesOf(VERSION)) expect(changes).toContain(asOneLine(change));
  });

  it('depends on the package of every library that the program and its addons need, in a version that has its symbols', () => {
    const depends = run('dpkg-deb', '--field', deb, 'Depends').trim().split(', ');
    // rpm's reader of executables: `libc.so.6(GLIBC_2.28)(64bit)`.
    const files = [binary, ...Object.values(addons)].map((file) => run('/usr/lib/rpm/elfdeps', '--requires', file));
    const needs = [...files.join('').matchAll(/^(.+\.so\.\d+)\((.*?)\)/gm)];
    const paths = new Set(needs.map(([, library]) => `*-linux-gnu/${library}`));
    const owners = run('dpkg-query', '--search', ...paths).matchAll(/^([^:]+):/gm);
    // libstdc++6 depends on libgcc-s1.
    const brought = [...depends.map((entry) => entry.split(' ')[0]), 'libgcc-s1'];
    expect(paths.size).toBeGreaterThan(3);
    expect([...owners].map(([, owner]) => owner).filter((owner) => !brought.includes(owner))).toEqual([]);
    const symbols = needs.flatMap(([, , version = '']) => /^GLIBC_(\d.*)/.exec(version)?.[1] ?? []);
    const newest = symbols.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
    expect(depends).toContain(`libc6 (>= ${newest})`);
  });
});

describe('the .rpm', () => {
  const query = (...args: string[]): string => run('rpm', '-qp', ...args, rpm);

  it('requires libraries by their names and symbol versions, as every distribution provides them', () => {
    const rows = query('--requires').trim().split('\n');
    const sections = [PROGRAM, ...Object.values(addons)].map((file) => run('eu-readelf', '-d', file));
    const needed = [...sections.join('').matchAll(/NEEDED +Shared library: \[(.+)\]/g)];
    expect(rows).toEqual(expect.arrayContaining(needed.map(([, library]) => `${library}()(64bit)`)));
    expect(rows).toContainEqual(expect.stringMatching(/^libc\.so\.6\(GLIBC_2\.\d+\)\(64bit\)$/));
    const others = rows.filter((row) => !/^(lib[\w+-]+|ld-linux-[\w-]+)\.so\.\d+\(|^rpmlib\(|^rtld\(/.test(row));
    expect(new Set(others)).toEqual(new Set(['/bin/sh']));
  });

  it('provides its own name, and no library', () => {
    for (const row of query('--provides').trim().split('\n')) expect(row).toMatch(/^foundry-credential-helper/);
  });

  it('has a changelog that rpm reads', () => {
    const [head = '', ...items] = query('--changelog').trim().split('\n');
    expect(head).toMatch(new RegExp(`^\\* \\w{3} \\w{3} \\d\\d ${sourceDate().getUTCFullYear()} .+ - 1\\.2\\.3-1$`));
    expect(items).toEqual(changesOf(VERSION).map((change) => `- ${change}`));
  });
});

describe('both', () => {
  it('have a summary and a description that fit in a line of a terminal', () => {
    expect(run('dpkg-deb', '--field', deb, 'Description').split('\n')[0]).toBe(SYNOPSIS);
    expect(run('rpm', '-qp', '--queryformat', '%{SUMMARY}', rpm)).toBe(SYNOPSIS);
    for (const line of [SYNOPSIS, ...DESCRIPTION]) expect(line.length).toBeLessThan(80);
  });
});

describe('the changes of a version', () => {
  const changelog =
    '# Changelog\n\n## 1.2.30\n- new\n\n## 1.2.3 (2026-01-02)\n### Added\n- **Bold** [text](a.md) with\n  `code`\n';

  it('are the items of its section, as plain text', () => {
    expect(changesOf('1.2.3', changelog)).toEqual(['Bold text with code']);
  });

  it('are those of the newest section for a version without one', () => {
    expect(changesOf('9.9.9', changelog)).toEqual(['new']);
    expect(() => changesOf('9.9.9', '# Changelog\n')).toThrow('CHANGELOG.md has no "- item" about 9.9.9');
  });
});
