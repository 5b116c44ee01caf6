// `exec`: a command that finds tokens at its own endpoint, and is otherwise as if it had been run without us.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { World } from '../support/harness/world.ts';
import { binary, killAgent, type Run, run, runWithInput, signIn, worldForTest } from './support.ts';

const RESOURCE = 'https://cognitiveservices.azure.com';
/** What a client does, in one line of shell; `$1` is the resource. */
const FETCH = `curl -s -H "X-IDENTITY-HEADER: $IDENTITY_HEADER" "$IDENTITY_ENDPOINT?api-version=2019-08-01&resource=\${1:-${RESOURCE}}"`;

async function signedInWorld(config: object = {}): Promise<World> {
  const world = await worldForTest({ config: { allowTokenEndpoint: true, ...config } });
  await signIn(world);
  return world;
}

const exec = (world: World, ...command: string[]): Promise<Run> => run(world.env, 'exec', '--', ...command);
const fetchToken = (world: World, ...args: string[]) => exec(world, 'sh', '-c', FETCH, 'sh', ...args);

function tokenIn({ stdout }: Run): string {
  const { access_token: token = '' } = JSON.parse(stdout) as { access_token?: string };
  return token;
}

describe('a command finds tokens', () => {
  it('only for the configured resource, with the longest possible life', async () => {
    const world = await signedInWorld();
    const first = await fetchToken(world);
    expect(world.entra.checkAccessToken(tokenIn(first))).toBe('valid');
    const { expires_on: expiresOn } = JSON.parse(first.stdout) as { expires_on: string };
    // Entra's tokens live an hour at least; this one was minted moments ago, by the sign-in.
    expect(Number(expiresOn) - Date.now() / 1000).toBeGreaterThan(3_500);
    expect(tokenIn(await fetchToken(world, `${RESOURCE}/`))).toBe(tokenIn(first));
    const other = JSON.parse((await fetchToken(world, 'https://graph.microsoft.com')).stdout) as object;
    expect(other).toMatchObject({
      statusCode: 400,
      message: expect.stringMatching(
        /ERR_ENDPOINT_RESOURCE.*asked for https:\/\/graph\.microsoft\.com, configured is https:\/\/cog/,
      ),
    });
    const client = await exec(world, 'sh', '-c', FETCH.replace('2019-08-01', '2019-08-01&client_id=other'));
    expect(client.stdout).toContain('asked for the application other');
    expect(world.entra.count('refresh')).toBe(0);
  });

  it('even after the agent is killed', async () => {
    const world = await signedInWorld();
    const running = exec(
      world,
      'sh',
      '-c',
      `touch "$0/started"; while [ ! -e "$0/go" ]; do sleep 0.05; done; ${FETCH}`,
      world.sandbox.root,
    );
    await expect.poll(() => existsSync(join(world.sandbox.root, 'started'))).toBe(true);
    await killAgent(world.env);
    writeFileSync(join(world.sandbox.root, 'go'), '');
    expect(world.entra.checkAccessToken(tokenIn(await running))).toBe('valid');
  });

  it('no longer when it has ended, nor when the admin turns it off meanwhile', async () => {
    const world = await signedInWorld();
    const { stdout: address } = await exec(world, 'printenv', 'IDENTITY_ENDPOINT');
    await expect(fetch(address.trim())).rejects.toThrow();
    const turnOff = `sed -i 's/"allowTokenEndpoint": *true/"allowTokenEndpoint":false/' "$0"; ${FETCH}`;
    const { stdout } = await exec(world, 'sh', '-c', turnOff, world.sandbox.configFile);
    expect(stdout).toContain('ERR_ENDPOINT_OFF');
  });

  it('with its own secret each time, and in no one’s command line', async () => {
    const world = await signedInWorld();
    const script = 'printenv IDENTITY_HEADER; cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n"';
    const [first, second] = await Promise.all([exec(world, 'sh', '-c', script), exec(world, 'sh', '-c', script)]);
    const secrets = [first, second].map(({ stdout }) => stdout.split('\n')[0] ?? '');
    expect(new Set(secrets).size).toBe(2);
    for (const { stdout } of [first, second]) {
      const commandLines = stdout.split('\n').slice(1).join('\n');
      for (const secret of [...secrets, ...world.entra.secrets()]) expect(commandLines).not.toContain(secret);
    }
  });

  it("without the environment's proxy, and with its exceptions", async () => {
    const world = await signedInWorld();
    const variables = async (env: object) => {
      const { stdout } = await run({ ...world.env, ...env }, 'exec', '--', 'sh', '-c', 'echo "$NO_PROXY|$no_proxy"');
      return stdout.trim();
    };
    expect(await variables({})).toBe('|');
    expect(await variables({ https_proxy: 'http://proxy:1' })).toBe('127.0.0.1|127.0.0.1');
    expect(await variables({ HTTPS_PROXY: 'http://proxy:1', no_proxy: '.contoso.com' })).toBe(
      '.contoso.com,127.0.0.1|.contoso.com,127.0.0.1',
    );
  });

  it('and not those of another endpoint that the environment names', async () => {
    const world = await signedInWorld();
    const env = { ...world.env, MSI_ENDPOINT: 'http://x', MSI_SECRET: 's', IDENTITY_SERVER_THUMBPRINT: 't', KEPT: 'k' };
    const { stdout } = await run(env, 'exec', '--', 'env');
    expect(stdout).toContain('KEPT=k');
    expect(stdout).not.toMatch(/^(?:MSI_|IDENTITY_SERVER)/m);
  });
});

