import { execFileSync } from 'node:child_process';
// Client and server over real sockets; the Windows handshake runs over a Unix socket here.
import { chmodSync, lchownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { agentAddress, fallbackAddress, trustedTarget, type UnixAddress } from '../../../src/ipc/address.ts';
import { askAgent, HungUpError, NoAgentError } from '../../../src/ipc/client.ts';
import { locateAgent } from '../../../src/ipc/locate-agent.ts';
import { type Channel, type Handler, IpcServer, type ServerOptions, StepAside } from '../../../src/ipc/server.ts';

let folder: string;
let address: UnixAddress;
const servers: IpcServer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipc-'));
  address = { kind: 'unix', folder, path: join(folder, 'agent.sock') };
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close(0)));
  rmSync(folder, { recursive: true, force: true });
});

async function serve(handler: Handler, options: Partial<ServerOptions> = {}) {
  const server = new IpcServer({ address, handler, ...options });
  servers.push(server);
  await server.listen();
  return server;
}

/** What a peer that writes raw bytes gets back until it is hung up on. */
function rawExchange(bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(address.path);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });
}

const status = { method: 'status' } as const;
const echo: Handler = async (request) => request;

describe('asking', () => {
  it("receives the answer, no matter how it's cut", async () => {
    await serve(async () => ({ text: 'Zürich ☃'.repeat(4_000) }));
    const answer = await askAgent({ path: address.path }, status, { deadlineMs: 5_000 });
    expect(answer).toEqual({ text: 'Zürich ☃'.repeat(4_000) });
  });

  it("passes on the agent's error with its code and correlation ID", async () => {
    await serve(async () => {
      throw new AppError('ERR_CONSENT_REQUIRED', { detail: 'AADSTS65001', correlationId: 'c-1' });
    });
    await expect(askAgent({ path: address.path }, status)).rejects.toMatchObject({
      code: 'ERR_CONSENT_REQUIRED',
      detail: 'AADSTS65001',
      correlationId: 'c-1',
    });
  });

  it('tells "no agent" from a failure', async () => {
    await expect(askAgent({ path: address.path }, status)).rejects.toBeInstanceOf(NoAgentError);
    const stale = createServer();
    await new Promise<void>((resolve) => stale.listen(address.path, resolve));
    // A dead agent's socket: the file stays when its listener is gone.
    writeFileSync(join(folder, 'keep'), '');
    stale.close();
    await expect(askAgent({ path: address.path }, status)).rejects.toBeInstanceOf(NoAgentError);
  });

  it('gives up at its deadline, later when the agent asks for more time', async () => {
    const slow =
      (ms: number): Handler =>
      async (_request, channel) => {
        channel.send({ waitMs: ms });
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        return { late: true };
      };
    await serve(slow(20_000));
    expect(await askAgent({ path: address.path }, status, { deadlineMs: 1_000 })).toEqual({ late: true });
    await Promise.all(servers.splice(0).map((server) => server.close(0)));
    await serve(slow(50));
    const hurried = askAgent({ path: address.path }, status, { deadlineMs: 5_000 });
    await expect(hurried).rejects.toMatchObject({ code: 'ERR_AGENT_UNREACHABLE' });
  });

  it('waits for a person once there is progress', async () => {
    await serve(async (_request, channel) => {
      channel.send({ progress: { state: 'starting' } });
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return { late: true };
    });
    const seen: unknown[] = [];
    const onProgress = (progress: unknown): void => void seen.push(progress);
    const answer = await askAgent({ path: address.path }, status, { deadlineMs: 1_000, onProgress });
    expect({ answer, seen }).toEqual({ answer: { late: true }, seen: [{ state: 'starting' }] });
  });

  it('fails when the agent hangs up, leaves, or sends nonsense', async () => {
    await serve(async () => {
      throw new StepAside();
    });
    await expect(askAgent({ path: address.path }, status)).rejects.toBeInstanceOf(NoAgentError);
    await Promise.all(servers.splice(0).map((server) => server.close(0)));
    for (const [reply, code] of [
      ['', 'ERR_AGENT_UNREACHABLE'],
      ['nonsense\n', 'ERR_AGENT_PROTOCOL'],
      ['{"protocol":1,"version":"1","error":"x"}\n', 'ERR_AGENT_PROTOCOL'],
      ['{"protocol":7,"version":"9.9.9","result":{}}\n', 'ERR_AGENT_VERSION'],
      ['x'.repeat(70_000), 'ERR_AGENT_PROTOCOL'],
    ] as const) {
      const odd = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.resume().end(reply);
      });
      await new Promise<void>((resolve) => odd.listen(address.path, resolve));
      await expect(askAgent({ path: address.path }, status)).rejects.toMatchObject({ code });
      await new Promise((resolve) => odd.close(resolve));
    }
  });

  it('tells the handler that the peer hung up', async () => {
    let closed: Channel['closed'] | undefined;
    await serve(async (_request, channel) => {
      closed = channel.closed;
      await new Promise((resolve) => channel.closed.addEventListener('abort', resolve));
      return {};
    });
    await expect(askAgent({ path: address.path }, status, { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({
      code: 'ERR_SIGN_IN_CANCELLED',
    });
    await expect.poll(() => closed?.aborted).toBe(true);
  });

  it("doesn't ask for a caller that has given up already", async () => {
    let asked = 0;
    await serve(async () => {
      asked += 1;
      return {};
    });
    const asking = askAgent({ path: address.path }, status, { signal: AbortSignal.abort() });
    await expect(asking).rejects.toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
    expect(await askAgent({ path: address.path }, status)).toEqual({});
    expect(asked).toBe(1);
  });

  it('takes the first answer and ignores what comes later', async () => {
    const line = (fields: object): string => `${JSON.stringify({ protocol: 1, version: '1', ...fields })}\n`;
    const odd = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume().end(line({ result: { first: true } }) + line({ error: { code: 'ERR_INTERNAL' } }));
    });
    await new Promise<void>((resolve) => odd.listen(address.path, resolve));
    expect(await askAgent({ path: address.path }, status)).toEqual({ first: true });
    await new Promise((resolve) => odd.close(resolve));
  });

  it("throws what the caller's own onProgress threw, unchanged", async () => {
    const fault = new Error('a fault of the caller');
    await serve(async (_request, channel) => {
      channel.send({ progress: { state: 'starting' } });
      await new Promise((resolve) => channel.closed.addEventListener('abort', resolve));
    });
    const asking = askAgent({ path: address.path }, status, {
      onProgress: () => {
        throw fault;
      },
    });
    await expect(asking).rejects.toBe(fault);
  });

  it('reports a socket that may not be opened, or one that hangs up before the key is proved', async () => {
    await expect(askAgent({ path: join(folder, 'x'.repeat(200)) }, status)).rejects.toMatchObject({
      code: 'ERR_AGENT_UNREACHABLE',
      detail: 'EINVAL',
    });
    const odd = createServer((socket) => void socket.destroy());
    await new Promise<void>((resolve) => odd.listen(address.path, resolve));
    const asking = askAgent({ path: address.path, key: Buffer.alloc(32) }, status);
    await expect(asking).rejects.toBeInstanceOf(HungUpError);
    await new Promise((resolve) => odd.close(resolve));
  });

  it("proves the key first if there is one, and refuses a server that can't", async () => {
    // The pipe address can't listen here: its handshake runs in a relay in front of a Unix socket server.
    const key = Buffer.alloc(32, 7);
    const { ServerHandshake } = await import('../../../src/ipc/windows-handshake.ts');
    const { FrameReader, encodeFrame } = await import('../../../src/ipc/frame.ts');
    const seen: unknown[] = [];
    const pipe = createServer((socket) => {
      const handshake = new ServerHandshake(key, address.path);
      const reader = new FrameReader();
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        for (const frame of reader.push(chunk)) {
          seen.push(frame);
          if (seen.length === 1) socket.write(encodeFrame(handshake.challenge(frame)));
          else if (seen.length === 2) handshake.verify(frame);
          else socket.end(encodeFrame({ protocol: 1, version: '1', result: { proved: true } }));
        }
      });
    });
    await new Promise<void>((resolve) => pipe.listen(address.path, resolve));
    expect(await askAgent({ path: address.path, key }, status)).toEqual({ proved: true });
    expect(JSON.stringify(seen.slice(0, 2))).not.toContain('status');
    seen.length = 0;
    const wrong = askAgent({ path: address.path, key: Buffer.alloc(32, 8) }, status);
    await expect(wrong).rejects.toMatchObject({ code: 'ERR_AGENT_UNTRUSTED' });
    expect(seen).toHaveLength(1);
    await new Promise((resolve) => pipe.close(resolve));
  });
});

