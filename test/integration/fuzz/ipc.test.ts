import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError, describeFailure, errorFromRecord } from '../../../src/core/errors.ts';
import { HELPER_CONTEXTS, parseHelperContext } from '../../../src/core/helper-context.ts';
import { parseDescriptor } from '../../../src/ipc/agent-address.ts';
import { askAgent, NoAgentError, SteppingAsideError } from '../../../src/ipc/client.ts';
import type { UnixEndpoint } from '../../../src/ipc/endpoint.ts';
import { encodeFrame, FrameError, FrameReader } from '../../../src/ipc/frame.ts';
import { connectByNet } from '../../../src/ipc/net-connection.ts';
import { listenByNet } from '../../../src/ipc/net-listener.ts';
import { pipeConnector } from '../../../src/ipc/pipe-connection.ts';
import { pipeListener } from '../../../src/ipc/pipe-listener.ts';
import { MAX_FRAME_BYTES } from '../../../src/ipc/protocol.ts';
import { IpcServer } from '../../../src/ipc/server.ts';
import { ServerHandshake } from '../../../src/ipc/windows-handshake.ts';
import { check, cut, json, jsonObject, TIMEOUT_MS, text, trickyText } from './support.ts';

const places = fc.array(fc.nat(100_000), { maxLength: 6 });
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  fc.array(json, { maxLength: 4 }).map((values) => Buffer.from(values.map(encodeFrame).join(''))),
  text.map((line) => Buffer.from(`${line}\n`)),
);

/** All frames until the first that is none. */
function readAll(chunks: readonly Buffer[]): { readonly frames: unknown[]; readonly failed: boolean } {
  const reader = new FrameReader();
  const frames: unknown[] = [];
  for (const chunk of chunks) {
    try {
      frames.push(...reader.push(Buffer.from(chunk)));
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(FrameError);
      return { frames, failed: true };
    }
  }
  return { frames, failed: false };
}

describe('frames', { timeout: TIMEOUT_MS }, () => {
  it('come through whole, however they are cut', () =>
    check(
      fc.property(fc.array(json, { maxLength: 6 }), places, (values, at) => {
        const stream = Buffer.from(values.map(encodeFrame).join(''));
        const parsed = values.map((value) => JSON.parse(JSON.stringify(value)) as unknown);
        expect(readAll(cut(stream, at))).toEqual({ frames: parsed, failed: false });
      }),
    ));

  it('of any bytes fail or succeed alike, however they are cut', () =>
    check(
      fc.property(bytes, places, (stream, at) => {
        expect(readAll(cut(stream, at)).failed).toBe(readAll([stream]).failed);
      }),
    ));

  it('are bounded: no more than one frame is ever kept', () =>
    check(
      fc.property(fc.nat(MAX_FRAME_BYTES), fc.integer({ min: 1, max: 3 }), (size, extra) => {
        const reader = new FrameReader();
        reader.push(Buffer.alloc(size, 0x20));
        expect(() => reader.push(Buffer.alloc(MAX_FRAME_BYTES - size + extra, 0x20))).toThrow(FrameError);
      }),
    ));
});

describe('what a peer says of itself', { timeout: TIMEOUT_MS }, () => {
  it("an unknown context of Claude Desktop's is unattended", () =>
    check(
      fc.property(
        fc.oneof(
          text,
          fc.constantFrom(...HELPER_CONTEXTS).map((name) => `${name} `),
        ),
        (raw) => {
          const known = HELPER_CONTEXTS.find((name) => name === raw);
          expect(parseHelperContext(raw)).toBe(known ?? 'background');
        },
      ),
    ));

  it('any error record becomes an AppError of one line, or none', () =>
    check(
      fc.property(
        fc.oneof(
          json,
          jsonObject({ code: fc.oneof(trickyText, fc.constant('ERR_NETWORK')), detail: text, correlationId: text }),
        ),
        (record) => {
          const error = errorFromRecord(record);
          if (error === undefined) return;
          const { text: printed } = describeFailure(error);
          expect(printed).toMatch(
            /^foundry-credential-helper: error\[ERR_\w+\]: [^\p{Cc}\u2028\u2029]*\nhint: [^\n]+\n$/u,
          );
        },
      ),
    ));

  it('any pipe descriptor is taken whole or not at all', () =>
    check(
      fc.property(
        fc.oneof(
          text,
          jsonObject({ v: fc.constant(1), pipe: text, key: text }).map((value) => JSON.stringify(value)),
        ),
        (content) => {
          const target = parseDescriptor(content);
          if (target === undefined) return;
          expect(target.key).toHaveLength(32);
          expect(target.path).not.toBe('');
        },
      ),
    ));

  it('any hello and any proof: no stranger is let in', () =>
    check(
      fc.property(json, json, (hello, proof) => {
        const handshake = new ServerHandshake(Buffer.alloc(32, 5), 'pipe');
        handshake.challenge(hello);
        expect(handshake.verify(proof)).toBe(false);
      }),
    ));
});

