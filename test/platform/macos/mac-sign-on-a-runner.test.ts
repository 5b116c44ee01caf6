// installers/macos/sign-on-a-runner.sh, with stand-ins for Apple's tools and for notarise.sh.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectFolder } from '../../../scripts/project-folder.ts';

const SCRIPT = 'sign-on-a-runner.sh';
const SECRETS = {
  APPLICATION_CERTIFICATE: Buffer.from('application').toString('base64'),
  INSTALLER_CERTIFICATE: Buffer.from('installer').toString('base64'),
  CERTIFICATE_PASSWORD: 'pass word',
  NOTARY_KEY: '-----BEGIN PRIVATE KEY-----',
  NOTARY_KEY_ID: 'ABC',
  NOTARY_ISSUER: 'issuer',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-'));
  mkdirSync(join(folder, 'bin'));
  copyFileSync(join(projectFolder, 'installers/macos', SCRIPT), join(folder, SCRIPT));
  const calls = `echo "\${0##*/} $*" >>'${folder}/calls'`;
  const identities = `
  1) 0123 "Developer ID Application: Contoso (ABCDE12345)"
  2) 4567 "Developer ID Installer: Contoso (ABCDE12345)"
     2 valid identities found`;
  program('bin/security', `${calls}\n[ "$1" = find-identity ] && cat <<'END'\n${identities}\nEND\n:`);
  program('bin/xcrun', calls);
  program(
    'notarise.sh',
    `env | grep -E '^(DEVELOPER|NOTARY|CERT|APPL|INST)' | sort >>'${folder}/calls'; echo "signed $(cat "$1")" >"$2"`,
  );
  for (const name of ['one.pkg', 'two.pkg']) writeFileSync(join(folder, name), name);
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, body: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

function sign(secrets: NodeJS.ProcessEnv, shell = '/bin/dash'): SpawnSyncReturns<string> {
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, TMPDIR: folder, ...secrets };
  return spawnSync(shell, [SCRIPT, 'one.pkg', 'two.pkg'], { cwd: folder, env, encoding: 'utf8', timeout: 60_000 });
}

const content = (name: string): string => readFileSync(join(folder, name), 'utf8').trim();

it.each(['/bin/dash', '/bin/bash'])('replaces each package with a signed one (%s), and keeps no secret', (shell) => {
  expect(sign(SECRETS, shell)).toMatchObject({ status: 0, stderr: '' });
  expect([content('one.pkg'), content('two.pkg')]).toEqual(['signed one.pkg', 'signed two.pkg']);
  const calls = content('calls');
  expect(calls).toContain('DEVELOPER_ID_APPLICATION=Developer ID Application: Contoso (ABCDE12345)\n');
  expect(calls).toContain('DEVELOPER_ID_INSTALLER=Developer ID Installer: Contoso (ABCDE12345)\n');
  expect(calls).toMatch(
    /^xcrun notarytool store-credentials ci --keychain \S+ --key \S+ --key-id ABC --issuer issuer$/m,
  );
  expect(calls).toMatch(/^NOTARY_KEYCHAIN=\S+\/signing\.keychain-db$/m);
  expect(calls).not.toMatch(/^(APPLICATION_CERTIFICATE|INSTALLER_CERTIFICATE|CERTIFICATE_PASSWORD|NOTARY_KEY)=/m);
  expect(calls.trim().split('\n').at(-1)).toMatch(/^security delete-keychain /);
  expect(readdirSync(folder).toSorted()).toEqual(['bin', 'calls', 'notarise.sh', 'one.pkg', SCRIPT, 'two.pkg']);
});

it('leaves the packages unchanged without a certificate, and says so', () => {
  const { status, stdout } = sign({ NOTARY_KEY: '' });
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: `${SCRIPT}: there's no certificate, so the packages stay unsigned\n`,
  });
  expect(content('one.pkg')).toBe('one.pkg');
});

it.each(Object.keys(SECRETS).slice(1))('names %s if only that is missing', (name) => {
  expect(sign({ ...SECRETS, [name]: '' })).toMatchObject({ status: 1, stderr: `${SCRIPT}: set ${name}\n` });
  expect(content('one.pkg')).toBe('one.pkg');
});

it('fails and removes its keychain if one package is refused', () => {
  program('notarise.sh', '[ "$1" = one.pkg ] && echo signed >"$2"');
  expect(sign(SECRETS).status).not.toBe(0);
  expect([content('one.pkg'), content('two.pkg')]).toEqual(['signed', 'two.pkg']);
  expect(content('calls')).toMatch(/security delete-keychain \S+$/);
});