describe('the server', () => {
  it.each([
    ['no JSON', 'hello\n', 'ERR_AGENT_PROTOCOL'],
    ['no object', '[]\n', 'ERR_AGENT_PROTOCOL'],
    ['no method', '{"protocol":1,"version":"0.0.0","request":{}}\n', 'ERR_AGENT_PROTOCOL'],
    [
      'an inherited name as method',
      '{"protocol":1,"version":"0.0.0","request":{"method":"toString"}}\n',
      'ERR_AGENT_PROTOCOL',
    ],
    ['an older protocol', '{"protocol":0,"version":"0.0.1","request":{"method":"status"}}\n', 'ERR_AGENT_VERSION'],
    ['more than 64 KiB', `"${'x'.repeat(65_536)}"\n`, 'ERR_AGENT_PROTOCOL'],
    ['deep JSON', `${'['.repeat(32_000)}${']'.repeat(32_000)}\n`, 'ERR_AGENT_PROTOCOL'],
  ])('answers %s with a clear error and keeps running', async (_name, bytes, code) => {
    await serve(echo);
    expect(await rawExchange(bytes)).toContain(code);
    expect(await askAgent({ path: address.path }, status)).toEqual(status);
  });

  it.each([
    ['a newer protocol', '{"protocol":2,"version":"0.0.0","request":{"method":"anything"}}\n'],
    ["a newer program's unknown method", '{"protocol":1,"version":"9.0.0","request":{"method":"anything"}}\n'],
    [
      "a newer program's unknown value",
      '{"protocol":1,"version":"9.0.0","request":{"method":"sign-in","openBrowser":true,"signInMethod":"new"}}\n',
    ],
  ])('steps aside for %s', async (_name, line) => {
    let newer = 0;
    await serve(echo, {
      onNewerPeer: () => {
        newer += 1;
      },
    });
    expect(JSON.parse(await rawExchange(line))).toMatchObject({ steppingAside: true });
    expect(newer).toBe(1);
  });

  it.each<[string, object]>([
    ['context', { method: 'helper-output', context: 5, elapsedMs: 1 }],
    ['elapsedMs', { method: 'helper-output', context: 'background' }],
    ['elapsedMs', { method: 'helper-output', context: 'background', elapsedMs: -1 }],
    ['claudeCode', { method: 'helper-output', context: 'background', elapsedMs: 1, claudeCode: true }],
    [
      'claudeCode.ttlMs',
      { method: 'helper-output', context: 'background', elapsedMs: 1, claudeCode: { session: 's' } },
    ],
    ['resource', { method: 'endpoint-token', resource: 5 }],
    ['clientId', { method: 'endpoint-token', clientId: null }],
    ['openBrowser', { method: 'sign-in', openBrowser: 'yes' }],
    ['signInMethod', { method: 'sign-in', openBrowser: true, signInMethod: 'carrier-pigeon' }],
    ['apiKey', { method: 'set-api-key', apiKey: ['the-secret-key'] }],
  ])("names the malformed field %s and doesn't repeat it (%j)", async (field, request) => {
    let asked = 0;
    await serve(async () => {
      asked += 1;
    });
    const heard = await rawExchange(`${JSON.stringify({ protocol: 1, version: '0.0.0', request })}\n`);
    expect(JSON.parse(heard)).toMatchObject({
      error: { code: 'ERR_AGENT_PROTOCOL', detail: `the field "${field}" is missing or malformed` },
    });
    expect(heard).not.toContain('the-secret-key');
    expect(asked).toBe(0);
  });

  it("treats an unknown context as unattended, and leaves out what it doesn't know", async () => {
    const request = { method: 'helper-output', context: 'new-in-desktop', elapsedMs: 1, session: {}, __proto__: null };
    await serve(echo);
    expect(JSON.parse(await rawExchange(`${JSON.stringify({ protocol: 1, version: '0.0.0', request })}\n`))).toEqual({
      protocol: 1,
      version: '0.0.0',
      result: { method: 'helper-output', context: 'background', elapsedMs: 1 },
    });
  });

  it('refuses a second request on one connection', async () => {
    await serve(async () => new Promise((resolve) => setTimeout(() => resolve({ done: true }), 200)));
    const line = '{"protocol":1,"version":"0.0.0","request":{"method":"status"}}\n';
    expect(await rawExchange(line + line)).toContain('second request');
  });

  it('hangs up on a peer that says nothing', async () => {
    await serve(echo, { requestTimeoutMs: 100 });
    expect(await rawExchange('{"protocol":')).toBe('');
  });

  it('hangs up on connections above its limit, and answers the others', async () => {
    await serve(async () => new Promise((resolve) => setTimeout(() => resolve({ done: true }), 300)), {
      maxConnections: 3,
    });
    const asked = Array.from({ length: 6 }, () =>
      askAgent({ path: address.path }, status).then(
        () => 'answered',
        ({ detail }: AppError) => detail,
      ),
    );
    const outcomes = (await Promise.all(asked)).toSorted();
    expect(outcomes).toEqual(['answered', 'answered', 'answered', 'it hung up', 'it hung up', 'it hung up']);
  });

  it('sends a large answer whole to a peer that takes its time', async () => {
    const text = 'x'.repeat(60_000);
    // Larger than a socket holds: many lines on one connection.
    await serve(async (_request, channel) => {
      for (let line = 0; line < 20; line += 1) channel.send({ progress: { state: text } as never });
      return { text };
    });
    const socket = connect(address.path);
    socket.write('{"protocol":1,"version":"0.0.0","request":{"method":"status"}}\n');
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    let size = 0;
    socket.on('data', (chunk: Buffer) => {
      size += chunk.length;
    });
    socket.resume();
    await new Promise((resolve) => socket.on('close', resolve));
    expect(size).toBeGreaterThan(21 * 60_000);
  });

  it('closes while a peer reads nothing, within its time', async () => {
    const server = await serve(async (_request, channel) => {
      for (let line = 0; line < 50; line += 1) channel.send({ progress: { state: 'x'.repeat(60_000) } as never });
      return {};
    });
    const socket = connect(address.path);
    socket.on('error', () => undefined);
    socket.write('{"protocol":1,"version":"0.0.0","request":{"method":"status"}}\n');
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await server.close(200);
    socket.destroy();
  });

  it("says why it can't listen", async () => {
    const nowhere = { kind: 'unix', folder, path: join(folder, 'none/agent.sock') } as const;
    const server = new IpcServer({ address: nowhere, handler: echo });
    await expect(server.listen()).rejects.toThrow(/EACCES|ENOENT/);
    await server.close();
  });

  it('answers 200 at the same time', async () => {
    await serve(echo);
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => askAgent({ path: address.path }, status, { deadlineMs: 20_000 })),
    );
    expect(answers).toHaveLength(200);
  });
});