describe.each([
  ['the pipe binding', pipeListener() ?? listenByNet],
  ['node:net', listenByNet],
])('over a real socket by %s', { timeout: TIMEOUT_MS }, (_, listenBy) => {
  let folder: string;
  let endpoint: UnixEndpoint;
  let server: IpcServer;
  const methods = new Set<string>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
    endpoint = { kind: 'unix', folder, path: join(folder, 'agent.sock') };
    server = new IpcServer({
      listen: listenBy,
      endpoint,
      handler: async (request) => {
        methods.add(request.method);
        return { canary: true };
      },
    });
    await server.listen();
  });

  afterAll(async () => {
    await server.close(0);
    rmSync(folder, { recursive: true, force: true });
  });

  const method = fc.oneof(
    fc.constantFrom('status', 'helper-output', 'access-token', 'sign-in', 'sign-out', 'stop'),
    text,
  );
  const frame = jsonObject({
    protocol: fc.oneof(fc.constant(1), fc.double()),
    version: fc.oneof(fc.constant('0.1.0'), text),
    request: jsonObject({ method, context: text, elapsedMs: fc.double(), openBrowser: fc.boolean() }),
  });

  it('the server answers every peer in its protocol or hangs up, and goes on', () =>
    check(
      fc.asyncProperty(
        fc.oneof(
          bytes,
          frame.map((value) => Buffer.from(encodeFrame(value))),
        ),
        places,
        async (stream, at) => {
          const heard = await say(endpoint.path, cut(stream, at));
          for (const line of heard.split('\n').slice(0, -1)) {
            expect(JSON.parse(line)).toMatchObject({ protocol: 1, version: expect.any(String) });
          }
          expect([...methods].filter((name) => !/^[a-z-]+$/.test(name))).toEqual([]);
          const answer = await askAgent(
            connectByNet,
            { path: endpoint.path },
            { method: 'status' },
            { deadlineMs: 5_000 },
          );
          expect(answer).toEqual({ canary: true });
        },
      ),
    ));

  const connectByPipe = pipeConnector();
  it.runIf(connectByPipe !== undefined).each([
    ['the pipe binding', connectByPipe ?? connectByNet],
    ['node:net', connectByNet],
  ])('the client by %s makes an answer or a known error of whatever an agent says', async (_, connectTo) => {
    let reply: Buffer[] = [];
    const path = join(folder, 'odd.sock');
    const odd = await listen(path, () => reply);
    const replyFrame = jsonObject({
      protocol: fc.oneof(fc.constant(1), fc.integer()),
      version: text,
      waitMs: fc.double({ max: 500 }),
      progress: json,
      result: json,
      error: jsonObject({ code: text, detail: text }),
      steppingAside: fc.boolean(),
    });
    await check(
      fc.asyncProperty(
        fc.oneof(
          bytes,
          replyFrame.map((value) => Buffer.from(encodeFrame(value))),
        ),
        places,
        async (stream, at) => {
          reply = cut(stream, at);
          try {
            await askAgent(connectTo, { path }, { method: 'status' }, { deadlineMs: 2_000 });
          } catch (thrown) {
            const isKnown = [AppError, NoAgentError, SteppingAsideError].some((type) => thrown instanceof type);
            expect(isKnown ? 'known' : thrown).toBe('known');
          }
        },
      ),
    );
    await new Promise((resolve) => odd.close(resolve));
  });
});

/** Writes the chunks, each in its own packet where the system wants so, and returns what comes back. */
function say(path: string, chunks: readonly Buffer[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
    for (const chunk of chunks) socket.write(chunk);
    socket.end();
  });
}

function listen(path: string, chunks: () => readonly Buffer[]): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    for (const chunk of chunks()) socket.write(chunk);
    socket.end();
  });
  return new Promise((resolve) => server.listen(path, () => resolve(server)));
}
