import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../../scripts/project-folder.ts';

/**
 * An RSA key for a test server to sign with, kept in `build/` for the next process: making one takes 50-200 ms.
 * @param name names the file
 */
export function keptKey(name: string): KeyObject {
  const folder = join(projectFolder, 'build');
  const file = join(folder, `test-key-${name}.pem`);
  try {
    return createPrivateKey(readFileSync(file));
  } catch {
    // Not there yet, or another user's.
  }
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  try {
    mkdirSync(folder, { recursive: true });
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    renameSync(draft, file);
  } catch {
    // The folder is another user's: the next process makes its own key too.
  }
  return privateKey;
}
