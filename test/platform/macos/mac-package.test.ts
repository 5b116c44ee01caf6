// The packages for macOS, read back by independent programs and parsers: 7z, bsdtar (libarchive), cksum, xmllint,
// Python's plistlib. The bill of materials, which nothing on Linux reads, by the tests' own strict reader.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { flatPackageOptions } from '../../../installers/macos/packages.ts';
import { billOfMaterials } from '../../../installers/macos/pkg/bom.ts';
import { cksum } from '../../../installers/macos/pkg/cksum.ts';
import { cpioArchive } from '../../../installers/macos/pkg/cpio.ts';
import type { Entry } from '../../../installers/macos/pkg/entry.ts';
import { COMPONENT, flatPackages } from '../../../installers/macos/pkg/flat-package.ts';
import { signAdHoc } from '../../../installers/macos/sign.ts';
import { readBom } from './bom-reader.ts';
import { tinyMachO } from './tiny-mach-o.ts';

const folder = mkdtempSync(join(tmpdir(), 'mac-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

const program = signAdHoc(tinyMachO({ processor: 'arm64' }), 'test');
const documents = { LICENSE: Buffer.from('ours'), 'THIRD-PARTY-LICENSES.txt': Buffer.from('theirs') };
const addons = { 'keyring.node': signAdHoc(tinyMachO({ processor: 'arm64' }), 'addon') };
const options = { ...flatPackageOptions(program, documents, addons), version: '1.2.3' };
const { component, product } = flatPackages(options);
const productFile = write('product.pkg', product);
const componentFile = write('component.pkg', component);
const unpacked = unpack(productFile, 'unpacked');
const inComponent = (name: string): string => join(unpacked, COMPONENT, name);

function write(name: string, bytes: Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function unpack(archive: string, name: string): string {
  const target = join(folder, name);
  mkdirSync(target);
  execFileSync('bsdtar', ['-xf', archive, '-C', target]);
  return target;
}

/** What a cpio archive has, by libarchive: type, mode, owner, group, and of a file size and checksum. */
function archiveEntries(path: string): Record<string, Record<string, string>> {
  const keywords = ['!all', 'type', 'mode', 'uid', 'gid', 'size', 'cksum'].map((word) => `mtree:${word}`).join(',');
  const list = execFileSync('bsdtar', ['-cf', '-', '--format=mtree', `--options=${keywords}`, `@${path}`], {
    encoding: 'utf8',
  });
  const rows = list.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    rows.map((row) => {
      const [name = '', ...fields] = row.split(' ');
      return [name.replaceAll('\\040', ' '), Object.fromEntries(fields.map((field) => field.split('=')))];
    }),
  );
}

function xpath(path: string, expression: string): string {
  return execFileSync('xmllint', ['--xpath', `string(${expression})`, path], { encoding: 'utf8' }).trim();
}

describe('the archive', () => {
  it('is whole, as 7z and libarchive find', () => {
    execFileSync('7z', ['t', productFile]);
    for (const path of [productFile, componentFile]) execFileSync('bsdtar', ['-tf', path], { encoding: 'utf8' });
    const members = ['Bom', 'Payload', 'Scripts', 'PackageInfo'];
    const list = (path: string): string[] =>
      execFileSync('bsdtar', ['-tf', path], { encoding: 'utf8' }).trim().split('\n');
    expect(list(componentFile)).toEqual(members);
    expect(list(productFile)).toEqual([COMPONENT, ...members.map((name) => `${COMPONENT}/${name}`), 'Distribution']);
  });

  it('has the same component in both forms', () => {
    const alone = unpack(componentFile, 'component');
    for (const name of ['Bom', 'Payload', 'Scripts', 'PackageInfo']) {
      expect(readFileSync(join(alone, name)).equals(readFileSync(inComponent(name))), name).toBe(true);
    }
  });

  it("isn't whole once a byte of a member has changed", () => {
    const damaged = Buffer.from(product);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 40) ^ 1, damaged.length - 40);
    const path = write('damaged.pkg', damaged);
    expect(spawnSync('bsdtar', ['-xOf', path], { encoding: 'utf8' }).stderr).toContain('error');
  });

  it('begins its heap with the checksum of its table of contents', () => {
    const size = Number(product.readBigUInt64BE(8));
    const contents = product.subarray(28, 28 + size);
    expect(product.subarray(28 + size, 48 + size)).toEqual(createHash('sha1').update(contents).digest());
  });

  it('has the same bytes for the same files', () => {
    const again = flatPackages({ ...flatPackageOptions(Buffer.from(program), documents, addons), version: '1.2.3' });
    expect(again.product.equals(product) && again.component.equals(component)).toBe(true);
  });
});

