import { isAbsolute, join } from 'node:path';
import { parseJsonSettings } from '../../formats/json-object.ts';
import { fileFingerprint, readTextFile } from '../../formats/text-file.ts';
import type { ConfigurationSource, SourceReading } from './source.ts';

const VARIABLE = 'FOUNDRY_CREDENTIAL_HELPER_CONFIG';

/**
 * The user's own file: the one that FOUNDRY_CREDENTIAL_HELPER_CONFIG names, which must exist, otherwise `config.json`
 * in the given folder, which may be absent.
 */
export function userFileSource(env: NodeJS.ProcessEnv, configFolder: string): ConfigurationSource {
  const named = env[VARIABLE] ?? '';
  const location = named === '' ? join(configFolder, 'config.json') : named;
  return {
    kind: 'user-file',
    location,
    read: () => (named === '' ? readUserFile(location) : readNamedFile(location)),
    fingerprint: () => fileFingerprint(location),
  };
}

function readNamedFile(path: string): SourceReading {
  // The agent's working folder differs from that of the process that set the variable.
  if (!isAbsolute(path)) return { state: 'unreadable', reason: `must be an absolute path: ${VARIABLE} names it` };
  const reading = readUserFile(path);
  return reading.state === 'absent'
    ? { state: 'unreadable', reason: `does not exist, but ${VARIABLE} names it` }
    : reading;
}

function readUserFile(path: string): SourceReading {
  const file = readTextFile(path, { followLinks: true });
  if (file.state !== 'text') return file;
  // Anyone who can write here can send the sign-in through their own proxy. Windows has neither owner nor mode bits.
  if (process.getuid !== undefined) {
    const { uid, mode } = file.stats;
    if (uid !== 0n && uid !== BigInt(process.getuid())) {
      return { state: 'unreadable', reason: 'belongs to another user of this computer' };
    }
    if ((mode & 0o002n) !== 0n) return { state: 'unreadable', reason: 'is writable by every user of this computer' };
  }
  const parsed = parseJsonSettings(file.text);
  return parsed.state === 'fault'
    ? { state: 'unreadable', reason: parsed.reason }
    : { state: 'values', values: parsed.object };
}