describe.runIf(process.platform !== 'win32')('an address that no socket can have', () => {
  const long = `/${'x'.repeat(120)}`;

  it("isn't used: neither a session folder that is too long, nor a temporary folder", () => {
    const name = `foundry-credential-helper-${process.getuid?.()}`;
    expect(agentAddress({ runtime: long })).toEqual(fallbackAddress());
    expect(fallbackAddress('/var/tmp')).toMatchObject({ path: `/var/tmp/${name}/agent.sock` });
    expect(fallbackAddress(long)).toEqual({ kind: 'unix', folder: `/tmp/${name}`, path: `/tmp/${name}/agent.sock` });
  });

  it('counts its bytes, not its letters', () => {
    expect(agentAddress({ runtime: `/${'é'.repeat(45)}` })).toMatchObject({ folder: `/${'é'.repeat(45)}` });
    expect(agentAddress({ runtime: `/${'é'.repeat(47)}` })).toEqual(fallbackAddress());
  });
});

describe("a server whose address can't be determined", () => {
  it("stops listening, so that it doesn't keep its process", () => {
    const script = `
      const { IpcServer } = await import(${JSON.stringify(join(import.meta.dirname, '../../../src/ipc/server.ts'))});
      const address = { kind: 'pipe', folder: 'none', descriptor: 'none/agent-pipe.json' };
      await new IpcServer({ address, handler: async () => undefined }).listen().catch((thrown) => console.log(thrown.code));`;
    // Here the pipe's name is that of a file in the working folder.
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
    const output = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: 30_000 });
    expect(output).toBe('ERR_STATE_UNWRITABLE\n');
  });
});

