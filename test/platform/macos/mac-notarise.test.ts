// The two scripts that run only on a Mac, to the extent that Linux can run them: what they refuse, and in which order
// and with which arguments they call Apple's tools. The tools are stand-ins; pkgutil's really unpacks the package.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { flatPackageOptions } from '../../../installers/macos/packages.ts';
import { COMPONENT, flatPackages } from '../../../installers/macos/pkg/flat-package.ts';
import { payload } from '../../../installers/macos/pkg/payload.ts';
import { tinyMachO } from './tiny-mach-o.ts';

const NOTARISE = join(projectFolder, 'installers/macos/notarise.sh');
const VERIFY = join(projectFolder, 'installers/macos/verify-on-a-mac.sh');

/** A "program" that runs here. */
const PROGRAM = Buffer.from('#!/bin/sh\necho 1.2.3\n');
const packagesWith = (addons: Readonly<Record<string, Buffer>>) =>
  flatPackages({
    ...flatPackageOptions(tinyMachO({ processor: 'arm64' }), {}),
    version: '1.2.3',
    payload: payload(PROGRAM, {}, addons),
  });
const packages = packagesWith({});
const withAddon = packagesWith({ 'keyring.node': Buffer.from('addon') });

const names = {
  DEVELOPER_ID_APPLICATION: 'Developer ID Application: Contoso (ABCDE12345)',
  DEVELOPER_ID_INSTALLER: 'Developer ID Installer: Contoso (ABCDE12345)',
  NOTARY_PROFILE: 'contoso',
};

/** Record and succeed; the last argument is the file to make, where there is one. */
const MAKES_LAST = 'for last; do :; done; echo made >"$last"';
const UNPACK = `
mkdir "$3" && bsdtar -xf "$2" -C "$3" || exit 1
[ "$1" = --expand-full ] || exit 0
for archive in Payload Scripts; do
  at=$3/${COMPONENT}/$archive
  mv "$at" "$at.cpio" && mkdir "$at" && bsdtar -xpf "$at.cpio" -C "$at" || exit 1
done`;

const TOOLS: Readonly<Record<string, string>> = {
  codesign: ':',
  spctl: ':',
  plutil: ':',
  pkgutil: `case $1 in --expand*) ${UNPACK} ;; --payload-files) echo . ;; esac`,
  pkgbuild: MAKES_LAST,
  // The reference that verify-on-a-mac.sh makes is this project's own package here.
  productbuild: 'for last; do :; done; cp "$PACKAGE" "$last"; cp "$2" "$(dirname "$0")/Distribution"',
  xcrun: ':',
  uname: 'echo arm64',
  xar: 'bsdtar -tf "$2"',
  lsbom: 'cksum <"$3"',
  hdiutil: '[ "$1" = detach ] || for volume; do case $volume in */volume) mkdir -p "$volume" ;; esac; done',
  sudo: '"$@"',
  installer: `[ "$1" = -pkg ] || exit 0
bsdtar -xf "$2" -C "$4" Payload && bsdtar -xf "$4/Payload" -C "$4"`,
};

interface Desk {
  readonly folder: string;
  readonly bin: string;
  readonly product: string;
  readonly signed: string;
  notarise(env?: NodeJS.ProcessEnv): SpawnSyncReturns<string>;
  verify(): SpawnSyncReturns<string>;
  /** The tools that were called, with their arguments. */
  calls(): string[][];
}

/** A folder with a package, and a PATH with stand-ins for Apple's tools but for those in `without`. */
function desk(
  without: readonly string[] = [],
  replaced: Readonly<Record<string, string>> = {},
  made: typeof packages = packages,
): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'notarise-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(folder, 'calls'), '');
  for (const [name, body] of Object.entries({ ...TOOLS, ...replaced })) {
    if (without.includes(name)) continue;
    const record = `printf '%s|' '${name}' "$@" >>'${folder}/calls'; echo >>'${folder}/calls'`;
    writeFileSync(join(bin, name), `#!/bin/sh\n${record}\n${body}\n`, { mode: 0o755 });
  }
  const [product, component] = [join(folder, 'product.pkg'), join(folder, 'component.pkg')];
  writeFileSync(product, made.product);
  writeFileSync(component, made.component);
  const signed = join(folder, 'signed.pkg');
  const run = (script: string, args: readonly string[], env: NodeJS.ProcessEnv): SpawnSyncReturns<string> => {
    const all = { PATH: `${bin}:/usr/bin:/bin`, TMPDIR: folder, PACKAGE: product, ...env };
    return spawnSync('/bin/dash', [script, ...args], { env: all, encoding: 'utf8', timeout: 60_000 });
  };
  return {
    folder,
    bin,
    product,
    signed,
    notarise: (env = names) => run(NOTARISE, [product, signed], env),
    verify: () => run(VERIFY, [product, component], {}),
    calls() {
      const lines = readFileSync(join(folder, 'calls'), 'utf8').split('\n').filter(Boolean);
      return lines.map((line) => line.split('|').slice(0, -1));
    },
  };
}