describe('a command runs as it would without "exec"', () => {
  it('with its arguments, input, output and exit code', async () => {
    const world = await signedInWorld();
    const args = ['two words', '--json', '$HOME', '-h', ''];
    const { exitCode, stdout, stderr } = await runWithInput(world.env, 'typed', [
      binary,
      'exec',
      'sh',
      '-c',
      'printf "<%s>" "$@"; cat; echo oops >&2; exit 42',
      'sh',
      ...args,
    ]);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 42,
      stdout: '<two words><--json><$HOME><-h><>typed',
      stderr: 'oops\n',
    });
  });

  it.each<[string, string, number, string]>([
    ['no such command', 'no-such-command-anywhere', 127, 'ENOENT'],
    ['no name, as of an empty variable', '', 127, 'ENOENT'],
    ['a link that leads nowhere', '{folder}/dangling', 127, 'ENOENT'],
    ['a script whose interpreter is missing', '{folder}/script', 127, 'ENOENT'],
    ['one that may not be run', '{folder}/plain', 126, 'EACCES'],
    ['a folder', '{folder}', 126, 'EACCES'],
    // Node throws these three instead of emitting them.
    ['one below a file', '{folder}/plain/x', 126, 'ENOTDIR'],
    ['a link that leads to itself', '{folder}/loop', 126, 'ELOOP'],
    ['a name that is too long', 'x'.repeat(300), 126, 'ENAMETOOLONG'],
    ['a path that is too long', '/x'.repeat(3_000), 126, 'ENAMETOOLONG'],
  ])('%s: exit code as of a shell', async (_, command, exitCode, reason) => {
    const world = await signedInWorld();
    const folder = unrunnableFiles(world);
    const result = await exec(world, command.replace('{folder}', folder));
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toMatch(new RegExp(`^foundry-credential-helper: .{1,600} \\(${reason}\\)\n$`));
  });

  it.runIf(process.platform === 'linux')(
    "one for another processor, and half a one, aren't run as scripts",
    async () => {
      const world = await signedInWorld();
      const folder = unrunnableFiles(world);
      for (const name of ['foreign', 'half']) {
        const result = await run({ ...world.env, PATH: `${folder}:/usr/bin:/bin` }, 'exec', '--', name);
        expect(result).toMatchObject({ exitCode: 126, stdout: '', stderr: expect.stringContaining('(ENOEXEC)') });
      }
    },
  );

  it.runIf(process.platform === 'linux')('a limit of the system: the same exit code as in a shell', async () => {
    const world = await signedInWorld();
    // A variable may have 128 KiB; with what the program adds to this one, it has more.
    const env = { ...world.env, HTTPS_PROXY: 'http://proxy:1', NO_PROXY: 'a'.repeat(131_055) };
    const tooBig = await run(env, 'exec', '--', 'true');
    expect(tooBig).toMatchObject({ exitCode: 126, stdout: '', stderr: expect.stringContaining('(E2BIG)') });
    // Node itself needs 20 file descriptors.
    for (const limit of [20, 21, 22, 23, 24]) {
      const script = `ulimit -n ${limit}; exec "$0" exec -- true`;
      const { exitCode, stdout, stderr } = await runWithInput(world.env, '', ['sh', '-c', script, binary]);
      expect([0, 6, 126]).toContain(exitCode);
      expect({ stdout, says: exitCode === 0 || /^foundry-credential-helper: .*EMFILE/.test(stderr) }).toEqual({
        stdout: '',
        says: true,
      });
    }
  });

  it.runIf(process.platform === 'linux')('also in a working folder that is gone', async () => {
    const world = await signedInWorld();
    const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" exec -- "$@"';
    const inGone = (...command: string[]) =>
      runWithInput(world.env, '', ['sh', '-c', script, binary, ...command], world.sandbox.root);
    expect(await inGone('true')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(await inGone('./true')).toMatchObject({ exitCode: 127, stdout: '' });
  });

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGUSR2'] as const)('and gets %s', async (signal) => {
    const world = await signedInWorld();
    const mark = join(world.sandbox.root, 'got');
    const script = `trap 'echo ${signal} > "$0"; exit 3' ${signal.slice(3)}; echo ready; while :; do sleep 0.05; done`;
    const end = await signalled(world, signal, 'sh', '-c', script, mark);
    expect(end).toEqual({ code: 3, signal: null });
    expect(readFileSync(mark, 'utf8').trim()).toBe(signal);
  });

  it('and ends us as it was ended', async () => {
    const world = await signedInWorld();
    const end = await signalled(world, 'SIGTERM', 'sh', '-c', 'echo ready; exec sleep 60');
    expect(end).toEqual({ code: null, signal: 'SIGTERM' });
    const crash = await exec(world, 'sh', '-c', 'kill -ABRT $$');
    expect(crash.exitCode).toBe(128 + 6);
  });
});

