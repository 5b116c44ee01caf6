// `credential: api-key` on the compiled binary: from standard input into the keystore and out to Claude Desktop, with
// Entra never asked and nobody ever prompted.
import { execFileSync, spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { runHelper } from '../harness/claude-desktop.ts';
import type { World, WorldOptions } from '../harness/world.ts';
import { binary, killAgent, type Run, run, runJson, runWithInput, signIn, worldForTest } from './support.ts';

const KEY = '7vK9c4nary0ApiKey0Abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZAB';
const CONTEXTS = [
  'interactive',
  'mid-session-refresh',
  'scheduled-task',
  'setup-test',
  'background',
  'a-new-one',
  undefined,
];
/** Nothing of Entra's is needed. */
const API_KEY = { credential: 'api-key', tenantId: undefined, clientId: undefined };

const apiKeyWorld = (config: object = {}, options: WorldOptions = {}): Promise<World> =>
  worldForTest({ ...options, config: { ...API_KEY, ...config } });

/** As a script does: the key comes through a pipe. */
function pipeIn(world: World, input: string, ...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(binary, ['login', '--api-key', ...args], { env: world.env });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    // A refusal comes before anything is read.
    child.stdin.on('error', () => undefined);
    child.on('close', (code) => resolve({ exitCode: code ?? -1, stdout, stderr }));
    child.stdin.end(input);
  });
}

function storedKey(world: World, entry = 'api-key/contoso-foundry'): string | undefined {
  try {
    const args = ['lookup', 'service', 'foundry-credential-helper', 'username', entry];
    return execFileSync('secret-tool', args, { env: world.env, encoding: 'utf8' });
  } catch {
    return undefined;
  }
}

const helper = (world: World, context: string | undefined) => runHelper(binary, { context, env: world.env });

function expectUntouched(world: World): void {
  expect(world.entra.requests).toEqual([]);
  expect(world.sandbox.openedUrls()).toEqual([]);
}

