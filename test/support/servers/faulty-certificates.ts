import './reflect-metadata-stub.ts';

import * as x509 from '@peculiar/x509';
import type { ServerCertificate } from './certificate-authority.ts';

const HOUR_MS = 3_600_000;
const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const NAME_CONSTRAINTS = '2.5.29.30';
const [SERVER, CLIENT] = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'];

/** A certificate with the key that belongs to it. */
export interface Identity {
  readonly certificate: x509.X509Certificate;
  readonly keys: CryptoKeyPair;
}

export interface CertificateOptions {
  readonly name: string;
  /** Default: itself. */
  readonly issuer?: Identity;
  /** Makes it an authority, with this path length if it's a number. */
  readonly authority?: true | number;
  readonly hosts?: readonly string[];
  readonly usage?: 'server' | 'client';
  /** Hours from now. Default: an hour ago until tomorrow. */
  readonly valid?: readonly [from: number, until: number];
  readonly rsaBits?: number;
  /** Of the signature. Default: SHA-256. */
  readonly hash?: 'SHA-1' | 'SHA-256';
  /** The only domain that the authority may vouch for. */
  readonly permits?: string;
}

/** Makes any certificate, a faulty one too. */
export async function makeIdentity(options: CertificateOptions): Promise<Identity> {
  const { name, issuer, authority, hosts = [], usage, valid = [-1, 24], hash = 'SHA-256', permits } = options;
  const keys = await generateKeys(options.rsaBits);
  const signer = issuer?.keys ?? keys;
  const pathLength = typeof authority === 'number' ? authority : undefined;
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: `CN=${name}`,
      issuer: issuer?.certificate.subjectName ?? `CN=${name}`,
      publicKey: keys.publicKey,
      signingKey: signer.privateKey,
      signingAlgorithm: { name: signer.privateKey.algorithm.name, hash },
      notBefore: new Date(Date.now() + valid[0] * HOUR_MS),
      notAfter: new Date(Date.now() + valid[1] * HOUR_MS),
      extensions: [
        new x509.BasicConstraintsExtension(authority !== undefined, pathLength, true),
        ...(usage === undefined ? [] : [new x509.ExtendedKeyUsageExtension([usage === 'server' ? SERVER : CLIENT])]),
        ...(hosts.length === 0
          ? []
          : [new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns' as const, value })))]),
        ...(permits === undefined ? [] : [new x509.Extension(NAME_CONSTRAINTS, true, permittedSubtree(permits))]),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
        ...(issuer === undefined
          ? []
          : [await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey, false, crypto)]),
      ],
    },
    crypto,
  );
  return { certificate, keys };
}

/** For a TLS server that sends these certificates, its own first. */
export async function serverCertificate(
  { certificate, keys }: Identity,
  ...chain: readonly Identity[]
): Promise<ServerCertificate> {
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  const sent = [certificate, ...chain.map((identity) => identity.certificate)];
  return { cert: sent.map(pemOf).join(''), key: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n` };
}

export function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

/** The same certificate with one bit of its signature changed. */
export function withBrokenSignature({ certificate, keys }: Identity): Identity {
  const raw = new Uint8Array(certificate.rawData.slice(0));
  raw[raw.length - 1] = (raw.at(-1) ?? 0) ^ 1;
  return { certificate: new x509.X509Certificate(raw), keys };
}

/** RFC 5280 section 4.2.1.10: SEQUENCE { permittedSubtrees [0] { SEQUENCE { dNSName [2] domain } } }. */
function permittedSubtree(domain: string): Uint8Array<ArrayBuffer> {
  const wrap = (tag: number, content: readonly number[]): number[] => [tag, content.length, ...content];
  return new Uint8Array(wrap(0x30, wrap(0xa0, wrap(0x30, wrap(0x82, [...Buffer.from(domain)])))));
}

function generateKeys(rsaBits: number | undefined): Promise<CryptoKeyPair> {
  if (rsaBits === undefined) return crypto.subtle.generateKey(EC, true, ['sign', 'verify']);
  const rsa = { name: 'RSASSA-PKCS1-v1_5', modulusLength: rsaBits, publicExponent: new Uint8Array([1, 0, 1]) };
  return crypto.subtle.generateKey({ ...rsa, hash: 'SHA-256' }, true, ['sign', 'verify']);
}
