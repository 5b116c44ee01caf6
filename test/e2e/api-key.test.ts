// `credential: api-key` on the compiled binary: from standard input into the keystore and out to Claude Desktop, with
// Entra never asked and no one ever prompted.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import type { Finding } from '../../src/doctor/check.ts';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { sample } from '../support/harness/long.ts';
import { createSandbox } from '../support/harness/sandbox.ts';
import type { World, WorldOptions } from '../support/harness/world.ts';
import { apiManagementErrors } from '../support/servers/api-management-errors.ts';
import { foundryErrors } from '../support/servers/foundry-errors.ts';
import { jsonReply, listenHttps, sendReply } from '../support/servers/https-listener.ts';
import {
  binary,
  killAgent,
  type Run,
  run,
  runJson,
  runWithInput,
  signIn,
  worldForTest,
  writeDesktopConfig,
} from './support.ts';

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
/** Nothing from Entra is needed. */
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

it('the settings in docs/how-to/api-key.md are complete, valid, and exported for the provider that sends a key', async () => {
  const page = readFileSync(join(projectFolder, 'docs/how-to/api-key.md'), 'utf8');
  const sandbox = createSandbox();
  onTestFinished(() => sandbox.dispose());
  sandbox.writeConfig(JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? ''));
  const shown = await run(sandbox.env, 'config', 'show');
  expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
  expect(shown.stdout).not.toMatch(/\((?:missing|invalid)\)/);
  expect(await run(sandbox.env, 'config', 'validate')).toMatchObject({ exitCode: 0, stdout: 'No findings.\n' });
  const out = join(sandbox.root, 'out');
  expect(await run(sandbox.env, 'config', 'export', out)).toMatchObject({ exitCode: 0 });
  const read = (file: string) => JSON.parse(readFileSync(join(out, 'linux', file), 'utf8'));
  expect(read('claude-desktop/managed-settings.json')).toMatchObject({
    inferenceProvider: 'foundry',
    inferenceFoundryResource: 'contoso-foundry',
    inferenceCredentialKind: 'helper-script',
  });
  expect(read('foundry-credential-helper/policy.json')).toMatchObject({ credential: 'api-key' });
});

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
  ])("%s is refused with exit 2, isn't quoted, and the stored key stays", async (_, input) => {
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

/** As `config export` makes it for an API key. */
const KEY_PROFILE = {
  inferenceProvider: 'foundry',
  inferenceFoundryResource: 'contoso-foundry',
  inferenceCredentialKind: 'helper-script',
  inferenceCredentialHelper: binary,
  inferenceCredentialHelperTtlSec: 900,
  inferenceCredentialHelperTimeoutSec: 600,
  inferenceModels: ['claude-sonnet-5', 'claude-opus-4-8'],
};

/** Of Entra, and of a token's life. */
const NOT_NEEDED = ['clock', 'entra-tenant', 'entra-application', 'sign-in', 'token', 'token-lifetime'];

describe('doctor with an API key', () => {
  async function diagnose(world: World, ...args: string[]): Promise<readonly Finding[]> {
    const { exitCode, stdout } = await run(world.env, 'doctor', '--json', ...args);
    expect(stdout).not.toContain(KEY.slice(0, 12));
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: readonly Finding[] };
    expect(exitCode).toBe(ok ? 0 : 1);
    return checks;
  }

  const named = (findings: readonly Finding[], ...states: string[]) =>
    findings.filter(({ state }) => states.includes(state)).map(({ id }) => id);

  async function keyWorld(key: string | undefined, config: object = {}): Promise<World> {
    const world = await apiKeyWorld(config);
    writeDesktopConfig(world, KEY_PROFILE);
    world.foundry.apiKey = KEY;
    if (key !== undefined) await pipeIn(world, key);
    return world;
  }

  it("tests key, access and deployments with x-api-key, doesn't need Entra, and spends no output token", async () => {
    const world = await keyWorld(KEY);
    const findings = await diagnose(world);
    expect(named(findings, 'warn', 'fail')).toEqual([]);
    // No Claude Desktop is installed here.
    const skipped = findings.filter(({ id, state }) => state === 'skip' && !/^desktop-(version|log)$/.test(id));
    expect(skipped.map(({ id }) => id)).toEqual(NOT_NEEDED);
    for (const finding of skipped) {
      expect(finding).toMatchObject({ detail: 'not needed: "credential" is an API key', notNeeded: true });
    }
    expect(findings.find(({ id }) => id === 'api-key')?.detail).toBe(
      'one is stored for the resource "contoso-foundry"',
    );
    expect(findings.find(({ id }) => id === 'foundry-role')?.detail).toBe('Foundry accepts the API key');
    for (const id of ['dns', 'proxy', 'tls']) expect(named(findings, 'ok')).toContain(id);
    expect(findings.find(({ id }) => id === 'tls')?.detail).toContain('contoso-foundry.services.ai.azure.com');
    const withKey = world.foundry.requests.filter(({ status }) => status === 200);
    expect(withKey).toHaveLength(3);
    for (const { headerNames } of withKey) {
      expect(headerNames).toContain('x-api-key');
      expect(headerNames).not.toContain('authorization');
    }
    expect(world.foundry.count('messages')).toBe(0);
    expect(named(await diagnose(world, '--live'), 'warn', 'fail')).toEqual([]);
    expect(world.foundry.count('messages', 200)).toBe(2);
    expect((await run(world.env, 'doctor')).stdout).toMatch(/^ok {4}API key +one is stored/m);
    const report = join(world.sandbox.root, 'report.md');
    expect(await run(world.env, 'report', report)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(report, 'utf8')).toContain('OK    api-key: one is stored');
    expect(readFileSync(report, 'utf8')).not.toContain(KEY.slice(0, 12));
    expectUntouched(world);
  });

  it('works without a profile of Claude Desktop, and for a gateway that takes keys', async () => {
    const world = await keyWorld(KEY, { baseUrl: 'https://contoso.azure-api.net/anthropic' });
    writeDesktopConfig(world, { inferenceProvider: 'anthropic' });
    const certificate = await world.ca.issue(['contoso.azure-api.net']);
    const gateway = await listenHttps(certificate, ({ headers }, response) => {
      const { status, body } = apiManagementErrors.subscriptionKeyRefused;
      const isGood = headers['x-api-key'] === KEY;
      sendReply(response, isGood ? jsonReply(200, { input_tokens: 1 }) : jsonReply(status, body));
    });
    onTestFinished(() => gateway.close());
    world.proxy.routes.set('contoso.azure-api.net:443', gateway.port);
    const findings = await diagnose(world);
    expect(named(findings, 'fail').filter((id) => !id.startsWith('desktop'))).toEqual([]);
    expect(findings.find(({ id }) => id === 'foundry-role')?.detail).toBe('contoso.azure-api.net accepts the API key');
    expect(findings.find(({ id }) => id === 'proxy')?.detail).toContain('https://contoso.azure-api.net goes through');
    await pipeIn(world, 'an-old-key');
    const refused = (await diagnose(world)).find(({ id }) => id === 'foundry-role');
    expect(refused).toMatchObject({ state: 'fail', detail: 'the gateway refuses the API key (HTTP 401)' });
    expect(world.foundry.requests).toEqual([]);
  });

  interface KeyFault {
    readonly fault: string;
    readonly key?: string;
    readonly config?: object;
    readonly seed?: (world: World) => unknown;
    readonly check: string;
    readonly cause: RegExp;
    readonly remedy: RegExp;
  }

  const faults: readonly KeyFault[] = [
    {
      fault: 'no key is kept',
      check: 'api-key',
      cause: /no API key is stored for this resource/,
      remedy: /login --api-key/,
    },
    {
      fault: 'the key is wrong',
      key: 'another-key',
      check: 'foundry-role',
      cause: /^Foundry refuses the API key \(HTTP 401\)$/,
      remedy: /login --api-key/,
    },
    {
      fault: "the resource doesn't accept keys",
      key: KEY,
      seed: ({ foundry }) => foundry.setFault('count_tokens', foundryErrors.keysDisabled),
      check: 'foundry-role',
      cause: /doesn't accept API keys \(disableLocalAuth is on\)/,
      remedy: /set "credential" to "entra"/,
    },
    {
      fault: "a deployment doesn't exist",
      key: KEY,
      config: { models: ['claude-sonnet-5', 'claude-sonet-5'] },
      check: 'deployment:claude-sonet-5',
      cause: /no deployment of this name/,
      remedy: /"models"/,
    },
    {
      fault: 'the resource lets only its own network in',
      key: KEY,
      seed: ({ foundry }) => foundry.setFault('count_tokens', foundryErrors.networkRule),
      check: 'foundry-endpoint',
      cause: /network rules/,
      remedy: /VPN/,
    },
    {
      fault: 'the proxy blocks Foundry',
      key: KEY,
      seed: ({ proxy, foundry }) => proxy.routes.delete(`${foundry.host}:443`),
      check: 'proxy',
      cause: /contoso-foundry\.services\.ai\.azure\.com can't be reached: through the proxy .*HTTP 403/,
      remedy: /allow contoso-foundry\.services\.ai\.azure\.com:443 in proxy and firewall/,
    },
  ];

  it.each(sample(faults, 3))('finds that $fault', async ({ key, config, seed, check, cause, remedy }) => {
    const world = await keyWorld(key, config);
    const env = (await seed?.(world)) ?? {};
    const findings = await diagnose({ ...world, env: { ...world.env, ...(typeof env === 'object' ? env : {}) } });
    expect(named(findings, 'warn', 'fail')).toEqual([check]);
    const said = findings.find(({ id }) => id === check);
    expect(said?.detail).toMatch(cause);
    expect(said).toHaveProperty('remedy', expect.stringMatching(remedy));
  });

  it('says which address is missing', async () => {
    const world = await keyWorld(KEY);
    writeDesktopConfig(world, { inferenceProvider: 'anthropic' });
    world.sandbox.writeConfig({ ...world.config, foundryResource: undefined });
    await pipeIn(world, KEY);
    const findings = await diagnose(world);
    expect(findings.find(({ id }) => id === 'configuration')).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining('"foundryResource" isn\'t set'),
    });
    expect(named(findings, 'fail').filter((id) => !id.startsWith('desktop'))).toEqual([]);
    expect(findings.find(({ id }) => id === 'dns')).toMatchObject({
      state: 'skip',
      detail: 'neither "foundryResource" nor "baseUrl" is set',
    });
  });
});

describe('which login', () => {
  it('an API key if Entra is configured: exit 2, what to do, nothing kept', async () => {
    const world = await worldForTest();
    const refused = await pipeIn(world, KEY);
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toMatch(/"credential" is "api-key".*without --api-key/);
    expect(storedKey(world)).toBeUndefined();
  });

  it('a sign-in if an API key is configured: exit 2, what to do, no prompt', async () => {
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

  it('switching from one to the other and back loses neither, and a logout affects only one', async () => {
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
    // No one signed in a second time.
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
  /** `script` gives the program its own terminal; what that terminal shows is what comes out. */
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
    expect(shown).toContain('is stored');
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
