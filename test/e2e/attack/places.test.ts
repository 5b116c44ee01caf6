// Another user's object, a link, a FIFO or a file of another kind in each place that the product reads or writes: it is
// refused or passed by, never followed, never waited for, and what it leads to is left unchanged.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { createEtcFolder } from '../../support/harness/etc-folder.ts';
import { isLong, sample } from '../../support/harness/long.ts';
import { canUnshareMounts } from '../../support/harness/mount-namespace.ts';
import { agentProcess, run, signIn, worldForTest } from '../support.ts';
import { binary, canPlayTwoUsers, createVictim, DAEMON, NOBODY, runAs, type Victim } from './support.ts';

/** What a helper says: an agent answered it (there's no keystore), or why none did. */
const outcomes = {
  served: { exitCode: 8, code: 'ERR_KEYSTORE_UNAVAILABLE' },
  untrusted: { exitCode: 6, code: 'ERR_AGENT_UNTRUSTED' },
  unusable: { exitCode: 6, code: 'ERR_STATE_UNWRITABLE' },
  'bad configuration': { exitCode: 3, code: 'ERR_CONFIG_UNREADABLE' },
} as const;

type Attack = readonly [
  name: string,
  outcome: keyof typeof outcomes,
  /** Sets it up and returns what must don't change. */
  prepare: (victim: Victim) => readonly string[],
];

const precious = (victim: Victim): string => victim.ownFile(join(victim.sandbox.root, 'precious'), 'precious');

/** A link at `path` to a file that this user could destroy. */
function link(victim: Victim, path: string, target = precious(victim)): string[] {
  symlinkSync(target, path);
  victim.giveTo(victim.uid, path);
  return [target];
}

function fifo(victim: Victim, path: string): string[] {
  execFileSync('mkfifo', [path]);
  victim.giveTo(victim.uid, path);
  return [];
}

function writableByAll(path: string): string[] {
  chmodSync(path, 0o777);
  return [];
}

/** A path in one of the product's folders, which is made. */
const inside = (victim: Victim, folder: keyof Victim['folders'], name: string): string =>
  join(victim.ownFolder(victim.folders[folder]), name);

function database(victim: Victim): string {
  const path = join(victim.sandbox.root, 'mail.db');
  const db = new DatabaseSync(path);
  db.exec('CREATE TABLE mail (text); INSERT INTO mail VALUES (1)');
  db.close();
  victim.giveTo(victim.uid, path);
  return path;
}

const folders: readonly Attack[] = [
  ['runtime folder: of another user', 'untrusted', (v) => [v.otherFolder(v.folders.runtime)]],
  ['runtime folder: writable by all', 'untrusted', (v) => writableByAll(v.ownFolder(v.folders.runtime))],
  [
    'runtime folder: a link',
    'untrusted',
    (v) => link(v, v.folders.runtime, v.ownFolder(join(v.sandbox.root, 'elsewhere'))),
  ],
  ['runtime folder: a link to nothing', 'untrusted', (v) => link(v, v.folders.runtime, '/nowhere').slice(1)],
  ['runtime folder: a file', 'unusable', (v) => [v.ownFile(v.folders.runtime, 'x')]],
  ['state folder: of another user', 'untrusted', (v) => [v.otherFolder(v.folders.state)]],
  ['state folder: writable by all', 'untrusted', (v) => writableByAll(v.ownFolder(v.folders.state))],
  [
    'state folder: a link',
    'untrusted',
    (v) => link(v, v.folders.state, v.ownFolder(join(v.sandbox.root, 'elsewhere'))),
  ],
];