describe('what the client refuses to talk to', () => {
  it("finds nothing if there's nothing", () => {
    expect(locateAgent(address)).toBeUndefined();
    expect(trustedTarget(address)).toBeUndefined();
    expect(
      locateAgent({ kind: 'unix', folder: join(folder, 'none'), path: join(folder, 'none/agent.sock') }),
    ).toBeUndefined();
  });

  it('a socket folder or socket that others may write to', async () => {
    await serve(echo);
    expect(locateAgent(address)).toEqual({ path: address.path });
    expect(trustedTarget(address)).toEqual({ path: address.path });
    chmodSync(address.path, 0o666);
    expect(() => locateAgent(address)).toThrow(expect.objectContaining({ code: 'ERR_AGENT_UNTRUSTED' }));
    expect(trustedTarget(address)).toBeUndefined();
    chmodSync(address.path, 0o600);
    chmodSync(folder, 0o777);
    expect(() => locateAgent(address)).toThrow(/writable by others/);
    expect(trustedTarget(address)).toBeUndefined();
  });

  it('a file or a link in place of the socket', () => {
    writeFileSync(address.path, '');
    expect(() => locateAgent(address)).toThrow(/not a socket/);
    rmSync(address.path);
    symlinkSync('/dev/null', address.path);
    expect(() => locateAgent(address)).toThrow(/not a socket/);
    expect(trustedTarget(address)).toBeUndefined();
  });

  it.runIf(process.getuid?.() === 0)("another user's socket", async () => {
    await serve(echo);
    lchownSync(address.path, 12_345, 12_345);
    expect(() => locateAgent(address)).toThrow(/belongs to another user/);
    expect(trustedTarget(address)).toBeUndefined();
  });

  it('a damaged pipe descriptor', () => {
    const descriptor = join(folder, 'agent-pipe.json');
    const pipe = { kind: 'pipe', folder, descriptor } as const;
    expect(locateAgent(pipe)).toBeUndefined();
    for (const text of ['', '{', '{}', '{"v":1,"pipe":"x","key":"short"}']) {
      writeFileSync(descriptor, text, { mode: 0o600 });
      expect(() => locateAgent(pipe)).toThrow(/damaged/);
    }
    const key = Buffer.alloc(32, 1).toString('base64');
    writeFileSync(descriptor, JSON.stringify({ v: 1, pipe: 'name', key }), { mode: 0o600 });
    expect(locateAgent(pipe)).toEqual({ path: 'name', key: Buffer.alloc(32, 1) });
  });
});