describe('the payload', () => {
  it('is where profiles, device management and launchd look for it', () => {
    const entries = archiveEntries(inComponent('Payload'));
    const of = (mode: string, group = '0'): Record<string, string> => ({ mode, uid: '0', gid: group });
    const support = './Library/Application Support/foundry-credential-helper';
    expect(Object.keys(entries).length).toBe(options.payload.length);
    expect(entries).toMatchObject({
      '.': { type: 'dir', ...of('755') },
      './private/etc/paths.d/foundry-credential-helper': { type: 'file', ...of('644') },
      [`${support}/bin/foundry-credential-helper`]: { type: 'file', ...of('755'), size: String(program.length) },
      [`${support}/bin/keyring.node`]: { type: 'file', ...of('644') },
      [`${support}/share/man/man1/foundry-credential-helper.1`]: { type: 'file', ...of('644') },
      [`${support}/share/zsh/site-functions/_foundry-credential-helper`]: { type: 'file', ...of('644') },
      './Library/LaunchAgents/dev.foundry-credential-helper.agent.plist': { type: 'file', ...of('644') },
      './Library/Application Support': { type: 'dir', ...of('755', '80') },
      [support]: { type: 'dir', ...of('755') },
      [`${support}/uninstall.sh`]: { type: 'file', ...of('755') },
      [`${support}/LICENSE`]: { type: 'file', ...of('644') },
      [`${support}/THIRD-PARTY-LICENSES.txt`]: { type: 'file', ...of('644') },
    });
  });

  it('is listed by the bill of materials, as libarchive sees it', () => {
    const listed = readBom(readFileSync(inComponent('Bom')));
    const expected = Object.entries(archiveEntries(inComponent('Payload'))).map(([path, entry]) => ({
      path,
      mode: `${entry['type'] === 'dir' ? '40' : '100'}${entry['mode']}`,
      owner: Number(entry['uid']),
      group: Number(entry['gid']),
      ...(entry['type'] === 'dir' ? {} : { size: Number(entry['size']), checksum: Number(entry['cksum']) }),
    }));
    const byPath = (one: { path: string }, other: { path: string }): number => (one.path < other.path ? -1 : 1);
    expect(listed.toSorted(byPath)).toEqual(expected.toSorted(byPath));
  });

  it('has its scripts, to be run by root', () => {
    expect(archiveEntries(inComponent('Scripts'))).toEqual({
      '.': { type: 'dir', mode: '755', uid: '0', gid: '0' },
      './preinstall': expect.objectContaining({ type: 'file', mode: '755', uid: '0' }),
      './postinstall': expect.objectContaining({ type: 'file', mode: '755', uid: '0' }),
    });
  });
});

