// Who got a token, as the audit log says it: the compiled program, each kind of client, and a disk that takes nothing.
import { execFile, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { findSecretsInText } from '../support/harness/find-secrets.ts';
import { canUnshareMounts } from '../support/harness/mount-namespace.ts';
import type { World } from '../support/harness/world.ts';
import {
  agentPid,
  agentProcess,
  binary,
  killAgent,
  run,
  runJson,
  runWithInput,
  signIn,
  worldForTest,
} from './support.ts';

const onLinux = process.platform === 'linux';
const auditFile = ({ sandbox }: World): string => join(sandbox.stateFolder, 'audit.log');

function auditLines(world: World): Record<string, unknown>[] {
  if (!existsSync(auditFile(world))) return [];
  const text = readFileSync(auditFile(world), 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
}

/** The lines that follow, once there are as many. */
async function nextLines(
  world: World,
  count: number,
  work: () => Promise<unknown>,
): Promise<Record<string, unknown>[]> {
  const before = auditLines(world).length;
  await work();
  await expect.poll(() => auditLines(world).length).toBeGreaterThanOrEqual(before + count);
  return auditLines(world).slice(before);
}

/** `uti` and `exp` of a token, as the resource and Entra's sign-in logs know it. */
function claimsOf(token: string): { readonly uti: string; readonly exp: number } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
}

it('has a line for each token, with the client, its process and parent, and the id of the token in Entra', async () => {
  const world = await worldForTest({ config: { allowTokenEndpoint: true } });
  const { env } = world;
  const [signedIn, first] = await nextLines(world, 2, () => signIn(world));
  expect(signedIn).toMatchObject({ id: 110, event: 'signed-in' });
  const { token = '' } = await runHelper(binary, { context: 'background', env });
  const facts = { tokenId: claimsOf(token).uti, expiresOn: new Date(claimsOf(token).exp * 1000).toISOString() };
  const issued = { id: 100, event: 'token-issued', ...facts, pid: expect.any(Number) };
  const asker = onLinux ? { program: binary, parentPid: process.pid, parent: process.execPath } : {};
  expect(first).toMatchObject({ ...issued, client: 'claude-desktop', context: 'interactive', ...asker });

  const clients = [
    ['claude-desktop', () => runHelper(binary, { context: 'mid-session-refresh', env })],
    ['claude-code', () => run(env, 'claude-code', 'token')],
    ['token', () => run(env, 'token')],
    ['doctor', () => run(env, 'doctor', '--live')],
  ] as const;
  for (const [client, ask] of clients) {
    const [line] = await nextLines(world, 1, ask);
    // The process that looks for doctor is the agent's child.
    const parent = client === 'doctor' && onLinux ? { parentPid: agentProcess(world), parent: binary } : {};
    expect(line).toMatchObject({ ...issued, client, ...asker, ...parent });
    expect(line?.['context']).toBe(client === 'claude-desktop' ? 'mid-session-refresh' : undefined);
  }
  const script =
    'curl -s -H "X-IDENTITY-HEADER: $IDENTITY_HEADER" "$IDENTITY_ENDPOINT?api-version=2019-08-01&resource=https://cognitiveservices.azure.com"';
  const lines = await nextLines(world, 2, () => run(env, 'exec', 'sh', '-c', script));
  expect(lines).toMatchObject([
    { ...issued, client: 'exec', ...asker },
    { ...issued, client: 'exec', ...asker },
  ]);

  const [out] = await nextLines(world, 1, () => run(env, 'logout'));
  expect(out).toMatchObject({ id: 112, event: 'signed-out', client: 'logout', pid: expect.any(Number) });
  const [refused] = await nextLines(world, 1, () => runHelper(binary, { context: 'background', env }));
  expect(refused).toMatchObject({ id: 101, event: 'token-refused', client: 'claude-desktop', context: 'background' });
  expect(refused).toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED', ...asker });

  const text = readFileSync(auditFile(world), 'utf8');
  expect(findSecretsInText(text, world.entra.secrets())).toEqual([]);
  expect(text).not.toContain('@contoso');
  if (onLinux) expect(statSync(auditFile(world)).mode & 0o777).toBe(0o600);
  const report = join(world.sandbox.root, 'report.md');
  expect(await run(env, 'report', report)).toMatchObject({ exitCode: 0 });
  expect(readFileSync(report, 'utf8')).not.toContain('token-issued');
});

it('has the sign-in that fails, with the code and the correlation id', async () => {
  const world = await worldForTest();
  world.entra.setFault('devicecode', { kind: 'aadsts', code: 53003 });
  const lines = await nextLines(world, 2, () => runHelper(binary, { context: 'interactive', env: world.env }));
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: 111, event: 'sign-in-failed', code: 'ERR_POLICY_BLOCKED' }),
      expect.objectContaining({ id: 101, event: 'token-refused', code: 'ERR_POLICY_BLOCKED' }),
    ]),
  );
});