const runtimeFiles: readonly Attack[] = [
  ['socket: a link', 'untrusted', (v) => link(v, inside(v, 'runtime', 'agent.sock'))],
  ['socket: a file', 'unusable', (v) => [v.ownFile(inside(v, 'runtime', 'agent.sock'), 'x')]],
  ['lock file: a link to a file', 'untrusted', (v) => link(v, inside(v, 'state', 'agent.lock'))],
  ['lock file: a link to a database', 'untrusted', (v) => link(v, inside(v, 'state', 'agent.lock'), database(v))],
  [
    'lock file: a link to nothing',
    'untrusted',
    (v) => link(v, inside(v, 'state', 'agent.lock'), join(v.sandbox.root, 'new')).slice(1),
  ],
  [
    'lock file: a link to a device',
    'untrusted',
    (v) => link(v, inside(v, 'state', 'agent.lock'), '/dev/zero').slice(1),
  ],
  ['lock file: a FIFO', 'untrusted', (v) => fifo(v, inside(v, 'state', 'agent.lock'))],
  ['lock file: a folder', 'unusable', (v) => [v.ownFolder(inside(v, 'state', 'agent.lock'))]],
  ['lock file: of another user', 'untrusted', (v) => [v.otherFile(inside(v, 'state', 'agent.lock'), '')]],
  ['lock file: text', 'unusable', (v) => [v.ownFile(inside(v, 'state', 'agent.lock'), 'precious')]],
  [
    'lock file: a hard link to a database',
    'unusable',
    (v) => {
      const target = database(v);
      linkSync(target, inside(v, 'state', 'agent.lock'));
      return [target];
    },
  ],
  ['start marker: a folder', 'served', (v) => [aged(v.ownFolder(inside(v, 'state', 'agent.starting')))]],
  ['start marker: a link', 'served', (v) => link(v, inside(v, 'state', 'agent.starting'), aged(precious(v)))],
  [
    'start marker: a FIFO',
    'served',
    (v) => {
      fifo(v, inside(v, 'state', 'agent.starting'));
      aged(inside(v, 'state', 'agent.starting'));
      return [];
    },
  ],
  [
    'start marker: of another user',
    'served',
    (v) => {
      aged(v.otherFile(inside(v, 'state', 'agent.starting'), 'x'));
      return [];
    },
  ],
  [
    'start marker: from the future',
    'served',
    (v) => {
      const marker = v.ownFile(inside(v, 'state', 'agent.starting'), '');
      utimesSync(marker, 4_000_000_000, 4_000_000_000);
      return [];
    },
  ],
];

/** As old as a marker must be to be passed over without the wait of 3 s. */
function aged(path: string): string {
  utimesSync(path, 1_000_000_000, 1_000_000_000);
  return path;
}

const stateFiles: readonly Attack[] = [
  ['state file: a link', 'served', (v) => link(v, inside(v, 'state', 'agent.json'))],
  ['state file: a FIFO', 'served', (v) => fifo(v, inside(v, 'state', 'agent.json'))],
  [
    'state file: of another user',
    'served',
    (v) => {
      v.otherFile(inside(v, 'state', 'agent.json'), '{"version":1,"identities":{}}');
      return [];
    },
  ],
  ['state file: a folder', 'served', (v) => [v.ownFolder(inside(v, 'state', 'agent.json'))]],
  ['log: a link', 'served', (v) => link(v, inside(v, 'state', 'agent.log'))],
  [
    'log: a link to nothing',
    'served',
    (v) => link(v, inside(v, 'state', 'agent.log'), join(v.sandbox.root, 'new')).slice(1),
  ],
  ['log: a FIFO', 'served', (v) => fifo(v, inside(v, 'state', 'agent.log'))],
  ['log: of another user', 'served', (v) => [v.otherFile(inside(v, 'state', 'agent.log'), 'precious')]],
  ['log: a folder', 'served', (v) => [v.ownFolder(inside(v, 'state', 'agent.log'))]],
];

const settings = '{"tenantId":"evil.example","clientId":"11111111-2222-3333-4444-555555555555"}';

