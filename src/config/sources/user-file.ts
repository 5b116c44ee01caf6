import { statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { parseJsonSettings } from '../../formats/json-object.ts';
import { fileFingerprint, readTextFile } from '../../formats/text-file.ts';
import type { ConfigurationSource, SourceReading } from './source.ts';

const VARIABLE = 'FOUNDRY_CREDENTIAL_HELPER_CONFIG';
/** In such a folder, only a file's owner may replace it. */
const STICKY = 0o1000;

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

/** Whether every user may put another file in its place: its folder is open to all, and not as `/tmp` is. */
function canBeReplaced(path: string): boolean {
  const mode = statSync(dirname(path), { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o002) !== 0 && (mode & STICKY) === 0;
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
    if (canBeReplaced(path)) {
      return { state: 'unreadable', reason: 'is in a folder that every user of this computer may write to' };
    }
  }
  return parseJsonSettings(file.text);
}
