// A keychain of a test's own, so that tests use the real Keychain of macOS and never the developer's entries.
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PASSWORD = 'test-keychain-password';
const SECURITY = '/usr/bin/security';

/** Runs Apple's `security`; rejects if it fails. */
export type RunSecurity = (args: readonly string[], env: Readonly<Record<string, string>>) => Promise<unknown>;

const runSecurity: RunSecurity = (args, env) => promisify(execFile)(SECURITY, [...args], { env: { ...env } });

/**
 * Makes an unlocked keychain below `env.HOME`, the default one of every program that runs with that HOME: macOS finds a
 * user's list of keychains by this variable. It never locks itself, so nothing asks for its password. It goes with
 * the folder.
 * @throws Error if `security` fails
 */
export async function createKeychain(
  env: Readonly<Record<string, string>> & { readonly HOME: string },
  run: RunSecurity = runSecurity,
): Promise<void> {
  const library = join(env.HOME, 'Library');
  const keychain = join(library, 'Keychains', 'test.keychain-db');
  for (const folder of ['Keychains', 'Preferences']) mkdirSync(join(library, folder), { recursive: true, mode: 0o700 });
  await run(['create-keychain', '-p', PASSWORD, keychain], env);
  // Without a time or sleep after which it locks.
  await run(['set-keychain-settings', keychain], env);
  await run(['list-keychains', '-d', 'user', '-s', keychain], env);
  await run(['default-keychain', '-d', 'user', '-s', keychain], env);
  await run(['unlock-keychain', '-p', PASSWORD, keychain], env);
}
