// Authenticode signatures, by osslsigncode.
import { execFileSync, spawnSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';

/**
 * Signs an executable or an installer in place.
 * @param options of `osslsigncode sign`: the key, the certificate, the time stamp
 * @throws Error with osslsigncode's words when it fails, or when the signature that it made does not fit the file
 */
export function signFile(path: string, options: readonly string[]): void {
  // Whoever lists the processes of this computer would read it.
  if (options.includes('-pass')) throw new Error('give the password in a file: -readpass FILE');
  const signed = `${path}.signed`;
  rmSync(signed, { force: true });
  const description = ['-h', 'sha256', '-n', 'Foundry Credential Helper'];
  execFileSync('osslsigncode', ['sign', ...options, ...description, '-in', path, '-out', signed], { stdio: 'pipe' });
  const fault = signatureFault(signed);
  if (fault !== undefined) throw new Error(`${path} was signed, but ${fault}`);
  renameSync(signed, path);
}

/**
 * What is wrong with the signature, or undefined. Whether the certificate is to be trusted is not looked at: that is for
 * the computers where the program goes to say.
 */
export function signatureFault(path: string): string | undefined {
  const { stdout } = spawnSync('osslsigncode', ['verify', '-in', path], { encoding: 'utf8' });
  // "Current" is what the signature says, "Calculated" what the file's bytes come to; an MSI has other words.
  const digest = (which: string) =>
    new RegExp(`^${which} (?:message digest|DigitalSignature) *: ([\\dA-F]+)`, 'm').exec(stdout)?.[1];
  const [current, calculated] = [digest('Current'), digest('Calculated')];
  if (current === undefined || calculated === undefined) return 'it has no signature';
  return current === calculated ? undefined : 'the signature does not fit the file';
}
