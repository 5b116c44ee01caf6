// The MDM's shell scripts, run as an MDM runs them, against the compiled binary in every state. What is of macOS
// (`stat -f`, `launchctl asuser`) and what would make us root are stubs on PATH that record what they were asked.
import { execFile, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { findSecretsInText } from '../support/harness/find-secrets.ts';
import type { World, WorldOptions } from '../support/harness/world.ts';
import { canPlayTwoUsers, createVictim, NOBODY } from './attack/support.ts';
import { agentProcess, binary, killAgent, type Run, run, signIn, worldForTest } from './support.ts';

const JAMF = join(projectFolder, 'deploy/jamf/extension-attribute.sh');
const KANDJI = join(projectFolder, 'deploy/kandji/audit.sh');
const UID = 501;

interface Mac {
  readonly env: NodeJS.ProcessEnv;
  /** One line for each command that `launchctl` and `sudo` were given. */
  calls(): string[];
}

/** A Mac at whose console `user` sits, for an MDM that is root. */
function mac(root: string, env: NodeJS.ProcessEnv, user: string, asUser = 'exec "$@"'): Mac {
  const bin = join(root, 'mac-bin');
  const record = join(root, 'mac-calls');
  mkdirSync(bin, { recursive: true });
  const stub = (name: string, body: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  stub('stat', `[ "$*" = "-f %Su /dev/console" ] || exit 1\nprintf '%s\\n' '${user}'`);
  stub('id', `case "$*" in\n-u) echo 0 ;;\n'-u tester') echo ${UID} ;;\n*) exit 1 ;;\nesac`);
  stub('launchctl', `echo "launchctl $*" >> '${record}'\n[ "$1" = asuser ] || exit 1\nshift 2\nexec "$@"`);
  stub('sudo', `echo "sudo $*" >> '${record}'\n[ "$1 $2 $4" = "-H -u --" ] || exit 1\nshift 4\n${asUser}`);
  appendFileSync(record, '');
  return {
    env: {
      ...env,
      PATH: [bin, env['PATH']].join(delimiter),
      FOUNDRY_CREDENTIAL_HELPER_BINARY: binary,
    },
    calls: () => readFileSync(record, 'utf8').split('\n').filter(Boolean),
  };
}

/** As sudo 1.9 does if the program can't be started: its exit code is 1. It ends itself with the program's signal. */
const SUDO = `"$@"
code=$?
case $code in
126) echo "sudo: unable to execute $1: Exec format error" >&2; exit 1 ;;
127) echo "sudo: $1: command not found" >&2; exit 1 ;;
esac
[ "$code" -le 128 ] || kill -"$((code - 128))" $$
exit "$code"`;

/** What a Mac's `/bin/sh` may be. */
const SHELLS = [
  { name: 'dash', shell: ['/bin/dash'] },
  { name: 'bash', shell: ['/bin/bash', '--posix'] },
  { name: 'zsh', shell: ['/bin/zsh', '--emulate', 'sh'] },
];

function sh(script: string, env: NodeJS.ProcessEnv, shell: readonly string[] = ['/bin/sh']): Promise<Run> {
  const [program = '', ...options] = shell;
  return new Promise((resolve) => {
    execFile(program, [...options, script], { env, timeout: 60_000 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode, stdout, stderr });
    });
  });
}

/**
 * Runs both scripts and expects them to agree; the audit's exit code is `exit`. The state may have a reason after it.
 */
async function expectState(
  world: World,
  state: string | RegExp,
  exit: 0 | 1,
  user = 'tester',
  shell?: readonly string[],
): Promise<void> {
  const { env } = mac(world.sandbox.root, world.env, user);
  const [jamf, kandji] = [await sh(JAMF, env, shell), await sh(KANDJI, env, shell)];
  const [, shown = ''] = /^<result>(.*)<\/result>\n$/.exec(jamf.stdout) ?? [];
  expect(shown).toMatch(typeof state === 'string' ? new RegExp(`^${state}$`) : state);
  expect(jamf).toMatchObject({ exitCode: 0, stderr: '' });
  expect(kandji).toEqual({ exitCode: exit, stdout: `foundry-credential-helper: ${shown}\n`, stderr: '' });
  const secrets = [...world.entra.secrets(), 'c4naryApiKey0123456789', 'ada@contoso.com', world.env['HOME'] ?? ''];
  expect(findSecretsInText(JSON.stringify([jamf, kandji]), secrets, 'output')).toEqual([]);
}

