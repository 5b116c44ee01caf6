// The helper against agents of every kind that isn't the real one: what it prints, how it ends, and how often it asks;
// by the runtime's internal binding, and by node:net where that isn't there.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '../../../src/main.ts');

let home: string;
let folder: string;
let socketPath: string;
let requests: string[];
let server: Server | undefined;
/** Between two pieces of an answer. */
let pauseMs: number;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'helper-'));
  folder = join(home, 'foundry-credential-helper');
  socketPath = join(folder, 'agent.sock');
  mkdirSync(folder, { mode: 0o700 });
  requests = [];
  pauseMs = 150;
});

afterEach(async () => {
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
  rmSync(home, { recursive: true, force: true });
});

/** An agent that answers every request by these bytes, piece by piece, and hangs up. */
async function agentThatSays(...pieces: string[]): Promise<void> {
  const listening = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', async (chunk) => {
      requests.push(chunk.toString());
      for (const piece of pieces.slice(0, -1)) {
        socket.write(piece);
        await sleep(pauseMs);
      }
      socket.end(pieces.at(-1) ?? '');
    });
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(socketPath, resolve));
  chmodSync(socketPath, 0o600);
}

function runHelper(
  context = 'background',
  options: readonly string[] = [],
): Promise<{ exit: number | null; stdout: string; stderr: string }> {
  const env = { PATH: '/usr/bin:/bin', HOME: home, XDG_RUNTIME_DIR: home, CLAUDE_HELPER_CONTEXT: context };
  const child = spawn(process.execPath, [...options, main], { env });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve) => child.on('close', (exit) => resolve({ exit, stdout, stderr })));
}

const reply = (fields: object): string => `${JSON.stringify({ protocol: 1, version: '0.0.0', ...fields })}\n`;

