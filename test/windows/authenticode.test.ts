// With a certificate made here: what a real one would do for SmartScreen is for Windows to say.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NtExecutable, NtExecutableResource, Resource } from 'resedit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFolder } from '../../scripts/bundle.ts';
import { targets } from '../../scripts/targets.ts';
import { signatureFault, signFile } from '../../scripts/windows/authenticode.ts';
import { writeMsi } from '../../scripts/windows/msi.ts';
import { createWinePrefix, windowsPath } from '../harness/wine.ts';
import { binaries } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'sign-'));
const file = (name: string): string => join(folder, name);
const certificate = file('certificate.pem');
const program = file('foundry-credential-helper.exe');
// The time of signing is in the signature: the same one gives the same bytes.
const options = ['-pkcs12', file('key.p12'), '-readpass', file('password'), '-time', '1700000000'];

beforeAll(() => {
  const subject = ['-subj', '/CN=Contoso Test Publisher', '-addext', 'extendedKeyUsage=codeSigning', '-days', '2'];
  const newKey = ['-newkey', 'rsa:2048', '-nodes', '-keyout', file('key.pem'), '-out', certificate];
  execFileSync('openssl', ['req', '-x509', ...newKey, ...subject], { stdio: 'ignore' });
  writeFileSync(file('password'), 'correct horse', { mode: 0o600 });
  const bundle = ['-inkey', file('key.pem'), '-in', certificate, '-out', file('key.p12')];
  execFileSync('openssl', ['pkcs12', '-export', ...bundle, '-passout', `file:${file('password')}`]);
  copyFileSync(join(binaries, 'foundry-credential-helper.exe'), program);
  signFile(program, options);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What somebody who trusts the publisher finds. */
const verify = (path: string) => spawnSync('osslsigncode', ['verify', '-CAfile', certificate, '-in', path]).status;

describe('a signed program', () => {
  it('is what the publisher signed, and is not once a byte has changed', () => {
    expect(verify(program)).toBe(0);
    expect(signatureFault(program)).toBeUndefined();
    const changed = file('changed.exe');
    copyFileSync(program, changed);
    writeSync(openSync(changed, 'r+'), 'X', 50_000_000);
    expect(signatureFault(changed)).toBe('the signature does not fit the file');
    expect(verify(changed)).not.toBe(0);
    expect(signatureFault(join(binaries, 'foundry-credential-helper.exe'))).toBe('it has no signature');
  });

  it('keeps its version and starts', async () => {
    const resources = NtExecutableResource.from(NtExecutable.from(readFileSync(program), { ignoreCert: true }));
    const [info] = Resource.VersionInfo.fromEntries(resources.entries);
    const [language] = info?.getAllLanguagesForStringValues() ?? [];
    if (language === undefined) throw new Error('no version');
    expect(info?.getStringValues(language)).toMatchObject({ ProductName: 'Foundry Credential Helper' });
    const prefix = await createWinePrefix();
    try {
      expect(await prefix.run(windowsPath(program), ['version'])).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('win32-x64'),
      });
    } finally {
      await prefix.stop();
    }
  });

  it('is never signed with a password that others could read', () => {
    expect(() => signFile(program, ['-pkcs12', file('key.p12'), '-pass', 'x'])).toThrow('-readpass FILE');
    expect(verify(program)).toBe(0);
  });
});

it('a signed installer is what the publisher signed, and is not once it has changed', () => {
  const target = targets.find(({ name }) => name === 'windows-x64');
  if (target === undefined) throw new Error('scripts/targets.ts has no windows-x64');
  const msi = writeMsi({ target, version: '0.1.0', output: file('signed.msi') });
  expect(signatureFault(msi)).toBe('it has no signature');
  signFile(msi, options);
  expect(verify(msi)).toBe(0);
  const query = "UPDATE `Property` SET `Value`='Fabrikam' WHERE `Property`='Manufacturer'";
  execFileSync('msibuild', [msi, '-q', query]);
  expect(verify(msi)).not.toBe(0);
});

describe('scripts/windows/sign.ts', () => {
  const runIn = (cwd: string, ...args: string[]) => {
    const command = ['--disable-warning=ExperimentalWarning', 'scripts/windows/sign.ts', ...args];
    return spawnSync(process.execPath, command, { cwd, encoding: 'utf8' });
  };
  const run = (...args: string[]) => runIn(projectFolder, ...args);

  it.each([[[]], [['windows-x64']], [['linux-x64', '--', '-pkcs12', 'x']], [['--', '-pkcs12', 'x']]])(
    'says how it is used: %j',
    (args) => {
      expect(run(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining('usage: sign.ts') });
    },
  );

  it.runIf(process.env['LONG'] === '1')(
    'signs both programs, then the installer that holds them, and brings the checksums up to date',
    () => {
      const copy = projectCopy();
      expect(runIn(copy, 'windows-x64', '--', ...options)).toMatchObject({ status: 0 });
      const dist = join(copy, 'dist');
      execFileSync('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: dist });
      const [msi = ''] = readFileSync(join(dist, 'SHA256SUMS'), 'utf8').match(/\S+-x64\.msi/) ?? [];
      const signed = ['foundry-credential-helper.exe', 'foundry-credential-helperw.exe'].map((name) =>
        join(dist, 'windows-x64', name),
      );
      for (const path of [...signed, join(dist, msi)]) expect(verify(path), path).toBe(0);
      const unpacked = file('unpacked');
      execFileSync('msiextract', ['--directory', unpacked, join(dist, msi)], { stdio: 'ignore' });
      const inside = execFileSync('find', [unpacked, '-name', '*w.exe'], { encoding: 'utf8' }).trim();
      expect(verify(inside)).toBe(0);
    },
  );
});

/** As `npm run package` leaves the project, in a place of its own: other tests use the binaries. */
function projectCopy(): string {
  const copy = file('project');
  for (const part of ['package.json', 'scripts', 'src', 'installers', 'dist/windows-x64'])
    cpSync(join(projectFolder, part), join(copy, part), { recursive: true });
  symlinkSync(join(projectFolder, 'node_modules'), join(copy, 'node_modules'));
  const git = ['-C', copy, '-c', 'user.name=x', '-c', 'user.email=x@example.com'];
  execFileSync('git', ['-C', copy, 'init', '-q']);
  execFileSync('git', [...git, 'commit', '-q', '--allow-empty', '-m', 'x']);
  const names = ['windows-x64/foundry-credential-helper.exe', 'foundry-credential-helper-0.1.0-x64.msi'];
  writeFileSync(join(copy, 'dist/SHA256SUMS'), names.map((name) => `${'0'.repeat(64)}  ${name}\n`).join(''));
  return copy;
}
