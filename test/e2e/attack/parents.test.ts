// Another user, or root, above this user's folders: whose folder they are in decides what is in them a moment later.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sample } from '../../support/harness/long.ts';
import {
  binary,
  canPlayTwoUsers,
  createVictim,
  DAEMON,
  NOBODY,
  type RunResult,
  runAs,
  type Victim,
} from './support.ts';

const NAME = 'foundry-credential-helper';

const envOf = ({ sandbox }: Victim, variable: string): string => sandbox.env[variable] ?? '';

/** A folder of anyone's, with the given mode whatever the umask. */
function folder(path: string, uid: number, mode: number): string {
  mkdirSync(path, { recursive: true });
  chownSync(path, uid, uid);
  chmodSync(path, mode);
  return path;
}

function link(target: string, path: string, uid: number): string {
  symlinkSync(target, path);
  lchownSync(path, uid, uid);
  return path;
}

/** The victim's own folder in `above`, and `variable` pointing there. */
function moveInto(victim: Victim, variable: string, above: string): Record<string, string> {
  const moved = victim.ownFolder(join(above, 'mine'));
  return { ...victim.sandbox.env, [variable]: moved };
}

const helper = (victim: Victim, env: Record<string, string>): Promise<RunResult> =>
  runAs(victim.uid, binary, [], { ...env, CLAUDE_HELPER_CONTEXT: 'background' });

const REFUSALS = [
  ['belongs to another user', (root: string) => folder(join(root, 'above'), DAEMON, 0o755), /belongs to another user/],
  ['is open to its group', (root: string) => folder(join(root, 'above'), NOBODY, 0o770), /chmod go-w/],
  ['is open to everyone', (root: string) => folder(join(root, 'above'), NOBODY, 0o777), /chmod go-w/],
  [
    'is sticky, and of another user',
    (root: string) => folder(join(root, 'above'), DAEMON, 0o1777),
    /belongs to another user/,
  ],
  [
    "is reached by another user's link",
    (root: string) => {
      chmodSync(root, 0o1777);
      return link(folder(join(root, 'real'), NOBODY, 0o755), join(root, 'above'), DAEMON);
    },
    /belongs to another user/,
  ],
  [
    'is reached by a link into a folder that is open to everyone',
    (root: string) => {
      const open = folder(join(root, 'open'), NOBODY, 0o777);
      return link(folder(join(open, 'real'), NOBODY, 0o755), join(root, 'above'), NOBODY);
    },
    /chmod go-w/,
  ],
] as const;

const ACCEPTED = [
  ["is root's", (root: string) => folder(join(root, 'above'), 0, 0o755)],
  ["is root's, sticky, and open to everyone", (root: string) => folder(join(root, 'above'), 0, 0o1777)],
  [
    "is reached by root's link",
    (root: string) => link(folder(join(root, 'real'), NOBODY, 0o755), join(root, 'above'), 0),
  ],
  [
    'is reached by a link of this user’s',
    (root: string) => link(folder(join(root, 'real'), NOBODY, 0o755), join(root, 'above'), NOBODY),
  ],
] as const;

describe.runIf(canPlayTwoUsers)('a folder above the state folder that', () => {
  it.each(sample(REFUSALS, 2))('%s is refused and named, and nothing is written there', async (_, prepare, reason) => {
    const victim = createVictim(NOBODY);
    const above = prepare(victim.sandbox.root);
    const env = moveInto(victim, 'XDG_STATE_HOME', above);
    env['XDG_RUNTIME_DIR'] = '/nonexistent';
    const { exitCode, stdout, stderr } = await helper(victim, env);
    expect({ exitCode, stdout, stderr }).toMatchObject({
      exitCode: 6,
      stdout: '',
      stderr: expect.stringMatching(/error\[ERR_AGENT_UNTRUSTED\]/),
    });
    expect(stderr).toMatch(reason);
    expect(readdirSync(env['XDG_STATE_HOME'] ?? '')).toEqual([]);
  });

  it.each(sample(ACCEPTED, 2))('%s is used', async (_, prepare) => {
    const victim = createVictim(NOBODY);
    const env = moveInto(victim, 'XDG_STATE_HOME', prepare(victim.sandbox.root));
    env['XDG_RUNTIME_DIR'] = '/nonexistent';
    expect((await helper(victim, env)).stderr).toContain('error[ERR_KEYSTORE_UNAVAILABLE]');
    expect(readdirSync(join(env['XDG_STATE_HOME'] ?? '', NAME))).toContain('agent.sock');
  });

  // Debian's `daemon` is in a group of that number with no one else, `no one` in one with other users.
  it("is open to the user's private group is accepted, since Fedora and Ubuntu create such folders", async () => {
    const victim = createVictim(DAEMON);
    const env = moveInto(victim, 'XDG_STATE_HOME', folder(join(victim.sandbox.root, 'above'), DAEMON, 0o775));
    env['XDG_RUNTIME_DIR'] = '/nonexistent';
    expect((await helper(victim, env)).stderr).toContain('error[ERR_KEYSTORE_UNAVAILABLE]');
    expect(readdirSync(join(env['XDG_STATE_HOME'] ?? '', NAME))).toContain('agent.sock');
  });
});