describe('an API key', () => {
  it('goes from a pipe to the keystore to Claude Desktop in every context, survives the agent, and is removed', async () => {
    const world = await apiKeyWorld();
    for (const context of CONTEXTS) {
      const missing = await helper(world, context);
      expect(missing).toMatchObject({ state: 'failed', exitCode: 4, stdout: '' });
      expect(missing.stderr).toMatch(/error\[ERR_API_KEY_MISSING\].*\nhint: .*login --api-key/);
    }
    expect(await pipeIn(world, `  ${KEY}\r\n`)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(storedKey(world)).toBe(KEY);
    for (const context of [...CONTEXTS, 'mid-session-refresh']) {
      expect(await helper(world, context)).toMatchObject({ state: 'ok', token: KEY, stdout: `${KEY}\n`, stderr: '' });
    }
    await killAgent(world.env);
    expect(await helper(world, 'background')).toMatchObject({ state: 'ok', token: KEY });
    expect(await run(world.env, 'token')).toMatchObject({ exitCode: 0, stdout: `${KEY}\n` });
    expect(await runJson(world.env, 'token')).toEqual({ version: 1, token: KEY, tokenType: 'api-key' });
    expect((await run(world.env, 'token', '--format', 'header')).stdout).toBe(`x-api-key: ${KEY}\n`);
    const evaluated = await runWithInput(world.env, '', [
      'sh',
      '-c',
      `eval "$('${binary}' token --format env)"; printenv ANTHROPIC_FOUNDRY_API_KEY`,
    ]);
    expect(evaluated.stdout).toBe(`${KEY}\n`);
    expect(await run(world.env, 'logout')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('removed') });
    expect(storedKey(world)).toBeUndefined();
    expect(await helper(world, 'background')).toMatchObject({ exitCode: 4, stdout: '' });
    expect(await runJson(world.env, 'logout')).toEqual({ version: 1, removed: false, credential: 'api-key' });
    expectUntouched(world);
  });

  it('is printed as JSON with the configured headers', async () => {
    const world = await apiKeyWorld({ outputFormat: 'json', headers: { 'X-Department': 'research' } });
    await pipeIn(world, KEY);
    const { stdout, state } = await helper(world, 'interactive');
    expect(state).toBe('ok');
    expect(JSON.parse(stdout)).toEqual({ token: KEY, headers: { 'X-Department': 'research' } });
  });

  it('is shown by status, never itself', async () => {
    const world = await apiKeyWorld();
    expect(await run(world.env, 'status')).toMatchObject({ exitCode: 6 });
    await run(world.env, 'agent', 'start');
    expect(await runJson(world.env, 'status')).toMatchObject({
      credential: 'api-key',
      signIn: 'signed-out',
      problem: { code: 'ERR_API_KEY_MISSING' },
    });
    expect((await run(world.env, 'status')).exitCode).toBe(4);
    expect(await pipeIn(world, KEY, '--json')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('"saved": true'),
    });
    const text = await run(world.env, 'status');
    const json = await run(world.env, 'status', '--json');
    expect(text).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^API key +kept in the keystore$/m) });
    expect(JSON.parse(json.stdout)).toMatchObject({ credential: 'api-key', signIn: 'signed-in' });
    expect(`${text.stdout}${json.stdout}`).not.toContain(KEY);
    const shown = await run(world.env, 'config', 'show');
    expect(shown).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining('(missing)') });
    expectUntouched(world);
  });

  it.each([
    ['nothing', ''],
    ['only blanks', ' \n \n'],
    ['two lines', `${KEY}\n${KEY}\n`],
    ['far too much', KEY.repeat(2000)],
    ['a sentence', `the key is ${KEY}`],
  ])('%s is refused with exit 2, quoted nowhere, and the kept key stays', async (_, input) => {
    const world = await apiKeyWorld();
    await pipeIn(world, 'the-first-key');
    const refused = await pipeIn(world, input);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toContain('ERR_API_KEY_INVALID');
    expect(refused.stderr).not.toContain(KEY.slice(0, 12));
    expect(storedKey(world)).toBe('the-first-key');
  });

  it('belongs to its resource: another resource asks for another key', async () => {
    const world = await apiKeyWorld();
    await pipeIn(world, KEY);
    world.sandbox.writeConfig({ ...world.config, foundryResource: 'fabrikam-foundry' });
    expect(await helper(world, 'background')).toMatchObject({ exitCode: 4, stdout: '' });
    await pipeIn(world, 'fabrikam-key');
    expect(await helper(world, 'background')).toMatchObject({ token: 'fabrikam-key' });
    world.sandbox.writeConfig(world.config);
    expect(await helper(world, 'background')).toMatchObject({ token: KEY });
  });

  it('a locked keystore is exit 8, nothing is asked for, and it works when unlocked', async () => {
    const world = await apiKeyWorld();
    await pipeIn(world, KEY);
    await killAgent(world.env);
    await world.secretService?.lock();
    for (const context of ['interactive', 'background']) {
      const locked = await helper(world, context);
      expect(locked).toMatchObject({ exitCode: 8, stdout: '' });
      expect(locked.stderr).toContain('ERR_KEYSTORE_LOCKED');
    }
    expect(await pipeIn(world, 'another-key')).toMatchObject({ exitCode: 8, stdout: '' });
    expect((await run(world.env, 'status')).exitCode).toBe(8);
    await world.secretService?.unlock();
    expect(await helper(world, 'background')).toMatchObject({ state: 'ok', token: KEY });
  });
});