describe('no command is started', () => {
  const mark = (world: World) => join(world.sandbox.root, 'started');

  it.each([
    ['where the endpoint is off', {}, 3, 'ERR_ENDPOINT_OFF'],
    [
      'where a key is handed out',
      { allowTokenEndpoint: true, credential: 'api-key', foundryResource: 'contoso' },
      2,
      'ERR_USAGE',
    ],
    ['if no one is signed in', { allowTokenEndpoint: true }, 4, 'ERR_SIGN_IN_REQUIRED'],
  ])('%s', async (_, config, exitCode, code) => {
    const world = await worldForTest({ config });
    const result = await exec(world, 'touch', mark(world));
    expect(result).toMatchObject({ exitCode, stdout: '' });
    expect(result.stderr).toContain(code);
    expect(existsSync(mark(world))).toBe(false);
  });

  it('without one', async () => {
    const world = await worldForTest();
    expect(await run(world.env, 'exec')).toMatchObject({ exitCode: 2, stdout: '' });
  });
});

/** A folder of files that can't be started. */
function unrunnableFiles({ sandbox }: World): string {
  const folder = join(sandbox.root, 'unrunnable');
  mkdirSync(folder);
  const put = (name: string, content: string | Buffer, mode = 0o755): void =>
    writeFileSync(join(folder, name), content, { mode });
  symlinkSync('loop', join(folder, 'loop'));
  symlinkSync('nowhere', join(folder, 'dangling'));
  put('plain', '#!/bin/sh\n', 0o600);
  put('script', '#!/nonexistent/interpreter\n');
  const program = readFileSync('/bin/sh');
  put('half', program.subarray(0, 100));
  const AARCH64 = 183;
  const X86_64 = 62;
  program.writeUInt16LE(process.arch === 'x64' ? AARCH64 : X86_64, 18);
  put('foreign', program);
  return folder;
}

/** Sends the signal to us once the command says "ready". */
function signalled(world: World, signal: NodeJS.Signals, ...command: string[]) {
  return new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    const child = spawn(binary, ['exec', '--', ...command], { env: world.env, stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    child.stdout.once('data', () => child.kill(signal));
    child.on('close', (code, by) => resolve({ code, signal: by }));
  });
}
