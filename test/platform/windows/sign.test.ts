// Authenticode with a certificate made here: what osslsigncode itself verifies, and that signed files still work.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { productVersion } from '../../../installers/build/bundle.ts';
import { makeInstaller } from '../../../installers/windows/msi.ts';
import { signFile } from '../../../installers/windows/sign.ts';
import { readSignerOptions } from '../../../installers/windows/signer-options.ts';
import { isSameCode } from '../../../src/platform/code-signature.ts';
import { createWinePrefix, windowsPath } from '../../support/harness/wine.ts';
import { binaries, DOCUMENTS, fileVersion, PROGRAM, tableOf, WINDOWLESS } from './installer-support.ts';
import { makeSigner } from './signer-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'sign-test-'));
const path = (name: string): string => join(folder, name);
const { signer, passwordFile, isTrusted } = makeSigner(folder);

afterAll(() => rmSync(folder, { recursive: true }));

function programCopy(name: string): string {
  copyFileSync(join(binaries, PROGRAM), path(name));
  return path(name);
}

/** An installer small enough to be made often. */
function smallInstaller(name: string): string {
  const small = path(`binaries-${name}`);
  mkdirSync(small);
  for (const file of [PROGRAM, WINDOWLESS]) writeFileSync(join(small, file), file);
  for (const document of DOCUMENTS) writeFileSync(join(small, document), document);
  makeInstaller({ arch: 'x64', version: '1.2.3', binaries: small, output: path(name) });
  return path(name);
}

describe('a signed program', () => {
  it('is trusted with its authority alone, keeps its version, and runs', async () => {
    const file = programCopy('signed.exe');
    expect(isTrusted(file)).toBe(false);
    signFile(file, signer);
    expect(isTrusted(file)).toBe(true);
    expect(isTrusted(file, 'other')).toBe(false);
    expect(fileVersion(readFileSync(file))).toBe(`${productVersion()}.0`);
    const prefix = await createWinePrefix();
    try {
      const { exitCode, stdout } = await prefix.run(windowsPath(file), ['version']);
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining(productVersion()) });
    } finally {
      await prefix.stop();
    }
  });

  it('is refused when one byte of it changes', () => {
    const file = programCopy('tampered.exe');
    signFile(file, signer);
    const bytes = readFileSync(file);
    const place = bytes.length >>> 1;
    bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
    writeFileSync(file, bytes);
    expect(isTrusted(file)).toBe(false);
  });

  it('has one signature after a second signing, and the same bytes at the same time', () => {
    const [once, twice] = [programCopy('once.exe'), programCopy('twice.exe')];
    const time = new Date();
    signFile(once, { ...signer, time });
    signFile(twice, signer);
    signFile(twice, { ...signer, time });
    expect(readFileSync(twice).equals(readFileSync(once))).toBe(true);
  });
});

describe('a signed addon', () => {
  it('is trusted, and still the one that the program was built with', () => {
    const name = 'dpapi.node';
    copyFileSync(join(binaries, name), path(name));
    signFile(path(name), signer);
    expect(isTrusted(path(name))).toBe(true);
    const [built, signed] = [readFileSync(join(binaries, name)), readFileSync(path(name))];
    expect(signed.equals(built)).toBe(false);
    expect(isSameCode(signed, built, 'win32')).toBe(true);
    for (const place of [0x200, built.length >>> 1, built.length - 1]) {
      const changed = Buffer.from(signed);
      changed.writeUInt8(changed.readUInt8(place) ^ 1, place);
      expect(isSameCode(changed, built, 'win32')).toBe(false);
    }
  });
});

describe('a signed installer', () => {
  it('is trusted, and refused when a property changes', () => {
    const file = smallInstaller('signed.msi');
    signFile(file, signer);
    expect(isTrusted(file)).toBe(true);
    const bytes = readFileSync(file);
    bytes.write('C', bytes.indexOf('contributors'));
    writeFileSync(file, bytes);
    expect(tableOf(file, 'Property')).toContainEqual(['Manufacturer', 'foundry-credential-helper Contributors']);
    expect(isTrusted(file)).toBe(false);
  });
});

describe('signing that fails', () => {
  it("leaves the file unchanged, and doesn't reveal the password", () => {
    const file = programCopy('failed.exe');
    const before = readFileSync(file);
    const wrong = 'a wrong password';
    const sign = () => signFile(file, { ...signer, password: wrong });
    expect(sign).toThrow(/^osslsigncode exited with/);
    expect(sign).not.toThrow(wrong);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith('.signed'))).toEqual([]);
  });
});

describe('the command line', () => {
  const pkcs12 = { kind: 'pkcs12', file: 'c.p12' };

  it('takes the password from a file, without its line end', () => {
    const args = ['--certificate', 'c.p12', '--password-file', passwordFile];
    expect(readSignerOptions(args, {})).toEqual({ key: pkcs12, password: signer.password });
  });

  it('takes the password from a variable, which no tool inherits', () => {
    const env = { SECRET: 'x', PATH: '/bin' };
    const args = ['--certificate', 'c.p12', '--password-variable', 'SECRET', '--timestamp', 'http://ts.test'];
    expect(readSignerOptions(args, env)).toEqual({ key: pkcs12, password: 'x', timestampUrl: 'http://ts.test' });
    expect(env).toEqual({ PATH: '/bin' });
  });

  it('knows keys in tokens', () => {
    const args = ['--certificate', 'c.pem', '--key', 'pkcs11:object=k', '--pkcs11-module', 'm.so'];
    expect(readSignerOptions(args, {}).key).toEqual({
      kind: 'pkcs11',
      module: 'm.so',
      key: 'pkcs11:object=k',
      certificates: 'c.pem',
    });
  });

  it.each([
    ['no certificate', [], '--certificate is missing'],
    ['a key without a driver', ['--certificate', 'c', '--key', 'k'], '--key and --pkcs11-module go together'],
    ['an absent variable', ['--certificate', 'c', '--password-variable', 'NONE'], 'the environment has no NONE'],
    ['two passwords', ['--certificate', 'c', '--password-file', 'f', '--password-variable', 'V'], 'not both'],
    ['a password in the arguments', ['--certificate', 'c', '--password', 'x'], "Unknown option '--password'"],
  ])('refuses %s', (_, args, message) => {
    expect(() => readSignerOptions(args, {})).toThrow(message);
  });
});