describe.runIf(canPlayTwoUsers)("a folder above this user's config.json that", () => {
  it.each(sample(REFUSALS, 2))('%s is refused and named', async (_, prepare, reason) => {
    const victim = createVictim(NOBODY);
    const env = moveInto(victim, 'XDG_CONFIG_HOME', prepare(victim.sandbox.root));
    victim.ownFolder(join(env['XDG_CONFIG_HOME'] ?? '', NAME));
    victim.ownFile(join(env['XDG_CONFIG_HOME'] ?? '', NAME, 'config.json'), '{"cloud":"china"}');
    const { exitCode, stdout, stderr } = await runAs(NOBODY, binary, ['config', 'show'], env);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(reason) });
    expect(stdout).not.toContain('china');
  });
});

describe.runIf(canPlayTwoUsers)("an agent's folder that another user replaces", () => {
  it("never makes the program print the other user's token, whenever it's replaced", async () => {
    const victim = createVictim(NOBODY);
    const runtime = envOf(victim, 'XDG_RUNTIME_DIR');
    victim.ownFolder(victim.folders.runtime);
    await victim.helper();
    expect(existsSync(join(victim.folders.runtime, 'agent.sock'))).toBe(true);
    // The session's folder is the other user's, as after `su` in their directory.
    chmodSync(victim.sandbox.root, 0o755);
    const swapped = folder(join(dirname(runtime), 'theirs'), DAEMON, 0o755);
    const env = { ...victim.sandbox.env, XDG_RUNTIME_DIR: join(swapped, 'run') };
    folder(env.XDG_RUNTIME_DIR, NOBODY, 0o700);
    const own = victim.ownFolder(join(env.XDG_RUNTIME_DIR, NAME));
    await listen(join(own, 'agent.sock'), NOBODY, '{}');
    const evil = folder(join(swapped, 'evil'), DAEMON, 0o755);
    folder(join(evil, NAME), DAEMON, 0o755);
    await listen(join(evil, NAME, 'agent.sock'), DAEMON, answerWith('MALLORYS-TOKEN'));
    await startSwapping(env.XDG_RUNTIME_DIR, evil);
    const outputs: string[] = [];
    for (let run = 0; run < RUNS; run += 1) outputs.push((await helper(victim, env)).stdout);
    expect(outputs.filter((text) => text.includes('MALLORYS-TOKEN'))).toEqual([]);
  });
});

const RUNS = 60;

const answerWith = (output: string): string =>
  `${JSON.stringify({ protocol: 1, version: '0.1.0', result: { output } })}\n`;

async function listen(path: string, uid: number, reply: string): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(reply));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
  chownSync(path, uid, uid);
  chmodSync(path, uid === NOBODY ? 0o600 : 0o777);
}

/** renameat2(2) with RENAME_EXCHANGE, by architecture. Debian always has perl. */
const RENAMEAT2: Readonly<Record<string, number>> = { x64: 316, arm64: 276 };

