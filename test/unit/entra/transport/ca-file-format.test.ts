import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conversionHint } from '../../../../src/entra/transport/ca-file-format.ts';
import { TrustStore } from '../../../../src/entra/transport/trust-store.ts';
import { OPENSSL } from '../../../support/harness/openssl.ts';
import { createPki, type Pki } from '../support.ts';

let pki: Pki;
beforeAll(() => {
  pki = createPki();
});
afterAll(() => pki.remove());

const openssl = (...args: string[]): Buffer => execFileSync(OPENSSL, args, { stdio: ['ignore', 'pipe', 'ignore'] });
const pem = (): string => readFileSync(pki.caFile, 'utf8');

/** Each with the programs that convert it, on Unix and on Windows. */
const formats: readonly (readonly [string, () => Buffer, RegExp, RegExp])[] = [
  ['DER', () => openssl('x509', '-in', pki.caFile, '-outform', 'DER'), /^openssl x509/, /^certutil -encode/],
  [
    'PKCS #7 in DER',
    () => openssl('crl2pkcs7', '-nocrl', '-certfile', pki.caFile, '-outform', 'DER'),
    /^openssl pkcs7 -inform DER/,
    /Base-64/,
  ],
  ['PKCS #7', () => openssl('crl2pkcs7', '-nocrl', '-certfile', pki.caFile), /^openssl pkcs7 -print_certs/, /Base-64/],
  [
    'PKCS #12',
    () => openssl('pkcs12', '-export', '-nokeys', '-passout', 'pass:', '-in', pki.caFile),
    /^openssl pkcs12/,
    /Base-64/,
  ],
  ['UTF-16 with a mark', () => Buffer.from(`\ufeff${pem()}`, 'utf16le'), /^iconv/, /^powershell/],
  ['UTF-16 without a mark', () => Buffer.from(pem(), 'utf16le'), /^iconv/, /^powershell/],
  ['UTF-16, big endian', () => Buffer.from(`\ufeff${pem()}`, 'utf16le').swap16(), /^iconv/, /^powershell/],
  ['a trusted certificate', () => openssl('x509', '-in', pki.caFile, '-trustout'), /^openssl x509/, /^openssl x509/],
  [
    'an X509 certificate',
    () => Buffer.from(pem().replaceAll(' CERTIFICATE', ' X509 CERTIFICATE')),
    /^openssl x509/,
    /^openssl x509/,
  ],
];

describe('a caFile that holds no PEM', () => {
  it.each(formats)('but %s is refused with the command that helps', (_, make, unix, windows) => {
    const command = (platform: NodeJS.Platform) => conversionHint(make(), platform).replace(/^.*convert it: /, '');
    expect(command('linux')).toMatch(unix);
    expect(command('win32')).toMatch(windows);
    const caFile = join(pki.folder, 'other');
    writeFileSync(caFile, make());
    expect(() => new TrustStore(caFile).context(undefined)).toThrow(
      expect.objectContaining({
        code: 'ERR_CONFIG_INVALID',
        detail: `"caFile" ${caFile} holds no PEM certificate${conversionHint(make(), process.platform)}`,
      }),
    );
  });

  it.skipIf(process.platform === 'win32').each(formats)('but %s is accepted after that command', (name, make) => {
    const source = join(pki.folder, 'source');
    writeFileSync(source, make());
    const command = conversionHint(make(), 'linux')
      .replace(/^.*convert it: /, '')
      .replaceAll('FILE', source);
    const input = name === 'PKCS #12' ? '\n' : '';
    const password = name === 'PKCS #12' ? ' -passin stdin' : '';
    const program = command.replace(/^openssl/, `"${OPENSSL}"`) + password;
    execFileSync('sh', ['-c', program], { input, stdio: ['pipe', 'ignore', 'ignore'] });
    expect(new TrustStore(`${source}.pem`).context(undefined)).toBeDefined();
  });

  it.each([
    ['nothing', ''],
    ['a key', pemKey()],
    ['text', 'just text'],
  ])('but %s has no such command', (_, text) => {
    expect(conversionHint(Buffer.from(text), 'linux')).toBe('');
  });
});

function pemKey(): string {
  return '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
}
