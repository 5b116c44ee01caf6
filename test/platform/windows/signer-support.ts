// A publisher for a test: a certificate authority, and a certificate of its that may sign programs.
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Signer } from '../../../installers/windows/sign.ts';

const PASSWORD = 'pass word "of" the file';
const EXTENSIONS = 'extendedKeyUsage=codeSigning\nkeyUsage=digitalSignature\nbasicConstraints=CA:FALSE\n';

export interface TestSigner {
  readonly signer: Signer & { readonly password: string };
  /** A file with the password and a line end. */
  readonly passwordFile: string;
  /** What osslsigncode says who trusts that authority alone; `other` is one that signed nothing. */
  isTrusted(file: string, authority?: 'ca' | 'other'): boolean;
}

export function makeSigner(folder: string): TestSigner {
  const path = (name: string): string => join(folder, name);
  const openssl = (words: string, ...args: string[]): void => {
    execFileSync('openssl', [...words.split(' '), ...args], { cwd: folder, stdio: 'pipe' });
  };
  writeFileSync(path('signer.ext'), EXTENSIONS);
  writeFileSync(path('password'), `${PASSWORD}\n`);
  for (const name of ['ca', 'other']) {
    openssl(
      `req -x509 -newkey rsa:2048 -nodes -days 30 -keyout ${name}.key -out ${name}.pem -subj`,
      `/CN=Test root ${name}`,
    );
  }
  openssl('req -newkey rsa:2048 -nodes -keyout signer.key -out signer.csr -subj', '/CN=Test publisher');
  openssl(
    'x509 -req -in signer.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -extfile signer.ext -out signer.pem',
  );
  openssl('pkcs12 -export -inkey signer.key -in signer.pem -certfile ca.pem -passout file:password -out signer.p12');
  return {
    signer: { key: { kind: 'pkcs12', file: path('signer.p12') }, password: PASSWORD },
    passwordFile: path('password'),
    isTrusted(file, authority = 'ca') {
      const args = ['verify', '-CAfile', path(`${authority}.pem`), file];
      return spawnSync('osslsigncode', args, { stdio: 'ignore' }).status === 0;
    },
  };
}
