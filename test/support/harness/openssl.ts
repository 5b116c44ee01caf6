import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Git for Windows brings one along that isn't on PATH. */
const WITH_GIT = join(process.env['ProgramFiles'] ?? 'C:\\Program Files', 'Git', 'usr', 'bin', 'openssl.exe');

/** The program openssl. */
export const OPENSSL = process.platform === 'win32' && existsSync(WITH_GIT) ? WITH_GIT : 'openssl';
