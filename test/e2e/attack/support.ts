// Two real users of one computer. Only root can play both, so these suites run where the tests run as root on Linux.
import { execFile } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { createSandbox, type Sandbox } from '../../support/harness/sandbox.ts';
import { binary as builtBinary } from '../support.ts';

/** A copy where every user may run it: the project may be in a folder that only its owner may enter. */
export const binary = publicCopy(builtBinary);

export const canPlayTwoUsers = process.platform === 'linux' && process.getuid?.() === 0;

/** Debian's `no one`: a user who owns nothing and is in no group. */
export const NOBODY = 65_534;
/** Another ordinary user, next to `no one`. */
export const DAEMON = 1;

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** Runs a program to its end as that user, in no group but the user's own. */
export function runAs(
  uid: number,
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  options: { readonly cwd?: string } = {},
): Promise<RunResult> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    execFile(file, args, { env, uid, gid: uid, timeout: 60_000, cwd: '/', ...options }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode, stdout, stderr, durationMs: performance.now() - startedAt });
    });
  });
}

/** A user with a home, a configuration and no keystore, and someone else on the same computer. */
export interface Victim {
  readonly uid: number;
  readonly otherUid: number;
  readonly sandbox: Sandbox;
  /** The product's folders. */
  readonly folders: Readonly<Record<'config' | 'state' | 'cache' | 'runtime', string>>;
  /** The helper, as Claude Desktop runs it while no one is there to sign in. */
  helper(): Promise<RunResult>;
  run(...args: string[]): Promise<RunResult>;
  /** A folder of this user's, 0700. */
  ownFolder(path: string): string;
  ownFile(path: string, text: string): string;
  /** A folder of the other user's that everyone may list and enter. */
  otherFolder(path: string): string;
  /** A file of the other user's that everyone may read. */
  otherFile(path: string, text: string): string;
  giveTo(uid: number, path: string): void;
}

const NAME = 'foundry-credential-helper';

/** Gone at the end of the test file. */
export function publicCopy(path: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'fch-public-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const copy = join(folder, basename(path));
  copyFileSync(path, copy);
  chmodSync(copy, 0o755);
  return copy;
}

/** Gone, with all its processes, when the test ends. */
export function createVictim(uid: number): Victim {
  const sandbox = createSandbox();
  onTestFinished(() => sandbox.dispose());
  sandbox.writeConfig({ tenantId: 'contoso.example', clientId: '11111111-2222-3333-4444-555555555555' });
  const otherUid = uid === 0 ? NOBODY : DAEMON;
  const folder = (base: string): string => join(sandbox.env[base] ?? '', NAME);
  const make = (owner: number, mode: number) => (path: string) => {
    mkdirSync(path, { recursive: true, mode });
    chownSync(path, owner, owner);
    return path;
  };
  const write = (owner: number, mode: number) => (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
    chownSync(path, owner, owner);
    return path;
  };
  for (const path of [sandbox.root, ...readdirSync(sandbox.root, { recursive: true, encoding: 'utf8' })]) {
    lchownSync(join(sandbox.root, path === sandbox.root ? '' : path), uid, uid);
  }
  const env = { ...sandbox.env };
  return {
    uid,
    otherUid,
    sandbox,
    folders: {
      config: folder('XDG_CONFIG_HOME'),
      state: folder('XDG_STATE_HOME'),
      cache: folder('XDG_CACHE_HOME'),
      runtime: folder('XDG_RUNTIME_DIR'),
    },
    helper: () => runAs(uid, binary, [], { ...env, CLAUDE_HELPER_CONTEXT: 'background' }),
    run: (...args) => runAs(uid, binary, args, env),
    ownFolder: make(uid, 0o700),
    ownFile: write(uid, 0o600),
    otherFolder: make(otherUid, 0o755),
    otherFile: write(otherUid, 0o644),
    giveTo: (owner, path) => lchownSync(path, owner, owner),
  };
}
