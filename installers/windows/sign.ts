// Authenticode signatures, by osslsigncode, with a certificate from outside.
import { renameSync, rmSync } from 'node:fs';
import { runTool } from './run-tool.ts';

/** A PKCS#12 file, or a key that stays in a token or a key vault with a PKCS#11 driver. */
type SigningKey =
  | { readonly kind: 'pkcs12'; readonly file: string }
  | {
      readonly kind: 'pkcs11';
      /** The driver, a shared library. */
      readonly module: string;
      /** OpenSSL's engine for such drivers, a shared library. */
      readonly engine?: string;
      /** PKCS#11 URI, RFC 7512. */
      readonly key: string;
      /** PEM file, the signer's own certificate first. */
      readonly certificates: string;
    };

export interface Signer {
  readonly key: SigningKey;
  /** Of the file, or the token's PIN. */
  readonly password?: string;
  /** An RFC 3161 server: without its time the signature ends with the certificate. */
  readonly timestampUrl?: string;
  /** What the signature names as its time if no server does; default: now. */
  readonly time?: Date;
}

/**
 * Signs an .exe or .msi in place, in place of a signature that it has. The password goes over standard input, which no
 * other process can read. @throws Error with osslsigncode's words; the file is as it was then
 */
export function signFile(file: string, { key, password = '', timestampUrl, time }: Signer): void {
  const signed = `${file}.signed`;
  rmSync(signed, { force: true });
  const args = [
    ...keyArguments(key),
    ...['-readpass', '-', '-h', 'sha256', '-n', 'Foundry Credential Helper'],
    ...(timestampUrl === undefined ? [] : ['-ts', timestampUrl]),
    ...(time === undefined ? [] : ['-time', String(Math.floor(time.getTime() / 1000))]),
    // Signs names and properties of the installer's streams too, not only their content.
    ...(file.endsWith('.msi') ? ['-add-msi-dse'] : []),
    ...['-in', file, '-out', signed],
  ];
  try {
    runTool('osslsigncode', ['sign', ...args], { input: password });
    renameSync(signed, file);
  } finally {
    rmSync(signed, { force: true });
  }
}

function keyArguments(key: SigningKey): readonly string[] {
  if (key.kind === 'pkcs12') return ['-pkcs12', key.file];
  const engine = key.engine === undefined ? [] : ['-pkcs11engine', key.engine];
  return [...engine, '-pkcs11module', key.module, '-certs', key.certificates, '-key', key.key];
}
