// The provenance as other programs read it: by the rules of SLSA, and with openssl for the signature.
import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { blobMakers } from '../../../installers/build/runtimes.ts';
import { hostTarget, targets } from '../../../installers/build/targets.ts';
import { contentsOf } from '../../../installers/release/contents.ts';
import { provenance } from '../../../installers/release/provenance.ts';
import { signedStatement } from '../../../installers/release/signed-statement.ts';

const COMMIT = 'c0ffee'.padEnd(40, '0');
const HASH = 'ab'.repeat(32);
const contents = contentsOf(hostTarget(), [], join(projectFolder, 'node_modules'));
const runtimes = [...targets.map(({ runtime }) => runtime), ...Object.values(blobMakers)];

const make = () =>
  provenance({
    commit: COMMIT,
    targets: ['linux-x64'],
    withWindowsBroker: false,
    date: new Date('2026-01-02T03:04:05Z'),
    files: new Map([['linux-x64/program', HASH]]),
    contents,
    runtimes,
    lockFiles: new Map([['package-lock.json', HASH]]),
  });

interface Statement {
  predicate: {
    buildDefinition: {
      buildType: string;
      externalParameters: Record<string, unknown>;
      resolvedDependencies: { name?: string; uri?: string; digest: Record<string, string> }[];
    };
    runDetails: { builder: { id: string } };
  };
}
const parsed = (): Statement => JSON.parse(make()) as Statement;

const schema = JSON.parse(
  readFileSync(join(projectFolder, 'test/fixtures/slsa-provenance-v1.schema.json'), 'utf8'),
) as object;
const ajv = new Ajv({ allErrors: true });
addFormats.default(ajv);
const isProvenance = ajv.compile(schema);

describe('the provenance', () => {
  it('follows the rules of in-toto and SLSA', () => {
    isProvenance(parsed());
    expect(isProvenance.errors).toBeNull();
  });

  it.each<[string, (statement: Statement) => void]>([
    [
      'a builder that is no URI',
      ({ predicate }) => Object.assign(predicate.runDetails.builder, { id: 'npm run package' }),
    ],
    ['no parameters', ({ predicate }) => Object.assign(predicate.buildDefinition, { externalParameters: undefined })],
    [
      'a resource that is only a name',
      ({ predicate }) => predicate.buildDefinition.resolvedDependencies.push({ name: 'x' } as never),
    ],
  ])("wouldn't follow them with %s", (_, spoil) => {
    const statement = parsed();
    spoil(statement);
    expect(isProvenance(JSON.parse(JSON.stringify(statement)))).toBe(false);
  });

  it('has no time or place of the build in it', () => {
    expect(make()).toBe(make());
    expect(make()).not.toContain(projectFolder);
    expect(parsed().predicate.runDetails).not.toHaveProperty('metadata');
  });

  it('names the commit, the lock files, every Node with its executable, and every package inside', () => {
    const { resolvedDependencies } = parsed().predicate.buildDefinition;
    const [source, lock, ...others] = resolvedDependencies;
    expect(source).toMatchObject({ uri: expect.stringMatching(/^git\+https:/), digest: { gitCommit: COMMIT } });
    expect(lock).toEqual({ name: 'package-lock.json', digest: { sha256: HASH } });
    const executables = others.filter(({ digest }) => digest['sha256'] !== undefined);
    expect(executables).toHaveLength(runtimes.length);
    for (const { package: name, version, file, sha256 } of runtimes) {
      expect(executables).toContainEqual({
        name: `Node ${version}`,
        uri: `pkg:npm/${name}@${version}#${file}`,
        digest: { sha256 },
      });
    }
    expect(others.filter(({ digest }) => digest['sha512'] !== undefined)).toHaveLength(contents.length);
  });

  it('has parameters and a builder that docs/maintainers/build-type.md describes', () => {
    const { buildDefinition, runDetails } = parsed().predicate;
    const page = readFileSync(join(projectFolder, 'docs/maintainers/build-type.md'), 'utf8');
    expect(buildDefinition.buildType).toMatch(/\/docs\/build-type\.md$/);
    expect(runDetails.builder.id).toBe(`${buildDefinition.buildType}#builder`);
    expect(page).toContain('\n## Builder\n');
    for (const name of Object.keys(buildDefinition.externalParameters)) expect(page).toContain(`| \`${name}\` |`);
  });
});

describe('the signed provenance', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'provenance-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe', encoding: 'utf8' });

  /** As docs/maintainers/build-type.md tells people without cosign to do it. */
  function verify(envelope: string, digest: readonly string[]): { status: number | null; payload: string } {
    const { payload, payloadType, signatures } = JSON.parse(envelope) as {
      payload: string;
      payloadType: string;
      signatures: { sig: string }[];
    };
    const bytes = Buffer.from(payload, 'base64');
    writeFileSync(join(folder, 'signed'), `DSSEv1 ${payloadType.length} ${payloadType} ${bytes.length} ${bytes}`);
    writeFileSync(join(folder, 'signature'), Buffer.from(signatures[0]?.sig ?? '', 'base64'));
    const key = ['-pubin', '-inkey', 'public.pem', '-sigfile', 'signature', '-rawin', '-in', 'signed'];
    return {
      status: spawnSync('openssl', ['pkeyutl', '-verify', ...key, ...digest], { cwd: folder }).status,
      payload: `${bytes}`,
    };
  }

  it.each([
    ['P-256', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], ['-digest', 'sha256']],
    ['P-384', ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'], ['-digest', 'sha384']],
    ['Ed25519', ['-algorithm', 'ED25519'], []],
  ])('is a DSSE envelope that openssl verifies with a key on %s', (_, algorithm, digest) => {
    openssl('genpkey', ...algorithm, '-out', 'private.pem');
    openssl('pkey', '-in', 'private.pem', '-pubout', '-out', 'public.pem');
    const statement = make();
    const envelope = signedStatement(
      Buffer.from(statement),
      createPrivateKey(readFileSync(join(folder, 'private.pem'))),
    );
    expect(envelope).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(envelope)).toMatchObject({
      payloadType: 'application/vnd.in-toto+json',
      signatures: [{ keyid: keyId() }],
    });
    expect(verify(envelope, digest)).toEqual({ status: 0, payload: statement });
    const changed = Buffer.from(statement.replace(COMMIT, 'b'.repeat(40))).toString('base64');
    expect(verify(JSON.stringify({ ...JSON.parse(envelope), payload: changed }), digest).status).toBe(1);
  });

  function keyId(): string {
    openssl('pkey', '-pubin', '-in', 'public.pem', '-outform', 'DER', '-out', 'public.der');
    return hash('sha256', readFileSync(join(folder, 'public.der')));
  }

  it("isn't made with a key that readers of attestations may not know", () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    expect(() => signedStatement(Buffer.from('x'), privateKey)).toThrow('Ed25519, or ECDSA on P-256 or P-384');
  });
});