describe('which login', () => {
  it('an API key where Entra is configured: exit 2, what to do, nothing kept', async () => {
    const world = await worldForTest();
    const refused = await pipeIn(world, KEY);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toMatch(/"credential" is "api-key".*without --api-key/);
    expect(storedKey(world)).toBeUndefined();
  });

  it('a sign-in where an API key is configured: exit 2, what to do, no prompt', async () => {
    const world = await apiKeyWorld();
    const refused = await run(world.env, 'login');
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toContain('login --api-key');
    expectUntouched(world);
  });

  it('a key on the command line is refused by the parser', async () => {
    const world = await apiKeyWorld();
    for (const words of [['--api-key', KEY], [`--api-key=${KEY}`], [KEY, '--api-key', `${KEY}\n${KEY}`]]) {
      const refused = await run(world.env, 'login', ...words);
      expect(refused).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.not.stringContaining(KEY.slice(0, 12)) });
      expect(refused.stderr).toMatch(
        /^foundry-credential-helper: error\[ERR_USAGE\]: (too many arguments|unknown option)/,
      );
    }
    expect(await run(world.env, 'login', '--api-key', '--method', 'browser')).toMatchObject({ exitCode: 2 });
    expect(storedKey(world)).toBeUndefined();
  });

  it('going from one to the other and back loses neither, nor does the logout of one', async () => {
    const world = await worldForTest();
    const use = (credential: string): void => world.sandbox.writeConfig({ ...world.config, credential });
    const isToken = { state: 'ok', token: expect.stringMatching(/^eyJ/) };
    await signIn(world);
    for (const _ of ['once', 'again']) {
      use('api-key');
      if (storedKey(world) === undefined) await pipeIn(world, KEY);
      expect(await helper(world, 'background')).toMatchObject({ token: KEY });
      use('entra');
      expect(await helper(world, 'background')).toMatchObject(isToken);
    }
    use('api-key');
    expect(await run(world.env, 'logout')).toMatchObject({ exitCode: 0 });
    expect(storedKey(world)).toBeUndefined();
    await pipeIn(world, KEY);
    use('entra');
    // A new agent has only what the keystore kept.
    await killAgent(world.env);
    expect(await helper(world, 'background')).toMatchObject(isToken);
    expect(await run(world.env, 'logout')).toMatchObject({ exitCode: 0 });
    expect(await helper(world, 'background')).toMatchObject({ exitCode: 4 });
    use('api-key');
    expect(await helper(world, 'background')).toMatchObject({ token: KEY });
    // Nobody signed in a second time.
    expect(world.sandbox.openedUrls()).toHaveLength(1);
    expect(world.entra.count('devicecode')).toBe(1);
  });

  it('a changed setting is taken up by the running agent, both ways', async () => {
    const world = await worldForTest();
    expect(await helper(world, 'background')).toMatchObject({ exitCode: 4 });
    world.sandbox.writeConfig({ ...world.config, credential: 'api-key' });
    await pipeIn(world, KEY);
    expect(await helper(world, 'background')).toMatchObject({ token: KEY });
    world.sandbox.writeConfig(world.config);
    expect(await helper(world, 'background')).toMatchObject({ exitCode: 4, stdout: '' });
  });
});

describe.runIf(process.platform === 'linux')('on a terminal', () => {
  /** `script` gives the program a terminal of its own; what that terminal shows is what comes out. */
  function onTerminal(world: World, typed: string): Promise<{ shown: string; exitCode: number }> {
    return new Promise((resolve) => {
      const command = `'${binary}' login --api-key`;
      const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], { env: world.env });
      let shown = '';
      child.stdout.on('data', (chunk) => {
        const isPrompt = !shown.includes('not shown') && `${shown}${chunk}`.includes('not shown');
        shown += chunk;
        if (isPrompt) child.stdin.write(typed);
      });
      child.on('close', (code) => resolve({ shown, exitCode: code ?? -1 }));
    });
  }

  it('the key is typed or pasted unseen', async () => {
    const world = await apiKeyWorld();
    // The user mistypes once.
    const { shown, exitCode } = await onTerminal(world, `${KEY}X\u007f\r`);
    expect(shown).toContain('is kept');
    expect(exitCode).toBe(0);
    expect(shown).not.toContain(KEY.slice(0, 6));
    expect(storedKey(world)).toBe(KEY);
  });

  it.each([
    ['a paste of two lines', `${KEY}\r${KEY}\r`, 2, 'ERR_API_KEY_INVALID'],
    ['Ctrl-C', '\u0003', 4, 'ERR_SIGN_IN_CANCELLED'],
    ['Ctrl-D', '\u0004', 4, 'ERR_SIGN_IN_CANCELLED'],
    ['just Enter', '\r', 2, 'nothing was given'],
  ])('%s keeps nothing', async (_, typed, exit, text) => {
    const world = await apiKeyWorld();
    const { shown, exitCode } = await onTerminal(world, typed);
    expect(shown).toContain(text);
    expect(exitCode).toBe(exit);
    expect(shown).not.toContain(KEY.slice(0, 6));
    expect(storedKey(world)).toBeUndefined();
  });
});
