// The private keystore sessions: real, lockable, and gone afterward.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findSecretsInFiles } from '../../support/harness/find-secrets.ts';
import {
  startSecretService,
  startWithoutSecretService,
  withSecretService,
} from '../../support/harness/secret-service.ts';

const SECRET = 'canary-9f8e7d6c5b4a';
const run = promisify(execFile);

type Env = Readonly<Record<string, string>>;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ss-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

/** The output of secret-tool, an independent client. */
async function secretTool(env: Env, args: readonly string[], input = ''): Promise<string> {
  const running = run('secret-tool', args, { env: { ...env, PATH: process.env['PATH'] ?? '' }, timeout: 30_000 });
  // It may have ended before it has read anything.
  running.child.stdin?.on('error', () => undefined);
  running.child.stdin?.end(input);
  return (await running).stdout;
}

const store = (env: Env) => secretTool(env, ['store', '--label=test', 'service', 'test'], SECRET);
const lookup = (env: Env) => secretTool(env, ['lookup', 'service', 'test']);

/** Programs that were started with a home below the folder. */
function programsBelow(folder: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      return environment.includes(`HOME=${folder}/`) ? [readFileSync(`/proc/${pid}/comm`, 'utf8').trim()] : [];
    } catch {
      return [];
    }
  });
}

describe.runIf(process.platform === 'linux')('a session', () => {
  it('with a keyring keeps a secret, but not in plain text, and leaves no program behind', async () => {
    await withSecretService({ root }, async ({ env }) => {
      expect(env['HOME']).toBe(join(root, 'home'));
      await store(env);
      expect(await lookup(env)).toBe(SECRET);
      expect(findSecretsInFiles(root, [SECRET])).toEqual([]);
      expect(programsBelow(root).sort()).toEqual(['dbus-daemon', 'gnome-keyring-d']);
    });
    expect(programsBelow(root)).toEqual([]);
  });

  it('can be locked and unlocked', async () => {
    const session = await startSecretService({ root });
    try {
      await store(session.env);
      await session.lock();
      await expect(lookup(session.env)).rejects.toThrow();
      await session.unlock();
      expect(await lookup(session.env)).toBe(SECRET);
    } finally {
      await session.stop();
    }
  });

  it('can begin locked', async () => {
    await withSecretService({ root, locked: true }, async (session) => {
      await expect(store(session.env)).rejects.toThrow(/[Ll]ocked|dismissed|[Pp]rompt/);
      await session.unlock();
      await store(session.env);
    });
  });

  it('without a keyring says so, and starts none', async () => {
    const session = await startWithoutSecretService({ root });
    await expect(lookup(session.env)).rejects.toThrow(/org\.freedesktop\.secrets was not provided/);
    expect(programsBelow(root)).toEqual(['dbus-daemon']);
    await session.stop();
    expect(programsBelow(root)).toEqual([]);
  });
});