const started = async (options?: WorldOptions): Promise<World> => {
  const world = await worldForTest(options);
  await run(world.env, 'agent', 'start');
  return world;
};

describe('status --mdm', () => {
  it('prints one word, and only a reason on stderr', async () => {
    const world = await started();
    expect(await run(world.env, 'status', '--mdm')).toEqual({ exitCode: 0, stdout: 'signed-out\n', stderr: '' });
    await signIn(world);
    expect(await run(world.env, 'status', '--mdm')).toEqual({ exitCode: 0, stdout: 'signed-in\n', stderr: '' });
    world.sandbox.writeConfig({ ...world.config, accountHint: 'grace@contoso.com' });
    const { exitCode, stdout, stderr } = await run(world.env, 'status', '--mdm');
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'sign-in-required\n' });
    expect(stderr).toMatch(/^ERR_SIGN_IN_OTHER_ACCOUNT: [^\n]+\n$/);
    expect(stderr).not.toContain('contoso.com');
  });

  it('names a file without the home folder, and starts no agent', async () => {
    const world = await worldForTest();
    const { XDG_CONFIG_HOME: _, ...env } = world.env;
    const folder = join(env['HOME'] ?? '', '.config/foundry-credential-helper');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, 'config.json'), '{', { mode: 0o600 });
    const { exitCode, stdout, stderr } = await run(env, 'status', '--mdm');
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: 'misconfigured\n' });
    expect(stderr).toMatch(/^ERR_CONFIG_UNREADABLE: .*~\/.*config\.json.*\n$/);
    expect(stderr).not.toContain(world.env['HOME']);
    expect(world.sandbox.processes()).toEqual([]);
  });

  it('finds a missing setting without an agent', async () => {
    const world = await worldForTest({ config: { tenantId: undefined } });
    const result = await run(world.env, 'status', '--mdm');
    expect(result).toMatchObject({ exitCode: 1, stdout: 'misconfigured\n' });
    expect(result.stderr).toMatch(/^ERR_CONFIG_MISSING: .*"tenantId"/);
  });

  it('takes no --json', async () => {
    const world = await worldForTest();
    expect(await run(world.env, 'status', '--mdm', '--json')).toMatchObject({ exitCode: 2, stdout: '' });
  });
});

