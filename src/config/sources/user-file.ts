import { isAbsolute, join } from 'node:path';
import { isCode } from '../../core/errno.ts';
import { parseJsonSettings } from '../../formats/json-object.ts';
import { fileFingerprint, readTextFile } from '../../formats/text-file.ts';
import { describeFaultOf, foreignFolder } from '../../platform/describe-fault.ts';
import { parentsFault } from '../../platform/privacy-fault.ts';
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
    ? { state: 'unreadable', reason: `doesn't exist, but ${VARIABLE} names it` }
    : reading;
}

/** Anyone who can change this file, or put another in its place, can send the sign-in through their own proxy. */
function readUserFile(path: string): SourceReading {
  const file = readTextFile(path, { followLinks: true });
  if (file.state === 'absent') return file;
  if (file.state === 'unreadable' && !isCode(file.cause, 'EACCES', 'EPERM')) return file;
  const fault = parentsFault(`${path}/`) ?? (file.state === 'unreadable' ? foreignFolder(path) : undefined);
  if (fault !== undefined) return { state: 'unreadable', reason: describeFaultOf(path, fault), cause: fault.cause };
  if (file.state === 'unreadable') return file;
  // No one else can have swapped it, but it's the file that was read that counts. Windows has no owners.
  const { uid } = file.stats;
  if (process.getuid !== undefined && uid !== 0n && uid !== BigInt(process.getuid())) {
    return { state: 'unreadable', reason: 'belongs to another user of this computer' };
  }
  return parseJsonSettings(file.text);
}
