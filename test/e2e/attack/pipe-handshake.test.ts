// The Windows pipe's classes, whole, over a Unix socket of the pipe's name: server, descriptor, client and strangers.
// What this can't show is the pipe itself: its access control list and its name space are Windows'.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Target } from '../../../src/ipc/address.ts';
import { askAgent } from '../../../src/ipc/client.ts';
import { encodeFrame } from '../../../src/ipc/frame.ts';
import { locateAgent } from '../../../src/ipc/locate-agent.ts';
import { IpcServer } from '../../../src/ipc/server.ts';
import { ClientHandshake } from '../../../src/ipc/windows-handshake.ts';

const NAME = /^\\\\\.\\pipe\\foundry-credential-helper-[0-9a-f]{32}$/;
const status = { method: 'status' } as const;
const request = { protocol: 1, version: '1', request: status };

const home = process.cwd();
let folder: string;
let server: IpcServer;
let target: Required<Target>;
let asked: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pipe-'));
  // On this system the pipe's name is a relative path.
  process.chdir(folder);
  asked = 0;
  const address = { kind: 'pipe', folder, descriptor: join(folder, 'agent-pipe.json') } as const;
  server = new IpcServer({
    address,
    requestTimeoutMs: 300,
    handler: async () => {
      asked += 1;
      return { answer: 'the token' };
    },
  });
  await server.listen();
  target = locateAgent(address) as Required<Target>;
});

afterEach(async () => {
  await server.close(0);
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

/** What a stranger gets who writes these frames, one after each reply, until the server hangs up. */
function stranger(...frames: readonly unknown[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(target.path);
    const waiting = [...frames];
    let heard = '';
    const next = (): void => {
      const frame = waiting.shift();
      if (frame !== undefined) socket.write(typeof frame === 'string' ? frame : encodeFrame(frame));
    };
    socket.on('connect', next);
    socket.on('data', (chunk) => {
      heard += chunk.toString();
      next();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
  });
}

it('has a random name and a 256-bit key that only this user can read', () => {
  expect(target.path).toMatch(NAME);
  expect(target.key).toHaveLength(32);
  expect(statSync(join(folder, 'agent-pipe.json')).mode & 0o777).toBe(0o600);
});

it('serves who knows the key', async () => {
  expect(await askAgent(target, status)).toEqual({ answer: 'the token' });
});

it('tells a stranger nothing, not even that it was wrong', async () => {
  const key = Buffer.alloc(32, 1);
  const forged = new ClientHandshake(key, target.path);
  expect(await stranger(request)).toBe('');
  expect(await stranger('not JSON\n')).toBe('');
  expect(await stranger('x'.repeat(70_000))).toBe('');
  expect(await stranger({ nonce: 'n'.repeat(101) })).toBe('');
  for (const proof of [{ proof: '' }, { proof: forged.hello() }, {}, null, request]) {
    // A challenge for the hello, and no second line.
    expect((await stranger(forged.hello(), proof)).split('\n')).toHaveLength(2);
  }
  expect(asked).toBe(0);
});

it('hangs up on a client that is silent or stops halfway', async () => {
  expect(await stranger()).toBe('');
  expect((await stranger({ nonce: 'a nonce' })).split('\n')).toHaveLength(2);
});

it("can't be used with an overheard proof or with the server's own proof", async () => {
  const honest = new ClientHandshake(target.key, target.path);
  const first = await stranger(honest.hello());
  const { proof, nonce } = JSON.parse(first) as { proof: string; nonce: string };
  const overheard = honest.answer({ proof, nonce });
  for (const replayed of [overheard, { proof }, { proof, nonce }]) {
    expect((await stranger(honest.hello(), replayed)).split('\n')).toHaveLength(2);
  }
  expect(asked).toBe(0);
});

it('a process that took the name first gets a nonce, but no request and no proof', async () => {
  await server.close(0);
  const heard: string[] = [];
  const squatter = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      heard.push(chunk.toString());
      socket.write(encodeFrame({ nonce: 'mine', proof: Buffer.alloc(32).toString('base64') }));
    });
  });
  await new Promise<void>((resolve) => squatter.listen(target.path, resolve));
  await expect(askAgent(target, status, { deadlineMs: 2_000 })).rejects.toMatchObject({
    code: 'ERR_AGENT_UNTRUSTED',
  });
  expect(heard).toHaveLength(1);
  expect(Object.keys(JSON.parse(heard[0] ?? '') as object)).toEqual(['nonce']);
  await new Promise((resolve) => squatter.close(resolve));
});

it('has another name and key after each start, and removes its descriptor at the end', async () => {
  const descriptor = readFileSync(join(folder, 'agent-pipe.json'), 'utf8');
  await server.close(0);
  expect(() => readFileSync(join(folder, 'agent-pipe.json'))).toThrow(/ENOENT/);
  const address = { kind: 'pipe', folder, descriptor: join(folder, 'agent-pipe.json') } as const;
  server = new IpcServer({ address, handler: async () => ({}) });
  await server.listen();
  const later = locateAgent(address);
  expect(later?.path).not.toBe(target.path);
  expect(descriptor).not.toContain(later?.key?.toString('base64'));
});