describe('the scripts for Jamf and Kandji', () => {
  it('share the part that they have in common', () => {
    const part = (path: string): string =>
      /^# --- begin: .*^# --- end ---$/ms.exec(readFileSync(path, 'utf8'))?.[0] ?? path;
    expect(part(JAMF).length).toBeGreaterThan(1000);
    expect(part(KANDJI)).toBe(part(JAMF));
  });

  it('no agent: passes, and starts none', async () => {
    const world = await worldForTest();
    await expectState(world, 'agent-not-running', 0);
    expect(world.sandbox.processes()).toEqual([]);
  });

  it('no one signed in, then someone, then stopped', async () => {
    const world = await started();
    await expectState(world, 'signed-out', 0);
    await signIn(world);
    await expectState(world, 'signed-in', 0);
    await killAgent(world.env);
    await expectState(world, 'agent-not-running', 0);
  });

  it('a sign-in that waits for the user, and one that was revoked', async () => {
    const world = await worldForTest({ config: { minimumTokenLifetimeSeconds: 3300 } });
    const login = run(world.env, 'login', '--no-browser');
    const code = await world.entra.waitForUserCode();
    await expectState(world, 'pending', 0);
    world.entra.approve(code);
    expect(await login).toMatchObject({ exitCode: 0 });
    world.entra.revokeAll();
    await killAgent(world.env);
    expect((await run(world.env, 'token')).exitCode).toBe(4);
    await expectState(world, /^ended: ERR_SIGN_IN_ENDED: the sign-in has expired or was revoked/, 0);
  });

  it('a locked keystore fails, named', async () => {
    const world = await worldForTest();
    await signIn(world);
    await killAgent(world.env);
    await world.secretService?.lock();
    await run(world.env, 'agent', 'start');
    await expectState(world, /^keystore-fault: ERR_KEYSTORE_LOCKED: the keystore is locked/, 1);
  });

  it('an agent that hangs fails, and so does a network that is down', async () => {
    const world = await started();
    const pid = agentProcess(world);
    process.kill(pid, 'SIGSTOP');
    await expectState(world, /^agent-hung: ERR_AGENT_UNREACHABLE: /, 1);
    process.kill(pid, 'SIGCONT');
    await signIn(world);
    await killAgent(world.env);
    world.entra.setFault('token', { kind: 'http', status: 503 });
    world.entra.setFault('refresh', { kind: 'http', status: 503 });
    expect((await run(world.env, 'token')).exitCode).toBe(7);
    await expectState(world, /^offline: ERR_/, 1);
  });

  it('a refusal of Entra fails, and is named', async () => {
    const world = await worldForTest({ config: { minimumTokenLifetimeSeconds: 3300 } });
    await signIn(world);
    await killAgent(world.env);
    world.entra.setFault('refresh', { kind: 'aadsts', code: 53003 });
    expect((await run(world.env, 'token')).exitCode).toBe(9);
    await expectState(world, /^refused: ERR_POLICY_BLOCKED: .*53003/, 1);
  });

  it('an invalid setting fails, named', async () => {
    const world = await started({ config: { tenantId: 'common' } });
    await expectState(world, /^misconfigured: ERR_CONFIG_INVALID: .*"tenantId"/, 1);
    await killAgent(world.env);
    await expectState(world, /^misconfigured: ERR_CONFIG_INVALID: .*"tenantId"/, 1);
  });

  it('an endpoint that someone else could use fails, named', async () => {
    const world = await started();
    chmodSync(join(world.sandbox.runtimeFolder, 'agent.sock'), 0o666);
    await expectState(world, /^agent-fault: ERR_AGENT_UNTRUSTED: /, 1);
  });

  it('a program that says nothing fails with its exit code', async () => {
    const world = await worldForTest();
    const broken = join(world.sandbox.root, 'broken');
    writeFileSync(broken, '#!/bin/sh\necho "<result>&forged</result>"\nexit 42\n');
    chmodSync(broken, 0o755);
    const { env } = mac(world.sandbox.root, world.env, 'tester');
    const output = await sh(JAMF, { ...env, FOUNDRY_CREDENTIAL_HELPER_BINARY: broken });
    expect(output.stdout).toBe('<result>blocked: exit 42</result>\n');
  });

  it.each(SHELLS)('run in $name: without a reason, and with one', async ({ shell }) => {
    const world = await started();
    await expectState(world, 'signed-out', 0, 'tester', shell);
    world.sandbox.writeConfig({ ...world.config, tenantId: 'common' });
    await expectState(world, /^misconfigured: ERR_CONFIG_INVALID: /, 1, 'tester', shell);
    chmodSync(join(world.sandbox.runtimeFolder, 'agent.sock'), 0o666);
    await expectState(world, /^agent-fault: ERR_AGENT_UNTRUSTED: /, 1, 'tester', shell);
    await expectState(world, 'no-user', 0, 'root', shell);
  });

  it('an API key is a sign-in here', async () => {
    const world = await started({ config: { credential: 'api-key' } });
    await expectState(world, 'signed-out', 0);
    spawnSync(binary, ['login', '--api-key'], { env: world.env, input: 'c4naryApiKey0123456789' });
    await expectState(world, 'signed-in', 0);
  });

  it.each(['root', 'loginwindow', '_mbsetupuser', '', 'somebody-unknown'])(
    'at the console is "%s": passes, and nothing is run',
    async (user) => {
      const world = await started();
      await expectState(world, 'no-user', 0, user);
      expect(mac(world.sandbox.root, world.env, user).calls()).toEqual([]);
    },
  );

  it('not installed: fails, and nothing is run', async () => {
    const world = await worldForTest();
    const { env, calls } = mac(world.sandbox.root, world.env, 'tester');
    const missing = { ...env, FOUNDRY_CREDENTIAL_HELPER_BINARY: '/nonexistent/foundry-credential-helper' };
    expect(await sh(KANDJI, missing)).toMatchObject({
      exitCode: 1,
      stdout: 'foundry-credential-helper: not-installed\n',
    });
    expect(await sh(JAMF, missing)).toMatchObject({ exitCode: 0, stdout: '<result>not-installed</result>\n' });
    expect(calls()).toEqual([]);
  });

  it.each<[string, (path: string) => void]>([
    ['not executable', (path) => writeFileSync(path, '#!/bin/sh\n', { mode: 0o644 })],
    ['a folder', (path) => mkdirSync(path)],
    ['of another format', (path) => writeFileSync(path, Buffer.from([0xca, 0xfe, 0xba, 0xbe]), { mode: 0o755 })],
    ['cut short', (path) => writeFileSync(path, readFileSync(binary).subarray(0, 5000), { mode: 0o755 })],
    ['for a loader that is missing', (path) => writeFileSync(path, '#!/nonexistent/loader\n', { mode: 0o755 })],
    ...['KILL', 'ABRT', 'ILL', 'SEGV', 'BUS', 'TRAP'].map((signal): [string, (path: string) => void] => [
      `ended by SIG${signal}`,
      (path) => writeFileSync(path, `#!/bin/sh\nkill -${signal} $$\n`, { mode: 0o755 }),
    ]),
  ])('a program that is %s is blocked, in every shell, for root and for the user', async (_, make) => {
    const world = await worldForTest();
    const path = join(world.sandbox.root, 'blocked');
    make(path);
    const { env } = mac(world.sandbox.root, world.env, 'tester');
    // What sudo says and exits with if it can't start the program.
    const sudo = mac(join(world.sandbox.root, 'sudo'), world.env, 'tester', SUDO).env;
    for (const { shell } of SHELLS) {
      for (const as of [env, sudo]) {
        const given = { ...as, FOUNDRY_CREDENTIAL_HELPER_BINARY: path };
        expect(await sh(JAMF, given, shell)).toEqual({
          exitCode: 0,
          stdout: expect.stringMatching(/^<result>blocked: exit \d+<\/result>\n$/),
          stderr: expect.any(String),
        });
        expect(await sh(KANDJI, given, shell)).toMatchObject({
          exitCode: 1,
          stdout: expect.stringMatching(/^foundry-credential-helper: blocked: exit \d+\n$/),
        });
      }
    }
  });

  it("a program that doesn't print a single word fails, whatever it exits with", async () => {
    const world = await worldForTest();
    const path = join(world.sandbox.root, 'rubbish');
    const { env } = mac(world.sandbox.root, world.env, 'tester');
    for (const code of [0, 1, 4, 5, 6, 255]) {
      writeFileSync(path, `#!/bin/sh\necho "No such option."\nexit ${code}\n`, { mode: 0o755 });
      const { stdout } = await sh(JAMF, { ...env, FOUNDRY_CREDENTIAL_HELPER_BINARY: path });
      expect(stdout).toBe(`<result>blocked: exit ${code}</result>\n`);
    }
  });

  it('a word with an exit code that it never has fails', async () => {
    const world = await worldForTest();
    const path = join(world.sandbox.root, 'word');
    const { env } = mac(world.sandbox.root, world.env, 'tester');
    for (const code of [2, 10, 11, 100]) {
      writeFileSync(path, `#!/bin/sh\necho signed-in\nexit ${code}\n`, { mode: 0o755 });
      const output = await sh(KANDJI, { ...env, FOUNDRY_CREDENTIAL_HELPER_BINARY: path });
      expect(output).toMatchObject({ exitCode: 1, stdout: `foundry-credential-helper: blocked: exit ${code}\n` });
    }
  });

  it("ask in the console user's session, as that user", async () => {
    const world = await worldForTest();
    const { env, calls } = mac(world.sandbox.root, world.env, 'tester');
    await sh(JAMF, env);
    const asked = `sudo -H -u tester -- ${binary} status --mdm`;
    expect(calls()).toEqual([`launchctl asuser ${UID} ${asked}`, asked]);
  });

  it.runIf(canPlayTwoUsers)('as root for a real other user: the agent that answers is that user’s', async () => {
    const victim = createVictim(NOBODY);
    expect(await victim.run('agent', 'start')).toMatchObject({ exitCode: 0 });
    const asUser = `exec setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups "$@"`;
    const { env } = mac(victim.sandbox.root, victim.sandbox.env, 'tester', asUser);
    // This user has no keystore, and no other user's agent would know that.
    expect(await sh(KANDJI, env)).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/^foundry-credential-helper: keystore-fault: ERR_KEYSTORE_UNAVAILABLE: /),
    });
    const asRoot = mac(victim.sandbox.root, victim.sandbox.env, 'tester');
    expect((await sh(KANDJI, asRoot.env)).stdout).not.toContain('KEYSTORE');
  });
});