/** The other user exchanges both folders without a pause. Resolves when each has been in the other's place. */
async function startSwapping(own: string, evil: string): Promise<void> {
  const script = `1 while syscall(${RENAMEAT2[process.arch]}, -100, $ARGV[0], -100, $ARGV[1], 2) == 0`;
  const child = spawn('/usr/bin/perl', ['-e', script, own, evil], { uid: DAEMON, gid: DAEMON, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  for (const owner of [DAEMON, NOBODY]) {
    await expect.poll(() => lstatSync(own).uid, { interval: 0 }).toBe(owner);
  }
}

/** Every path below, with owner and mode. */
function listing(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((path) => {
      const { uid, mode, size } = lstatSync(join(root, path));
      return `${path} ${uid} ${mode} ${size}`;
    });
}

const WRITING = [
  [],
  ['agent', 'run'],
  ['agent', 'start'],
  ['agent', 'status'],
  ['agent', 'install'],
  ['agent', 'uninstall', '--purge'],
  ['claude-code', 'token'],
  ['claude-code', 'configure'],
  ['claude-desktop', 'configure'],
  ['config', 'init'],
  ['config', 'show'],
  ['doctor'],
  ['exec', '--', 'true'],
  ['keystore-probe'],
  ['login'],
  ['logout'],
  ['report', '/nonexistent/report.md'],
  ['status'],
  ['token'],
] as const;

describe.runIf(canPlayTwoUsers)("root in another user's home", () => {
  it.each(sample(WRITING, 3).map((args) => [args.join(' ') || 'the helper', args] as const))(
    '%s: creates nothing, starts nothing, and says so',
    async (_, args) => {
      const victim = createVictim(NOBODY);
      const before = listing(victim.sandbox.root);
      const { exitCode, stdout, stderr } = await runAs(0, binary, args, {
        ...victim.sandbox.env,
        CLAUDE_HELPER_CONTEXT: 'interactive',
      });
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toContain('error[ERR_ROOT_IN_USER_HOME]');
      expect(stderr).toContain(`${victim.sandbox.root} belongs to another user (uid ${NOBODY})`);
      expect(stderr).toContain('run it without sudo');
      expect(listing(victim.sandbox.root)).toEqual(before);
      expect(victim.sandbox.processes()).toEqual([]);
    },
  );

  it.each(['HOME', 'XDG_CONFIG_HOME', 'XDG_STATE_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'CLAUDE_CONFIG_DIR'])(
    'is found by %s alone',
    async (variable) => {
      const roots = createVictim(0);
      const theirs = folder(join(roots.sandbox.root, 'theirs'), NOBODY, 0o755);
      const { exitCode, stderr } = await runAs(0, binary, ['status'], { ...roots.sandbox.env, [variable]: theirs });
      expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(theirs) });
      expect(readdirSync(theirs)).toEqual([]);
    },
  );

  it('may run what touches no home', async () => {
    const victim = createVictim(NOBODY);
    const file = join(victim.sandbox.root, 'checked.json');
    writeFileSync(file, '{"cloud":"public"}');
    for (const args of [['version'], ['--help'], ['completion', 'bash'], ['config', 'validate', file]]) {
      const { stderr } = await runAs(0, binary, args, victim.sandbox.env);
      expect({ args, stderr }).toEqual({ args, stderr: '' });
    }
  });

  it("may use its own agent, whatever the user's session was", async () => {
    const roots = createVictim(0);
    const theirs = folder(join(roots.sandbox.root, 'session'), NOBODY, 0o700);
    const env = { ...roots.sandbox.env, XDG_RUNTIME_DIR: theirs, CLAUDE_HELPER_CONTEXT: 'background' };
    expect((await runAs(0, binary, [], env)).stderr).toContain('error[ERR_KEYSTORE_UNAVAILABLE]');
    expect(readdirSync(theirs)).toEqual([]);
  });
});

/** What a run with sudo of an older version left in a user's home. */
const LEFT_BEHIND = [
  ['a state folder', (v: Victim) => folder(v.folders.state, 0, 0o700)],
  ['a state folder, below folders of root’s', (v: Victim) => leaveTree(v, 'XDG_STATE_HOME', 0o700)],
  ['the same, that may be read', (v: Victim) => leaveTree(v, 'XDG_STATE_HOME', 0o755)],
  ['a runtime folder', (v: Victim) => folder(v.folders.runtime, 0, 0o700)],
] as const;

function leaveTree(victim: Victim, variable: string, mode: number): string {
  const base = envOf(victim, variable);
  folder(base, 0, mode);
  return base;
}

describe.runIf(canPlayTwoUsers)('what root left behind', () => {
  it.each(LEFT_BEHIND)('%s: every role names path, owner, and remedy', async (_, prepare) => {
    const victim = createVictim(NOBODY);
    const left = prepare(victim);
    for (const run of [
      victim.helper(),
      victim.run('token'),
      victim.run('login', '--no-browser'),
      victim.run('agent', 'run'),
    ]) {
      const { exitCode, stdout, stderr } = await run;
      expect({ exitCode, stdout, stderr }).toMatchObject({
        exitCode: 6,
        stdout: '',
        stderr: expect.stringContaining('error[ERR_AGENT_UNTRUSTED]'),
      });
      expect(stderr).toContain('another user (root)');
      expect(stderr).toContain(`sudo chown -R "$USER" ${left}`);
    }
  });

  it.each(LEFT_BEHIND)('%s: doctor names it as the one cause', async (_, prepare) => {
    const victim = createVictim(NOBODY);
    const left = prepare(victim);
    const { checks } = JSON.parse((await victim.run('doctor', '--json')).stdout) as {
      checks: { id: string; state: string; detail: string; facts?: { blockedBy?: string } }[];
    };
    const byId = Object.fromEntries(checks.map((check) => [check.id, check]));
    expect(byId['folders']).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining(left),
      remedy: expect.stringContaining(`chown -R "$USER" ${left}`),
    });
    for (const id of ['configuration', 'keystore', 'agent', 'token']) {
      expect(byId[id]).toMatchObject({ state: 'skip', facts: { blockedBy: 'folders' } });
    }
  });

  it("a session folder of root's is skipped", async () => {
    const victim = createVictim(NOBODY);
    const env = { ...victim.sandbox.env, XDG_RUNTIME_DIR: folder(join(victim.sandbox.root, 'x'), 0, 0o700) };
    expect((await helper(victim, env)).stderr).toContain('error[ERR_KEYSTORE_UNAVAILABLE]');
  });

  it('a config.json that only root may read is named with its owner', async () => {
    const victim = createVictim(NOBODY);
    chownSync(victim.sandbox.configFile, 0, 0);
    chmodSync(victim.sandbox.configFile, 0o600);
    const { exitCode, stderr } = await victim.run('config', 'show');
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`${victim.sandbox.configFile} belongs to another user (root)`);
    expect(stderr).toContain(`sudo chown -R "$USER" ${victim.sandbox.configFile}`);
  });
});