const configurationFiles: readonly Attack[] = [
  ['config.json: of another user', 'bad configuration', (v) => [v.otherFile(v.sandbox.configFile, settings)]],
  ['config.json: writable by all', 'bad configuration', (v) => writableByAll(v.sandbox.configFile)],
  ['config.json: a FIFO', 'bad configuration', (v) => replaced(v, (path) => fifo(v, path))],
  ['config.json: a device', 'bad configuration', (v) => replaced(v, (path) => link(v, path, '/dev/zero').slice(1))],
  [
    "config.json: a link to another user's file",
    'bad configuration',
    (v) => replaced(v, (path) => link(v, path, v.otherFile(join(v.sandbox.root, 'evil.json'), settings))),
  ],
  [
    "config folder: a link to another user's",
    'bad configuration',
    (v) => {
      const evil = v.otherFolder(join(v.sandbox.root, 'evil'));
      const file = v.otherFile(join(evil, 'config.json'), settings);
      rmSync(v.folders.config, { recursive: true });
      link(v, v.folders.config, evil);
      return [file];
    },
  ],
  ["Claude Desktop's settings: a FIFO", 'served', (v) => fifo(v, desktopFile(v))],
  ["Claude Desktop's settings: a device", 'served', (v) => link(v, desktopFile(v), '/dev/zero').slice(1)],
  ["Claude Desktop's settings: a link in a circle", 'served', (v) => link(v, desktopFile(v), desktopFile(v)).slice(1)],
  ["Claude Desktop's settings: a folder", 'served', (v) => [v.ownFolder(desktopFile(v))]],
];

function replaced(victim: Victim, put: (path: string) => string[]): string[] {
  rmSync(victim.sandbox.configFile);
  return put(victim.sandbox.configFile);
}

function desktopFile(victim: Victim): string {
  return join(
    victim.ownFolder(join(victim.sandbox.env['XDG_CONFIG_HOME'] ?? '', 'Claude-3p/configLibrary')),
    '_meta.json',
  );
}

/** Owner, mode and content, or names, of each path. */
function snapshot(paths: readonly string[]): readonly string[] {
  return paths.map((path) => {
    const { uid, mode, nlink } = lstatSync(path);
    const content = lstatSync(path).isDirectory() ? readdirSync(path).join() : readFileSync(path);
    return [path, uid, mode, nlink, createHash('sha256').update(content).digest('hex')].join(' ');
  });
}

/** The policy's rules hold for everyone on the computer, so it has separate rows: /etc isn't the victim's. */
const policies: readonly (readonly [name: string, reason: string, change: (file: string) => void])[] = [
  ["another user's", "doesn't belong to root", (file) => chownSync(file, NOBODY, 0)],
  ["the victim's own", "doesn't belong to root", (file) => chownSync(file, DAEMON, DAEMON)],
  ['writable by its group', 'is writable by users other than root', (file) => chmodSync(file, 0o664)],
  ['writable by all', 'is writable by users other than root', (file) => chmodSync(file, 0o666)],
  [
    'in a folder that all may write to',
    'in a folder that is writable by users other than root',
    (file) => chmodSync(dirname(file), 0o777),
  ],
  [
    "in another user's folder",
    "in a folder that doesn't belong to root",
    (file) => chownSync(dirname(file), NOBODY, 0),
  ],
  [
    'a link to a file of root’s',
    'is a link',
    (file) => {
      renameSync(file, `${file}.real`);
      symlinkSync(`${file}.real`, file);
    },
  ],
  [
    'a link to nothing',
    'is a link',
    (file) => {
      rmSync(file);
      symlinkSync('/nowhere', file);
    },
  ],
  [
    'a FIFO',
    "isn't a regular file",
    (file) => {
      rmSync(file);
      execFileSync('mkfifo', [file]);
    },
  ],
  [
    'a device',
    "isn't a regular file",
    (file) => {
      rmSync(file);
      execFileSync('mknod', [file, 'c', '1', '5']);
    },
  ],
  ['a file that only root may read', "can't be opened (EACCES)", (file) => chmodSync(file, 0o600)],
];

