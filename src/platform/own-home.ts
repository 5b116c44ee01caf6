import { homedir } from 'node:os';
import { AppError } from '../core/errors.ts';
import { describeFault } from './describe-fault.ts';
import { parentsFault } from './privacy-fault.ts';

/** Where this program, systemd, and Claude Code keep a user's files. */
const PLACES = [
  ...['XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME'],
  ...['FOUNDRY_CREDENTIAL_HELPER_CONFIG', 'CLAUDE_CONFIG_DIR'],
];

/**
 * Refuses root in a user's home, as after `sudo` that keeps HOME: root's files would lock the user out, and the user
 * could put something else in their place while root uses them. Every role calls it before it creates anything. It
 * isn't needed for XDG_RUNTIME_DIR: another user's is passed over.
 * @throws AppError ERR_ROOT_IN_USER_HOME naming the folder and its owner
 */
export function assertOwnHome(env: NodeJS.ProcessEnv = process.env): void {
  if (process.geteuid?.() !== 0) return;
  const named = PLACES.map((name) => env[name] ?? '').filter((path) => path.startsWith('/'));
  for (const place of [env['HOME'] || homedir(), ...named]) {
    const fault = parentsFault(`${place}/`);
    if (fault?.is === 'foreign') {
      throw new AppError('ERR_ROOT_IN_USER_HOME', { detail: describeFault(fault) });
    }
  }
}
