import './reflect-metadata-stub.ts';

import { writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const HOUR_MS = 3_600_000;

/** What a TLS server needs, in PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface IssueOptions {
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: in a week, because tests move the clock. A date in the past makes an expired certificate. */
  readonly notAfter?: Date;
}

/** A private certificate authority that lives as long as the test. */
export interface CertificateAuthority {
  /** The root certificate, PEM. */
  readonly pem: string;
  /** Makes a server certificate for these DNS names and IP addresses; the first one is the subject. */
  issue(names: readonly string[], options?: IssueOptions): Promise<ServerCertificate>;
  /** Writes the root certificate to `ca.pem` in the folder and returns the file's path. */
  write(folder: string): string;
}

/** Makes a new root with its own key: nothing outside the test trusts it. */
export async function createCertificateAuthority(commonName = 'Test Root CA'): Promise<CertificateAuthority> {
  const keys = await generateKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${commonName}`,
      keys,
      ...validity({}),
      signingAlgorithm: KEY_ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
      ],
    },
    crypto,
  );
  const pem = `${root.toString('pem')}\n`;
  return {
    pem,
    issue: (names, options = {}) => issueCertificate(root, keys.privateKey, names, options),
    write(folder) {
      const file = join(folder, 'ca.pem');
      writeFileSync(file, pem, { mode: 0o644 });
      return file;
    },
  };
}

async function issueCertificate(
  root: x509.X509Certificate,
  signingKey: CryptoKey,
  names: readonly string[],
  options: IssueOptions,
): Promise<ServerCertificate> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: `CN=${names[0] ?? 'localhost'}`,
      issuer: root.subjectName,
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: KEY_ALGORITHM,
      ...validity(options),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([SERVER_AUTHENTICATION]),
        new x509.SubjectAlternativeNameExtension(
          names.map((name) => ({ type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const), value: name })),
        ),
        await x509.AuthorityKeyIdentifierExtension.create(root.publicKey, false, crypto),
      ],
    },
    crypto,
  );
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    cert: `${certificate.toString('pem')}\n`,
    key: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
  };
}

function validity({ notBefore, notAfter }: IssueOptions) {
  return {
    notBefore: notBefore ?? new Date(Date.now() - HOUR_MS),
    notAfter: notAfter ?? new Date(Date.now() + 7 * 24 * HOUR_MS),
  };
}

function generateKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
}
