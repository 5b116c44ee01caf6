import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isSignedMessage } from '../../../src/formats/is-signed-message.ts';
import { signedContent } from '../../../src/formats/signed-message.ts';
import { UnparsableFile } from '../../../src/formats/unparsable-file.ts';
import { OPENSSL } from '../../support/harness/openssl.ts';

const CONTENT = `<plist><dict/></plist>\r\n${'x'.repeat(5_000)}\n`;

let folder: string;
const at = (name: string): string => join(folder, name);
const openssl = (...args: readonly string[]): Buffer =>
  execFileSync(OPENSSL, args, { stdio: ['ignore', 'pipe', 'ignore'] });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cms-'));
  writeFileSync(at('content'), CONTENT);
  const key = [
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    at('key'),
    '-out',
    at('certificate'),
    '-subj',
    '/CN=Contoso',
  ];
  openssl('req', '-x509', ...key);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const cms = (...args: readonly string[]): Buffer => openssl('cms', ...args, '-binary', '-in', at('content'));
const sign = (...args: readonly string[]): Buffer =>
  cms('-sign', '-signer', at('certificate'), '-inkey', at('key'), ...args);

describe('signedContent', () => {
  it.each([
    ['DER', ['-nodetach', '-outform', 'DER']],
    ['BER of indefinite length', ['-nodetach', '-stream', '-outform', 'DER']],
    ['PEM', ['-nodetach', '-outform', 'PEM']],
    ['DER without certificates', ['-nodetach', '-nocerts', '-outform', 'DER']],
  ])('finds what openssl has signed as %s', (_form, args) => {
    const message = sign(...args);
    expect(isSignedMessage(message)).toBe(true);
    expect(signedContent(message).toString()).toBe(CONTENT);
  });

  it('reads the PEM label of PKCS #7', () => {
    const pem = sign('-nodetach', '-outform', 'PEM').toString().replaceAll(' CMS-', ' PKCS7-');
    expect(signedContent(Buffer.from(`\n${pem}`)).toString()).toBe(CONTENT);
  });

  it('says what else it is', () => {
    const encrypted = openssl('cms', '-encrypt', '-in', at('content'), '-outform', 'DER', at('certificate'));
    expect(() => signedContent(encrypted)).toThrow('is encrypted');
    expect(() => signedContent(sign('-outform', 'DER'))).toThrow('is a signature without the profile it signs');
    expect(() => signedContent(cms('-digest_create', '-outform', 'DER'))).toThrow('but not a signed one');
  });

  it('refuses a damaged one', () => {
    const message = sign('-nodetach', '-outform', 'DER');
    const damaged = [
      message.subarray(0, 100),
      Buffer.concat([message.subarray(0, 20), Buffer.alloc(200), message.subarray(200)]),
      Buffer.alloc(100_000, 0x30),
      Buffer.from('-----BEGIN CMS-----\n*\n-----END CMS-----\n'),
    ];
    for (const bytes of damaged) expect(() => signedContent(bytes)).toThrow(UnparsableFile);
  });
});

it.each([
  ['XML', '<plist/>'],
  ['JSON that begins with 0', '0 {}'],
  ['a certificate', '-----BEGIN CERTIFICATE-----\n'],
  ['a message inside a text', '{"a":"\n-----BEGIN CMS-----"}'],
])("doesn't treat %s as a signed message", (_what, text) => {
  expect(isSignedMessage(Buffer.from(text))).toBe(false);
});

it('knows the corpus by its first bytes', () => {
  const corpus = join(import.meta.dirname, '../../fixtures/rollout-corpus');
  for (const name of ['signed', 'signed-streamed', 'signed-pem', 'encrypted', 'signature-only']) {
    expect(isSignedMessage(readFileSync(join(corpus, `${name}.mobileconfig`)))).toBe(true);
  }
});