describe('notarise.sh', () => {
  it.each(['codesign', 'pkgutil', 'pkgbuild', 'productbuild', 'xcrun', 'spctl'])('does nothing without %s', (tool) => {
    const { notarise, calls } = desk([tool]);
    const { status, stderr } = notarise();
    expect(status).toBe(1);
    expect(stderr).toBe(`notarise.sh: there's no ${tool} here: this runs on a Mac with Xcode's command line tools\n`);
    expect(calls()).toEqual([]);
  });

  it.each(Object.keys(names))('does nothing without %s', (variable) => {
    const { notarise, calls } = desk();
    const { status, stderr } = notarise({ ...names, [variable]: '' });
    expect(status).toBe(1);
    expect(stderr).toContain(`notarise.sh: set ${variable} to `);
    expect(calls()).toEqual([]);
  });

  it("doesn't overwrite anything or accept another package", () => {
    const { notarise, signed, product, calls } = desk();
    writeFileSync(signed, 'before');
    expect(notarise().stderr).toContain('exists already');
    expect(calls()).toEqual([]);
    rmSync(signed);
    writeFileSync(product, packages.component);
    expect(notarise().status).not.toBe(0);
    expect(existsSync(signed)).toBe(false);
  });

  it('signs the program, makes the package by Apple’s tools, has it notarized, staples it', () => {
    const { notarise, calls, bin, signed } = desk();
    const { status, stdout, stderr } = notarise();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('is signed, notarized and stapled');
    const made = calls();
    expect(made.map(([tool, first]) => `${tool} ${first}`)).toEqual([
      'pkgutil --expand-full',
      'codesign --force',
      'codesign --verify',
      'uname -m',
      'pkgbuild --root',
      'productbuild --distribution',
      'xcrun notarytool',
      'xcrun stapler',
      'spctl --assess',
    ]);
    const argument = (call: number, name: string): string | undefined =>
      made[call]?.[(made[call]?.indexOf(name) ?? 0) + 1];
    expect(argument(1, '--sign')).toBe(names.DEVELOPER_ID_APPLICATION);
    expect(argument(1, '--options')).toBe('runtime');
    expect(argument(1, '--identifier')).toBe('dev.foundry-credential-helper');
    expect(readFileSync(argument(1, '--entitlements') ?? '', 'utf8')).toContain('com.apple.security.cs.allow-jit');
    expect(argument(4, '--identifier')).toBe('dev.foundry-credential-helper.pkg');
    expect(argument(4, '--version')).toBe('1.2.3');
    expect(argument(5, '--sign')).toBe(names.DEVELOPER_ID_INSTALLER);
    expect(made[6]).toEqual(['xcrun', 'notarytool', 'submit', signed, '--keychain-profile', 'contoso', '--wait']);
    expect(readFileSync(join(bin, 'Distribution'), 'utf8')).toContain(`>${COMPONENT}</pkg-ref>`);
  });

  it('signs the native addons first, each with its own name', () => {
    const { notarise, calls } = desk([], {}, withAddon);
    expect(notarise().status).toBe(0);
    const signatures = calls().filter(([tool]) => tool === 'codesign');
    expect(signatures.map((call) => [call[1], call.at(-1)?.split('/').at(-1)])).toEqual([
      ['--force', 'keyring.node'],
      ['--verify', 'keyring.node'],
      ['--force', 'foundry-credential-helper'],
      ['--verify', 'foundry-credential-helper'],
    ]);
    expect(signatures[0]).toEqual(
      expect.arrayContaining([names.DEVELOPER_ID_APPLICATION, 'dev.foundry-credential-helper.keyring', '--timestamp']),
    );
  });

  it.each([
    ['codesign fails', { codesign: 'exit 1' }],
    ['the program no longer starts', { codesign: 'for last; do :; done; echo "exit 132" >"$last"' }],
    ['Apple refuses it', { xcrun: '[ "$1" != notarytool ]' }],
    ['there is no ticket to staple', { xcrun: '[ "$1" != stapler ]' }],
  ])('fails if %s, and leaves nothing behind', (_, replaced) => {
    const { notarise, folder } = desk([], replaced);
    const { status, stdout } = notarise();
    expect(status).not.toBe(0);
    expect(stdout).not.toContain('is signed');
    expect(spawnSync('find', [folder, '-name', 'tmp.*'], { encoding: 'utf8' }).stdout).toBe('');
  });
});

describe('verify-on-a-mac.sh', () => {
  it('is for a Mac', () => {
    const { status, stderr } = desk(['codesign']).verify();
    expect(status).toBe(1);
    expect(stderr).toBe("verify-on-a-mac.sh: there's no codesign here: this runs on a Mac\n");
  });

  it('goes through all checks', () => {
    const { verify } = desk();
    const { status, stdout, stderr } = verify();
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toContain('FAILED');
    expect(stdout.match(/^ok /gm)?.length).toBe(18);
    expect(stdout).toContain('All checks passed.');
  });

  it('checks the signature of each native addon', () => {
    const codesign = 'for last; do :; done; case $last in *keyring.node) exit 3 ;; esac';
    const { stdout } = desk([], { codesign }, withAddon).verify();
    expect(stdout.match(/^FAILED.*/gm)).toEqual(['FAILED  the signature of keyring.node is valid']);
  });

  it.each([
    ['the signature is not valid', { codesign: 'exit 3' }, 'the signature of the program is valid'],
    ['the bills of materials differ', { lsbom: 'echo "$3"' }, 'the bills of materials agree'],
    ['nothing can be listed', { lsbom: ':' }, 'the bills of materials agree'],
    ['it does not install', { installer: '[ "$1" != -pkg ]' }, 'installer'],
  ])('fails if %s', (_, replaced, name) => {
    const { verify } = desk([], replaced);
    const { status, stdout } = verify();
    expect(status).toBe(1);
    expect(stdout).toContain(`FAILED  ${name}\n`);
  });
});