describe('what the package says on its own', () => {
  it('in PackageInfo', () => {
    const file = inComponent('PackageInfo');
    const root = '/pkg-info/@';
    const attributes = ['identifier', 'version', 'install-location', 'auth', 'overwrite-permissions', 'relocatable'];
    expect(attributes.map((name) => xpath(file, root + name))).toEqual([
      ...['dev.foundry-credential-helper.pkg', '1.2.3', '/', 'root', 'false', 'false'],
    ]);
    expect(xpath(file, '/pkg-info/payload/@numberOfFiles')).toBe(String(options.payload.length));
    const bytes = options.payload.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
    expect(Number(xpath(file, '/pkg-info/payload/@installKBytes'))).toBe(Math.ceil(bytes / 1024));
    expect(xpath(file, '/pkg-info/scripts/preinstall/@file')).toBe('./preinstall');
    expect(xpath(file, '/pkg-info/scripts/postinstall/@file')).toBe('./postinstall');
  });

  it('in Distribution: the component, its processor and its oldest macOS, without choices', () => {
    const file = join(unpacked, 'Distribution');
    const root = '/installer-gui-script';
    expect(xpath(file, `${root}/options/@hostArchitectures`)).toBe('arm64');
    expect(xpath(file, `${root}/options/@customize`)).toBe('never');
    expect(xpath(file, `${root}/volume-check/allowed-os-versions/os-version/@min`)).toBe('13.5');
    const reference = `${root}/pkg-ref[@version="1.2.3"]`;
    expect(xpath(file, reference)).toBe(`#${COMPONENT}`);
    const chosen = xpath(file, `${root}/choices-outline/line/line/@choice`);
    expect(xpath(file, `${root}/choice[@id="${chosen}"]/pkg-ref/@id`)).toBe(xpath(file, `${reference}/@id`));
    expect(xpath(file, `${root}/product/@id`)).toBe(xpath(inComponent('PackageInfo'), '/pkg-info/@identifier'));
    const intel = flatPackageOptions(tinyMachO({ processor: 'x64' }), documents);
    expect(intel.architecture).toBe('x86_64');
  });
});

const tree = (...paths: string[]): Entry[] =>
  ['', ...paths].map((path) => ({
    path,
    mode: 0o755,
    group: 0,
    ...(path.includes('.') ? { content: Buffer.from(path) } : {}),
  }));

describe('a bill of materials', () => {
  it('is in the order of folders and names, whatever the order of the files', () => {
    const entries = tree('b', 'b/z.txt', 'a', 'a/ä.txt', 'a/c', 'a/c/x.txt', 'a/Z.txt', 'a.txt');
    expect(readBom(billOfMaterials(entries)).map(({ path }) => path)).toEqual([
      ...['.', './a', './a.txt', './b', './a/Z.txt', './a/c', './a/ä.txt', './b/z.txt', './a/c/x.txt'],
    ]);
  });

  it('needs every folder, once, and at most as many paths as it has room for', () => {
    expect(() => billOfMaterials(tree('a/x.txt'))).toThrow('every folder');
    expect(() => billOfMaterials([...tree('a'), ...tree('a')])).toThrow('every folder');
    expect(() => billOfMaterials([])).toThrow('root folder');
    const many = tree(...Array.from({ length: 256 }, (_, index) => `${index}.txt`));
    expect(() => billOfMaterials(many)).toThrow('256 paths');
    expect(readBom(billOfMaterials(many.slice(0, 256))).length).toBe(256);
  });

  it('is refused by the strict reader once a byte has changed, except in owners, times, sums and names', () => {
    const whole = billOfMaterials(tree('a', 'a/x.txt'));
    const read = (bytes: Buffer): string => {
      try {
        return JSON.stringify(readBom(bytes));
      } catch {
        return 'refused';
      }
    };
    const expected = read(whole);
    const unnoticed = Array.from({ length: whole.length }, (_, at) => at).filter((at) => {
      const copy = Buffer.from(whole);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return read(copy) === expected;
    });
    // Three paths' times, four bytes each.
    expect(unnoticed.length).toBe(12);
  });
});

describe('a checksum', () => {
  it.each([0, 1, 255, 256, 65_536, 1_000_003])('of %i bytes is that of cksum(1)', (length) => {
    const content = Buffer.from(Array.from({ length }, (_, index) => (index * 7919) & 0xff));
    const [expected] = execFileSync('/usr/bin/cksum', { input: content, encoding: 'utf8' }).split(' ');
    expect(cksum(content)).toBe(Number(expected));
  });
});

describe('a cpio archive', () => {
  it("says so if a file doesn't fit", () => {
    const entry = { path: 'x', mode: 0o644, group: 0o1000000, content: Buffer.alloc(0) };
    expect(() => cpioArchive([entry])).toThrow("doesn't fit");
  });

  it('has whole blocks, as cpio(1) writes', () => {
    expect(cpioArchive(tree('a', 'a/x.txt')).length % 512).toBe(0);
  });
});