describe.runIf(canPlayTwoUsers && canUnshareMounts)('a policy file that is', () => {
  it.each(sample(policies, 3))('%s is an error, and is never skipped or followed', async (_, reason, change) => {
    const victim = createVictim(DAEMON);
    const etc = createEtcFolder(victim.sandbox.root);
    etc.writePolicy({ tenantId: 'evil.example', proxy: 'evil.example:8080' });
    const show = () => {
      const [file, ...args] = etc.seenBy([binary, 'config', 'show'], victim.uid);
      return runAs(0, file, args, victim.sandbox.env);
    };
    expect(await show()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('evil.example') });
    change(etc.policyFile);
    const { exitCode, stdout, stderr } = await show();
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining(`error[ERR_CONFIG_UNREADABLE]`),
    });
    expect(stderr).toContain(reason);
    expect(stdout).not.toContain('evil.example');
  });
});

const attacks = [...folders, ...runtimeFiles, ...stateFiles, ...configurationFiles];
const actors: readonly (readonly [string, number, readonly Attack[]])[] = [
  ['an ordinary user, beside another one', NOBODY, attacks],
  // Root may open another user's files: only the program's own check of the owner prevents that.
  ['root, beside an ordinary user', 0, isLong ? attacks : attacks.filter(([name]) => /another user/.test(name))],
];

describe.runIf(canPlayTwoUsers).each(actors)("what's in a place of %s", (_, uid, those) => {
  it.each(sample(those, 3))('%s: %s', async (_name, outcome, prepare) => {
    const victim = createVictim(uid);
    const mustStay = prepare(victim);
    const before = snapshot(mustStay);
    const { exitCode, code } = outcomes[outcome];
    const { stdout, stderr, ...helper } = await victim.helper();
    expect({ ...helper, stderr }).toMatchObject({ exitCode, stderr: expect.stringContaining(`error[${code}]`) });
    expect(stdout).toBe('');
    if (outcome === 'served') expect(await victim.run('agent', 'stop')).toMatchObject({ exitCode: 0 });
    expect(snapshot(mustStay)).toEqual(before);
    expect(readdirSync(victim.sandbox.root)).not.toContain('new');
  });
});

describe.runIf(canPlayTwoUsers)("another user's server in the place of the agent's socket", () => {
  it('is never connected to', async () => {
    const victim = createVictim(NOBODY);
    const path = inside(victim, 'runtime', 'agent.sock');
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.end('{"protocol":1,"version":"0","result":{"output":"stolen"}}\n');
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
    chmodSync(path, 0o777);
    for (const result of [await victim.helper(), await victim.run('status'), await victim.run('token')]) {
      expect(result).toMatchObject({
        exitCode: 6,
        stdout: '',
        stderr: expect.stringContaining('belongs to another user'),
      });
    }
    expect(connections).toBe(0);
  });
});

describe.runIf(canPlayTwoUsers)('the unpacked addon', () => {
  it.each([
    ["another user's cache folder", (cache: string) => makeFolder(cache, 0o755, NOBODY)],
    ['a cache folder that all may write to', (cache: string) => makeFolder(cache, 0o777, 0)],
    ['a link to another folder', (cache: string) => symlinkSync('/tmp', cache)],
  ])("%s isn't used", async (_, prepare) => {
    const world = await worldForTest();
    const cache = join(world.env['XDG_CACHE_HOME'] ?? '', 'foundry-credential-helper');
    prepare(cache);
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
    const addons = readFileSync(`/proc/${agentProcess(world)}/maps`, 'utf8').match(/\/\S+\.node$/gm) ?? [];
    expect(addons.length).toBeGreaterThan(0);
    expect(addons.filter((path) => path.startsWith(cache) || path.startsWith('/tmp/keyring'))).toEqual([]);
  });

  it("another user's file with its name is replaced, not loaded", async () => {
    const world = await worldForTest();
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    const cache = join(world.env['XDG_CACHE_HOME'] ?? '', 'foundry-credential-helper');
    const [name = ''] = readdirSync(cache);
    const path = join(cache, name);
    chownSync(path, NOBODY, NOBODY);
    expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
    expect(lstatSync(path).uid).toBe(0);
  });
});

function makeFolder(path: string, mode: number, uid: number): void {
  mkdirSync(path);
  chmodSync(path, mode);
  chownSync(path, uid, uid);
}