describe.skipIf(process.platform === 'win32')('the helper', () => {
  it('prints the line and asks once, saying its context and how long it has run', async () => {
    await agentThatSays(reply({ result: { output: 'the-token' } }));
    expect(await runHelper('scheduled-task')).toEqual({ exit: 0, stdout: 'the-token\n', stderr: '' });
    expect(requests).toHaveLength(1);
    const { request } = JSON.parse(requests[0] ?? '') as { request: Record<string, unknown> };
    expect(request).toEqual({
      method: 'helper-output',
      context: 'scheduled-task',
      elapsedMs: expect.any(Number) as number,
    });
  });

  it('prints JSON if the agent says that JSON is configured', async () => {
    const output = '{"token":"the-token","headers":{"x-team":"a"}}';
    await agentThatSays(reply({ result: { output, format: 'json' } }));
    expect(await runHelper()).toEqual({ exit: 0, stdout: `${output}\n`, stderr: '' });
  });

  it('continues with an answer that comes in pieces', async () => {
    const text = reply({ result: { output: 'the-token' } });
    await agentThatSays(text.slice(0, 20), text.slice(20, 60), text.slice(60));
    expect(await runHelper()).toEqual({ exit: 0, stdout: 'the-token\n', stderr: '' });
    expect(requests).toHaveLength(1);
  });

  it('waits if the agent asks for time, also if both lines come at the same time', async () => {
    const lines = [reply({ waitMs: 20_000 }), reply({ result: { output: 'the-token' } })];
    await agentThatSays(...lines);
    expect(await runHelper('interactive')).toEqual({ exit: 0, stdout: 'the-token\n', stderr: '' });
    await new Promise((resolve) => server?.close(resolve));
    await agentThatSays(lines.join(''));
    expect(await runHelper('interactive')).toEqual({ exit: 0, stdout: 'the-token\n', stderr: '' });
    expect(requests).toHaveLength(2);
  });

  it("does the same with node:net if the runtime's binding is gone, or has another shape", async () => {
    for (const binding of ['undefined', '() => ({})', '() => { throw new Error("not here") }']) {
      const stub = join(home, 'no-binding.cjs');
      writeFileSync(stub, `Object.defineProperty(process, 'binding', { value: ${binding} });`);
      await agentThatSays(reply({ result: { output: 'the-token' } }));
      expect(await runHelper('background', ['--require', stub])).toEqual({
        exit: 0,
        stdout: 'the-token\n',
        stderr: '',
      });
      await new Promise((resolve) => server?.close(resolve));
      await agentThatSays(reply({ error: { code: 'ERR_CONSENT_REQUIRED' } }));
      expect(await runHelper('background', ['--require', stub])).toMatchObject({ exit: 9, stdout: '' });
      await new Promise((resolve) => server?.close(resolve));
    }
    expect(requests).toHaveLength(6);
    server = undefined;
  });

  it("doesn't print a token that comes after its time", async () => {
    // Later than the slowest helper has loaded what it continues with.
    pauseMs = 5_000;
    await agentThatSays(reply({ waitMs: 1 }), reply({ result: { output: 'too-late' } }));
    const run = await runHelper('interactive');
    expect(run).toMatchObject({ exit: 6, stdout: '' });
    expect(run.stderr).toContain('ERR_AGENT_UNREACHABLE');
  });

  it.each([
    [
      'an error of the agent',
      reply({ error: { code: 'ERR_CONSENT_REQUIRED', detail: 'x' } }),
      9,
      'ERR_CONSENT_REQUIRED',
    ],
    ['an error that is none', reply({ error: 'x' }), 6, 'ERR_AGENT_PROTOCOL'],
    ['an empty line', reply({ result: { output: '' } }), 6, 'ERR_AGENT_PROTOCOL'],
    ['a result without a line', reply({ result: {} }), 6, 'ERR_AGENT_PROTOCOL'],
    ['JSON in place of a token', reply({ result: { output: '{"token":"x","headers":{}}' } }), 6, 'ERR_AGENT_PROTOCOL'],
    ['two lines', reply({ result: { output: 'a\nb' } }), 6, 'ERR_AGENT_PROTOCOL'],
    ['two lines of JSON', reply({ result: { output: '{}\n{}', format: 'json' } }), 6, 'ERR_AGENT_PROTOCOL'],
    ['more than a token', reply({ result: { output: 'a {"token":"x"}' } }), 6, 'ERR_AGENT_PROTOCOL'],
    ['a header', reply({ result: { output: 'a\rX-Evil:1' } }), 6, 'ERR_AGENT_PROTOCOL'],
    ['an escape sequence', reply({ result: { output: 'a\u001b[2J' } }), 6, 'ERR_AGENT_PROTOCOL'],
    ['a line that is none', reply({ result: { output: { toString: null }, format: 'json' } }), 6, 'ERR_AGENT_PROTOCOL'],
    ['another protocol', '{"protocol":7,"version":"9.9.9","result":{"output":"x"}}\n', 6, 'ERR_AGENT_VERSION'],
    ['nonsense', 'nonsense\n', 6, 'ERR_AGENT_PROTOCOL'],
    ['a hang-up', '', 6, 'it hung up'],
  ])('%s: empty stdout, the reason, and not a second request', async (_name, bytes, exit, text) => {
    await agentThatSays(bytes);
    const run = await runHelper('interactive');
    expect(run).toMatchObject({ exit, stdout: '' });
    expect(run.stderr).toMatch(/^foundry-credential-helper: error\[\w+\]: .*\nhint: .*\n$/);
    expect(run.stderr).toContain(text);
    expect(requests).toHaveLength(1);
  });

  it('says nothing to a socket that others may write to', async () => {
    await agentThatSays(reply({ result: { output: 'a-foreign-token' } }));
    chmodSync(socketPath, 0o622);
    const run = await runHelper();
    expect(run).toMatchObject({ exit: 6, stdout: '' });
    expect(run.stderr).toContain(`${socketPath} is writable by others`);
    expect(requests).toEqual([]);
  });

  it('says nothing to a socket in a folder that others may write to', async () => {
    await agentThatSays(reply({ result: { output: 'a-foreign-token' } }));
    chmodSync(folder, 0o770);
    const run = await runHelper();
    expect(run).toMatchObject({ exit: 6, stdout: '' });
    expect(run.stderr).toContain(`${folder} is writable by others`);
    expect(requests).toEqual([]);
  });

  it("doesn't treat a file as the socket", async () => {
    writeFileSync(socketPath, '', { mode: 0o600 });
    const run = await runHelper();
    expect(run).toMatchObject({ exit: 6, stdout: '' });
    expect(run.stderr).toContain(`${socketPath} is not a socket`);
  });
});