describe.runIf(canPlayTwoUsers)('a link that another user plants', () => {
  it('in place of a draft of "claude-code configure" is never followed', async () => {
    const victim = createVictim(NOBODY);
    victim.sandbox.writeConfig({
      tenantId: 'contoso.example',
      clientId: '11111111-2222-3333-4444-555555555555',
      foundryResource: 'contoso',
      models: ['claude-sonnet-4-5'],
    });
    chownSync(victim.sandbox.configFile, NOBODY, NOBODY);
    const claude = folder(join(envOf(victim, 'HOME'), '.claude'), NOBODY, 0o777);
    const precious = victim.ownFile(join(victim.sandbox.root, 'precious'), 'precious');
    for (const pid of nextProcessIds()) link(precious, join(claude, `settings.json.${pid}.tmp`), DAEMON);
    const { exitCode, stderr } = await victim.run('claude-code', 'configure');
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`${claude} is writable by others (everyone): run chmod go-w ${claude}`),
    });
    expect(readFileSync(precious, 'utf8')).toBe('precious');
    expect(existsSync(join(claude, 'settings.json'))).toBe(false);
  });

  it.each([
    ['export', (target: string) => ['config', 'export', join(target, 'out'), '--set', 'models=["claude-sonnet-5"]']],
    ['report', (target: string) => ['report', join(target, 'report.md')]],
  ])('on the way to the file of %s is never followed', async (_, argsFor) => {
    const victim = createVictim(NOBODY);
    victim.sandbox.writeConfig({
      tenantId: 'contoso.example',
      clientId: '11111111-2222-3333-4444-555555555555',
      foundryResource: 'contoso',
    });
    chownSync(victim.sandbox.configFile, NOBODY, NOBODY);
    const shared = folder(join(victim.sandbox.root, 'shared'), DAEMON, 0o777);
    const own = victim.ownFolder(join(victim.sandbox.root, 'own'));
    const target = link(own, join(shared, 'target'), DAEMON);
    const { exitCode, stderr } = await victim.run(...argsFor(target));
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`the link ${target} belongs to another user (uid ${DAEMON})`),
    });
    expect(readdirSync(own)).toEqual([]);
  });
});

/** Of the processes that start next: the kernel counts upward. */
function nextProcessIds(): readonly number[] {
  const { pid } = spawn('true');
  return Array.from({ length: 2_000 }, (_, index) => (pid ?? 0) + index);
}

describe.runIf(canPlayTwoUsers)('a program in the working folder', () => {
  it.each([':/usr/bin:/bin', '.:/usr/bin:/bin', '/usr/bin:/bin:'])('is never started with PATH=%s', async (path) => {
    const victim = createVictim(NOBODY);
    const project = folder(join(victim.sandbox.root, 'project'), NOBODY, 0o755);
    const ran = join(victim.sandbox.root, 'ran');
    for (const name of ['systemctl', 'xdg-open', 'notify-send', 'gio', 'ps']) {
      const program = victim.ownFile(join(project, name), `#!/bin/sh\necho ${name} >> ${ran}\nexit 1\n`);
      chmodSync(program, 0o755);
    }
    const env = { ...victim.sandbox.env, PATH: path };
    await runAs(NOBODY, binary, ['agent', 'install'], env, { cwd: project });
    await runAs(NOBODY, binary, [], { ...env, CLAUDE_HELPER_CONTEXT: 'background' }, { cwd: project });
    await runAs(NOBODY, binary, ['agent', 'uninstall'], env, { cwd: project });
    expect(existsSync(ran) ? readFileSync(ran, 'utf8') : '').toBe('');
  });
});