it('has an API key that is kept, handed out, and removed, without the key', async () => {
  const world = await worldForTest({ config: { credential: 'api-key' } });
  const key = 'aud1tApiKey'.padEnd(84, 'Qx7');
  const [kept] = await nextLines(world, 1, () => runWithInput(world.env, key, [binary, 'login', '--api-key']));
  expect(kept).toMatchObject({ id: 113, event: 'api-key-kept', client: 'login' });
  const [issued] = await nextLines(world, 1, () => runHelper(binary, { context: 'background', env: world.env }));
  expect(issued).toMatchObject({ id: 100, event: 'token-issued', client: 'claude-desktop' });
  expect(issued).not.toHaveProperty('tokenId');
  expect(await nextLines(world, 1, () => run(world.env, 'logout'))).toMatchObject([{ event: 'signed-out' }]);
  expect(findSecretsInText(readFileSync(auditFile(world), 'utf8'), [key])).toEqual([]);
});

describe.runIf(onLinux)("a place that can't store an audit log", () => {
  it("doesn't cost a token, is reported by status, and the lost lines are counted", async () => {
    const world = await worldForTest();
    await signIn(world);
    await expect.poll(() => auditLines(world).length).toBe(2);
    rmSync(auditFile(world));
    mkdirSync(auditFile(world));
    for (let count = 0; count < 3; count += 1) {
      expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
    }
    const unwritable = [expect.objectContaining({ path: auditFile(world) })];
    await expect.poll(() => runJson(world.env, 'status')).toMatchObject({ unwritable });
    rmSync(auditFile(world), { recursive: true });
    await runHelper(binary, { context: 'background', env: world.env });
    await expect.poll(() => auditLines(world).at(-1)).toMatchObject({ id: 190, event: 'audit-lines-lost', lost: 3 });
  });

  it('is private: a file that others may read becomes the user’s alone', async () => {
    const world = await worldForTest();
    await signIn(world);
    await killAgent(world.env);
    chmodSync(auditFile(world), 0o644);
    await runHelper(binary, { context: 'background', env: world.env });
    await expect.poll(() => statSync(auditFile(world)).mode & 0o777).toBe(0o600);
  });
});

/** Listens where journald does, and writes each entry to a file. */
const JOURNAL = `
import os, socket, sys
os.makedirs('/run/systemd/journal')
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind('/run/systemd/journal/socket')
while True:
    entry = journal.recv(65536).decode()
    with open(sys.argv[1], 'a') as file:
        file.write(entry)
`;

describe.runIf(canUnshareMounts)('with "auditToSystemLog"', () => {
  it('sends each line to journald by the real logger, and none without the setting', async () => {
    const world = await worldForTest({ config: { auditToSystemLog: true } });
    const { env, sandbox, config } = world;
    const received = join(sandbox.root, 'journal');
    const entries = (): string => (existsSync(received) ? readFileSync(received, 'utf8') : '');
    const script = 'mount -t tmpfs none /run && { python3 -c "$1" "$2" & } && shift 2 && exec "$@"';
    const args = ['--mount', 'sh', '-c', script, 'sh', JOURNAL, received, binary, 'agent', 'run'];
    const agent = spawn('unshare', args, { env, stdio: 'ignore' });
    onTestFinished(() => void agent.kill('SIGKILL'));
    await expect.poll(() => agentPid(env)).toBe(agent.pid);
    await signIn(world);
    await expect.poll(entries).toContain('FCH_EVENT_ID=100\n');
    expect(entries()).toContain('SYSLOG_IDENTIFIER=foundry-credential-helper\n');
    const messages = entries().match(/(?<=^MESSAGE=).*$/gm) ?? [];
    expect(messages.map((text) => JSON.parse(text) as object)).toEqual(auditLines(world));
    expect(findSecretsInText(entries(), world.entra.secrets())).toEqual([]);

    sandbox.writeConfig({ ...config, auditToSystemLog: false });
    await nextLines(world, 1, () => runHelper(binary, { context: 'background', env }));
    sandbox.writeConfig(config);
    await nextLines(world, 1, () => run(env, 'token'));
    await expect.poll(entries).toContain('"client":"token"');
    expect(entries()).not.toContain('"context":"background"');
  });
});

describe.runIf(onLinux)('a client that names another process', () => {
  it("is believed, but can't name another user's program or a process that doesn't exist", async () => {
    const world = await worldForTest();
    await signIn(world);
    const socket = join(world.env['XDG_RUNTIME_DIR'] ?? '', 'foundry-credential-helper/agent.sock');
    for (const [pid, expected] of [
      ['"x"', undefined],
      [-1, undefined],
      [2 ** 31, 2 ** 31],
    ] as const) {
      const frame = `{"protocol":1,"version":"0.0.0","pid":${pid},"request":{"method":"access-token"}}\n`;
      const file = join(world.sandbox.root, 'frame');
      writeFileSync(file, frame);
      const [line] = await nextLines(world, 1, () => sendTo(socket, frame));
      expect(line?.['pid']).toBe(expected);
      expect(line).not.toHaveProperty('program');
    }
  });
});

function sendTo(socket: string, frame: string): Promise<unknown> {
  const script = `const s = require('node:net').connect(process.argv[1], () => s.write(process.argv[2])); s.resume().on('close', () => process.exit());`;
  return new Promise((resolve) => execFile(process.execPath, ['-e', script, socket, frame], resolve));
}
