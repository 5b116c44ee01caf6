// A real KeePassXC with its Secret Service on a private bus and screen, and a user who answers its dialogs.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { killOwned, spawnOwned } from './process-cleanup.ts';
import { startWithoutSecretService } from './secret-service.ts';

const PASSWORD = 'test-database-password';
const START_DEADLINE_MS = 60_000;
const POLL_MS = 25;
const run = promisify(execFile);

export interface KeePassXcOptions {
  /** A folder of the caller's, with a short name. */
  readonly root: string;
  /** Whether a search asks to unlock a locked database (KeePassXC's default), or finds nothing. */
  readonly unlockBeforeSearch?: boolean;
}

export type Dialog = 'Access Request' | 'Unlock Database';

/** Everything else as KeePassXC has it by default: it asks before each access. */
export interface KeePassXc {
  readonly env: Readonly<Record<string, string>>;
  /** Answers dialogs from now on, with "Remember" as KeePassXC has checked it. */
  answer(how: 'allow' | 'dismiss' | 'not'): void;
  /** How many access requests have been seen. */
  readonly requests: number;
  /** Resolves once such a dialog is open. */
  waitFor(dialog: Dialog): Promise<void>;
  lock(): Promise<void>;
  /** What the database's file holds, as XML. */
  contents(): string;
  stop(): Promise<void>;
}

/** @throws Error when a program is missing or too slow */
export async function startKeePassXc({ root, unlockBeforeSearch = true }: KeePassXcOptions): Promise<KeePassXc> {
  const bus = await startWithoutSecretService({ root });
  const { display, stop: stopScreen } = await startScreen();
  // KeePassXC runs once for each user and temporary folder.
  const env = { ...bus.env, DISPLAY: display, PATH: process.env['PATH'] ?? '/usr/bin', TMPDIR: join(root, 'run') };
  const database = makeDatabase(root, env);
  writeSettings(bus.env['XDG_CONFIG_HOME'] ?? '', unlockBeforeSearch);
  const program = spawnOwned('keepassxc', ['--pw-stdin', database], { env, stdio: ['pipe', 'ignore', 'ignore'] });
  program.on('error', () => undefined);
  program.stdin?.on('error', () => undefined);
  program.stdin?.end(`${PASSWORD}\n`);
  const user = new User(env);
  const stop = async () => {
    await user.leave();
    await killOwned(program);
    await stopScreen();
    await bus.stop();
  };
  try {
    await until('its collection', async () => !(await isLocked(env).catch(() => true)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    env: bus.env,
    answer: (how) => {
      user.answers = how;
    },
    get requests() {
      return user.requests;
    },
    waitFor: (dialog) => until(dialog, async () => (await windows(env, dialog)).length > 0),
    lock: async () => {
      const service = 'org.keepassxc.KeePassXC.MainWindow';
      await gdbus(env, service, '/keepassxc', `${service}.lockAllDatabases`);
      await until('the lock', () => isLocked(env));
    },
    contents: () =>
      execFileSync('keepassxc-cli', ['export', '--quiet', database], { env, input: `${PASSWORD}\n`, encoding: 'utf8' }),
    stop,
  };
}

type Environment = Readonly<Record<string, string>>;

/** Watches the screen, counts access requests, and presses a key in each dialog. */
class User {
  answers: 'allow' | 'dismiss' | 'not' = 'allow';
  requests = 0;
  #isThere = true;
  readonly #env: Environment;
  readonly #watch: Promise<void>;

  constructor(env: Environment) {
    this.#env = env;
    this.#watch = this.#look();
  }

  async leave(): Promise<void> {
    this.#isThere = false;
    await this.#watch;
  }

  async #look(): Promise<void> {
    let before: string | undefined;
    while (this.#isThere) {
      const [dialog] = await windows(this.#env, 'Access Request');
      if (dialog !== undefined && dialog !== before) this.requests += 1;
      before = dialog;
      if (dialog !== undefined && this.answers !== 'not') await this.#press(dialog);
      await sleep(POLL_MS);
    }
  }

  async #press(window: string): Promise<void> {
    const key = this.answers === 'allow' ? 'Return' : 'Escape';
    // It may close at any moment.
    await run('xdotool', ['windowfocus', '--sync', window, 'key', key], { env: this.#env, timeout: 5_000 }).catch(
      () => undefined,
    );
  }
}

/** Ids of the windows on the screen with this in their title. */
async function windows(env: Environment, title: string): Promise<readonly string[]> {
  // xdotool fails if it finds none.
  const found = await run('xdotool', ['search', '--onlyvisible', '--name', title], { env }).catch(() => undefined);
  return found?.stdout.split('\n').filter((id) => id !== '') ?? [];
}

async function startScreen(): Promise<{ readonly display: string; stop(): Promise<void> }> {
  // Without `-noreset` it would begin anew, and drop its clients, whenever xdotool was the only one and leaves.
  const args = ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp', '-noreset'];
  const screen = spawnOwned('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const number = await new Promise<string>((resolve, reject) => {
    screen.on('error', reject);
    screen.on('exit', () => reject(new Error('Xvfb did not start')));
    screen.stdio[3]?.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()));
  });
  return { display: `:${number}`, stop: () => killOwned(screen) };
}

/** A database whose root group is exposed to the Secret Service, which is off for a new one. */
function makeDatabase(root: string, env: Environment): string {
  const xml = join(root, 'database.xml');
  const database = join(root, 'database.kdbx');
  writeFileSync(
    xml,
    `<?xml version="1.0" encoding="UTF-8"?>
<KeePassFile><Meta><RecycleBinEnabled>True</RecycleBinEnabled><CustomData><Item>
<Key>FDO_SECRETS_EXPOSED_GROUP</Key><Value>{00112233-4455-6677-8899-aabbccddeeff}</Value>
</Item></CustomData></Meta>
<Root><Group><UUID>ABEiM0RVZneImaq7zN3u/w==</UUID><Name>Root</Name></Group></Root></KeePassFile>
`,
  );
  const input = `${PASSWORD}\n${PASSWORD}\n`;
  execFileSync('keepassxc-cli', ['import', '--quiet', '--set-password', xml, database], { env, input, stdio: 'pipe' });
  return database;
}

function writeSettings(folder: string, unlockBeforeSearch: boolean): void {
  mkdirSync(join(folder, 'keepassxc'), { recursive: true });
  writeFileSync(
    join(folder, 'keepassxc', 'keepassxc.ini'),
    `[General]
ConfigVersion=2
UpdateCheckMessageShown=true

[GUI]
CheckForUpdates=false

[FdoSecrets]
Enabled=true
UnlockBeforeSearch=${unlockBeforeSearch}
`,
  );
}

const COLLECTION = '/org/freedesktop/secrets/collection/database';

async function isLocked(env: Environment): Promise<boolean> {
  const property = ['org.freedesktop.Secret.Collection', 'Locked'];
  const get = gdbus(env, 'org.freedesktop.secrets', COLLECTION, 'org.freedesktop.DBus.Properties.Get', ...property);
  return (await get).includes('true');
}

async function gdbus(env: Environment, service: string, path: string, method: string, ...args: string[]) {
  const target = ['call', '--session', '--dest', service, '--object-path', path, '--method', method];
  return (await run('gdbus', [...target, ...args], { env, timeout: START_DEADLINE_MS })).stdout;
}

async function until(what: string, isThere: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (!(await isThere())) {
    if (Date.now() > deadline) throw new Error(`KeePassXC: ${what} did not come up within ${START_DEADLINE_MS} ms`);
    await sleep(POLL_MS);
  }
}
