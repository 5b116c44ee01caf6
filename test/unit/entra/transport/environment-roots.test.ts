// Node's default roots exist once in a process, so each case has its own process.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCertificateAuthority } from '../../../support/servers/certificate-authority.ts';

const MODULE = new URL('../../../../src/entra/transport/environment-roots.ts', import.meta.url).href;
let folder: string;
let file: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'roots-'));
  const ca = await createCertificateAuthority();
  file = join(folder, 'extra.pem');
  writeFileSync(file, ca.pem);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * What a process prints that runs `steps`, where `roots` is the object and `trusts()` says if the file's root counts.
 */
function inProcess(env: Readonly<Record<string, string>>, steps: string): unknown {
  const script = `
    import { readFileSync } from 'node:fs';
    import { getCACertificates } from 'node:tls';
    import { EnvironmentRoots } from ${JSON.stringify(MODULE)};
    const roots = new EnvironmentRoots();
    const root = readFileSync(${JSON.stringify(file)}, 'utf8').trim();
    const trusts = () => getCACertificates('default').some((one) => one.trim() === root);
    const said = [];
    const say = (value) => said.push(value);
    ${steps}
    console.log(JSON.stringify(said));`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
  return JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8' }));
}

it('removes the roots of NODE_EXTRA_CA_CERTS, and restores them', () => {
  const steps = 'say(trusts()); roots.use(false); say(trusts()); roots.use(false); roots.use(true); say(trusts());';
  expect(inProcess({ NODE_EXTRA_CA_CERTS: file }, steps)).toEqual([true, false, true]);
});

it('removes the variables that replace the system store, before anything has read it', () => {
  const steps = 'roots.use(false); say(process.env.SSL_CERT_FILE ?? null); say(roots.isInSystemStore);';
  expect(inProcess({ SSL_CERT_FILE: file }, steps)).toEqual([null, false]);
});

it.each([
  ['a connection may have read it', {}, 'roots.use(true);'],
  ['Node has read it at its start', { NODE_USE_SYSTEM_CA: '1' }, ''],
])("says that the system store isn't the system’s if %s", (_, env, before) => {
  const steps = `${before} roots.use(false); say(roots.isInSystemStore); roots.use(true); say(roots.isInSystemStore);
    roots.use(false); say(roots.isInSystemStore);`;
  expect(inProcess({ ...env, SSL_CERT_FILE: file }, steps)).toEqual([true, false, true]);
});

it('leaves the system store alone if no variable replaces it', () => {
  const steps = 'roots.use(true); roots.use(false); say(roots.isInSystemStore);';
  expect(inProcess({ NODE_USE_SYSTEM_CA: '1' }, steps)).toEqual([false]);
});
