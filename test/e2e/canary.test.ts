// No secret leaves its place: a whole life of sign-ins, refreshes, failures and stops at the loudest log level, then a
// search through every file, every output, every command line and every environment.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isCode } from '../../src/core/errno.ts';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { findSecretsInFiles, findSecretsInText } from '../support/harness/find-secrets.ts';
import { binary, killAgent, run, signIn, worldForTest } from './support.ts';

const PROXY_PASSWORD = 'pr0xy-c4nary-password';

it('no token, code or password in any file, output, log, command line or environment', async () => {
  const world = await worldForTest({
    config: { logLevel: 'trace' },
    proxyCredentials: { username: 'ada', password: PROXY_PASSWORD },
  });
  const { entra, env, sandbox } = world;
  const outputs: string[] = [];
  const note = (...texts: string[]): void => void outputs.push(...texts);
  const helper = async (context: string) => {
    const { stdout, stderr, token } = await runHelper(binary, { context, env });
    note(stderr, stdout === `${token}\n` ? '' : stdout);
  };

  const first = await signIn(world);
  expect(first).toMatchObject({ state: 'ok', stderr: '' });
  note(...processTexts(sandbox.processes().map(({ pid }) => pid)));
  for (const context of ['background', 'mid-session-refresh', 'interactive']) await helper(context);
  for (const fault of [
    { kind: 'half-json' },
    { kind: 'html', status: 200 },
    { kind: 'missing-field', field: 'expires_in' },
    { kind: 'aadsts', code: 53003 },
    { kind: 'http', status: 503, headers: { 'retry-after': '1' } },
    { kind: 'reset' },
  ] as const) {
    entra.setFault('refresh', fault);
    await killAgent(env);
    await helper('background');
    for (const command of [['status'], ['status', '--json'], ['config', 'show'], ['agent', 'status', '--json']]) {
      const { stdout, stderr } = await run(env, ...command);
      note(stdout, stderr);
    }
  }
  entra.setFault('refresh', undefined);
  entra.revokeAll();
  await killAgent(env);
  await helper('background');
  const login = run(env, 'login');
  entra.approve(await entra.waitForUserCode());
  const { stdout, stderr } = await login;
  // The user code is what `login` is there to show.
  note(stdout, withoutCodes(stderr, entra.issued.userCodes));
  note((await run(env, 'logout')).stdout);

  const secrets = [...entra.secrets(), PROXY_PASSWORD];
  expect(secrets.length).toBeGreaterThan(8);
  const log = readFileSync(join(sandbox.stateFolder, 'agent.log'), 'utf8');
  expect(log.split('\n').length).toBeGreaterThan(10);
  expect(readFileSync(join(sandbox.stateFolder, 'audit.log'), 'utf8')).toContain('token-issued');
  // The password is in config.json, where this test itself put it.
  const inFiles = findSecretsInFiles(sandbox.root, secrets).filter(
    (found) => !JSON.stringify(found).includes('config.json'),
  );
  expect(inFiles).toEqual([]);
  expect(outputs.flatMap((text, index) => findSecretsInText(text, secrets, `output ${index}`))).toEqual([]);
});

it('no API key in any file, output, log, command line or environment', async () => {
  const key = 'c4naryApiKey'.padEnd(84, 'Qx7');
  const refused = 'c4naryRefused'.padEnd(84, 'Zw3');
  const world = await worldForTest({ config: { credential: 'api-key', logLevel: 'trace' } });
  const { env, sandbox, config } = world;
  const outputs: string[] = [];
  const note = ({ stdout, stderr }: { stdout: string; stderr: string }): void => void outputs.push(stdout, stderr);
  const helper = async (context: string) => {
    const { stdout, stderr, token } = await runHelper(binary, { context, env });
    note({ stderr, stdout: stdout === `${token}\n` ? '' : stdout });
    return token;
  };
  const login = async (input: string) => {
    const running = execFile(binary, ['login', '--api-key', '--json'], { env });
    const done = new Promise<string>((resolve) => {
      let text = '';
      running.stdout?.on('data', (chunk) => (text += chunk));
      running.stderr?.on('data', (chunk) => (text += chunk));
      running.on('close', () => resolve(text));
    });
    outputs.push(...processTexts(sandbox.processes().map(({ pid }) => pid)));
    running.stdin?.on('error', () => undefined);
    running.stdin?.end(input);
    outputs.push(await done);
  };

  await helper('interactive');
  await login(`${refused} and more`);
  await login(`${refused}\n${refused}`);
  await login(key);
  expect(await helper('background')).toBe(key);
  outputs.push(...processTexts(sandbox.processes().map(({ pid }) => pid)));
  for (let round = 0; round < 3; round += 1) await helper('mid-session-refresh');
  await killAgent(env);
  await world.secretService?.lock();
  await helper('interactive');
  await login(refused);
  for (const command of [['status'], ['status', '--json'], ['config', 'show'], ['agent', 'status', '--json']]) {
    note(await run(env, ...command));
  }
  await world.secretService?.unlock();
  expect(await helper('background')).toBe(key);
  sandbox.writeConfig({ ...config, credential: 'entra' });
  await login(refused);
  await helper('background');
  sandbox.writeConfig(config);
  note(await run(env, 'logout'));

  const secrets = [key, refused];
  const log = readFileSync(join(sandbox.stateFolder, 'agent.log'), 'utf8');
  expect(log).toContain('api-key-kept');
  expect(log).toContain('api-key-rejected');
  expect(outputs.filter((text) => text !== '').length).toBeGreaterThan(20);
  expect(findSecretsInFiles(sandbox.root, secrets)).toEqual([]);
  expect(outputs.flatMap((text, index) => findSecretsInText(text, secrets, `output ${index}`))).toEqual([]);
});

function withoutCodes(text: string, codes: readonly string[]): string {
  return codes.reduce((rest, code) => rest.replaceAll(code, ''), text);
}

/** Command line and environment of processes, as every program of the same user can read them, if they still run. */
function processTexts(pids: readonly number[]): string[] {
  return pids.flatMap((pid) => {
    try {
      return ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8'));
    } catch (thrown) {
      if (isCode(thrown, 'ENOENT', 'ESRCH')) return [];
      throw thrown;
    }
  });
}
