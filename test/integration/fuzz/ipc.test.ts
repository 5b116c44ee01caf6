import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ApiKeyCredential } from '../../../src/agent/credentials/api-key-credential.ts';
import { EntraCredential } from '../../../src/agent/credentials/entra-credential.ts';
import { RequestHandler } from '../../../src/agent/request-handler.ts';
import { PageRecall } from '../../../src/agent/sign-in/page-recall.ts';
import { AgentState } from '../../../src/agent/tokens/agent-state.ts';
import { RefreshTokenStore } from '../../../src/agent/tokens/refresh-token-store.ts';
import type { ApiKeyConfiguration, Configuration } from '../../../src/config/configuration.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { AppError, describeFailure, errorFromRecord } from '../../../src/core/errors.ts';
import { HELPER_CONTEXTS, parseHelperContext } from '../../../src/core/helper-context.ts';
import { SIGN_IN_METHODS } from '../../../src/core/sign-in-method.ts';
import type { UnixAddress } from '../../../src/ipc/address.ts';
import { parseDescriptor } from '../../../src/ipc/address.ts';
import { askAgent, NoAgentError } from '../../../src/ipc/client.ts';
import { encodeFrame, FrameError, FrameReader } from '../../../src/ipc/frame.ts';
import { MAX_FRAME_BYTES, type Request } from '../../../src/ipc/protocol.ts';
import { IpcServer } from '../../../src/ipc/server.ts';
import { ServerHandshake } from '../../../src/ipc/windows-handshake.ts';
import { silentLog } from '../../../src/log/event-log.ts';
import { RememberedStore } from '../../../src/storage/remembered-store.ts';
import { FakeTokenSource } from '../../support/fakes/fake-token-source.ts';
import { MemorySecretStore } from '../../support/fakes/memory-secret-store.ts';
import { check, cut, json, jsonObject, TIMEOUT_MS, text, trickyText } from './support.ts';

const places = fc.array(fc.nat(100_000), { maxLength: 6 });
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  fc.array(json, { maxLength: 4 }).map((values) => Buffer.from(values.map(encodeFrame).join(''))),
  text.map((line) => Buffer.from(`${line}\n`)),
);

/** All frames until the first invalid one. */
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
  it("arrive whole, no matter how they're cut", () =>
    check(
      fc.property(fc.array(json, { maxLength: 6 }), places, (values, at) => {
        const stream = Buffer.from(values.map(encodeFrame).join(''));
        const parsed = values.map((value) => JSON.parse(JSON.stringify(value)) as unknown);
        expect(readAll(cut(stream, at))).toEqual({ frames: parsed, failed: false });
      }),
    ));

  it("of any bytes fail or succeed in the same way, no matter how they're cut", () =>
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

describe('what a peer says on its own', { timeout: TIMEOUT_MS }, () => {
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

  it('any hello and any proof: no stranger is accepted', () =>
    check(
      fc.property(json, json, (hello, proof) => {
        const handshake = new ServerHandshake(Buffer.alloc(32, 5), 'pipe');
        handshake.challenge(hello);
        expect(handshake.verify(proof)).toBe(false);
      }),
    ));
});

describe('over a real socket', { timeout: TIMEOUT_MS }, () => {
  let folder: string;
  let address: UnixAddress;
  let server: IpcServer;
  const methods = new Set<string>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
    address = { kind: 'unix', folder, path: join(folder, 'agent.sock') };
    server = new IpcServer({
      address,
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

  it('the server answers every peer in its protocol or hangs up, and continues', () =>
    check(
      fc.asyncProperty(
        fc.oneof(
          bytes,
          frame.map((value) => Buffer.from(encodeFrame(value))),
        ),
        places,
        async (stream, at) => {
          const heard = await say(address.path, cut(stream, at));
          for (const line of heard.split('\n').slice(0, -1)) {
            expect(JSON.parse(line)).toMatchObject({ protocol: 1, version: expect.any(String) });
          }
          expect([...methods].filter((name) => !/^[a-z-]+$/.test(name))).toEqual([]);
          const answer = await askAgent({ path: address.path }, { method: 'status' }, { deadlineMs: 5_000 });
          expect(answer).toEqual({ canary: true });
        },
      ),
    ));

  it('the client turns anything that an agent says into an answer or a known error', async () => {
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
            await askAgent({ path }, { method: 'status' }, { deadlineMs: 2_000 });
          } catch (thrown) {
            const isKnown = [AppError, NoAgentError].some((type) => thrown instanceof type);
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

describe('requests to the agent', { timeout: TIMEOUT_MS }, () => {
  const field = { any: text, ms: fc.nat(100_000), context: fc.constantFrom(...HELPER_CONTEXTS) };
  const methods: Readonly<Record<Request['method'], Readonly<Record<string, fc.Arbitrary<unknown>>>>> = {
    'helper-output': {
      context: fc.oneof(field.context, field.any),
      elapsedMs: field.ms,
      claudeCode: jsonObject({ session: field.any, ttlMs: field.ms }),
    },
    'access-token': {},
    'endpoint-token': {
      resource: fc.oneof(fc.constant('https://cognitiveservices.azure.com/'), field.any),
      clientId: fc.oneof(fc.constant('client-1'), field.any),
    },
    'resource-token': {
      client: fc.constantFrom('headers', 'git-credential', 'token'),
      resource: fc.oneof(fc.constantFrom('https://cognitiveservices.azure.com', 'api://another-resource'), field.any),
      connection: fc.oneof(fc.constant('/run/claude.sock greeter'), field.any),
    },
    'sign-in': {
      openBrowser: fc.boolean(),
      signInMethod: fc.constantFrom(...SIGN_IN_METHODS),
      resource: fc.oneof(fc.constant('api://another-resource'), field.any),
    },
    'set-api-key': { apiKey: fc.oneof(fc.constant('0123456789abcdef0123456789abcdef'), field.any) },
    'sign-out': {},
    status: {},
    diagnose: { key: field.any, live: fc.boolean() },
    stop: {},
  };
  const request = fc.oneof(
    ...Object.entries(methods).map(([method, members]) =>
      jsonObject(members).map((fields) => ({ ...fields, method }) as unknown),
    ),
    json,
  );

  it.each(['entra', 'api-key'] as const)('with "credential": "%s" never cause an internal error', async (kind) => {
    const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const credential = kind === 'entra' ? entraCredential(folder) : apiKeyCredential();
    const handler = new RequestHandler({
      credential: () => credential,
      states: () => ({}),
      lastFailure: () => undefined,
      desktopTimeoutMs: () => undefined,
      enter: () => undefined,
      unwritable: () => [],
      diagnose: () => Promise.resolve({ complete: true }),
      leave: () => undefined,
      startedAt: new Date(),
    });
    const address = { kind: 'unix', folder, path: join(folder, 'agent.sock') } as const;
    const server = new IpcServer({ address, handler: (asked, channel) => handler.handle(asked, channel) });
    await server.listen();
    const codes = new Set<string | undefined>();
    await check(
      fc.asyncProperty(request, json, async (asked, session) => {
        const frame = { protocol: 1, version: '0.0.0', session, request: asked };
        const lines = (await hear(address.path, frame)).split('\n');
        const { error } = JSON.parse(lines.at(-2) ?? '') as { error?: { code: string } };
        codes.add(error?.code);
        expect(error?.code).not.toBe('ERR_INTERNAL');
      }),
    );
    // The requests were good enough to get an answer, and bad enough to be refused.
    expect([...codes]).toEqual(expect.arrayContaining([undefined, 'ERR_AGENT_PROTOCOL']));
    await server.close(0);
    if (credential.kind === 'entra') await credential.stop();
  });
});

function entraCredential(folder: string): EntraCredential {
  const configuration = {
    tenantId: 'tid-1',
    clientId: 'client-1',
    credential: 'entra',
    scope: 'https://cognitiveservices.azure.com/.default',
    signInMethod: 'device-code',
    allowTokenEndpoint: true,
    browserSignInFallback: true,
    outputFormat: 'token',
  } as unknown as Configuration;
  const source = new FakeTokenSource();
  const store = new RememberedStore(new MemorySecretStore(), join(folder, 'keystore.json'), systemClock);
  const records = new RefreshTokenStore(async () => store, 'tid-1/client-1', silentLog, systemClock);
  return new EntraCredential(configuration, {
    clock: systemClock,
    log: silentLog,
    state: new AgentState(folder, silentLog),
    random: () => 0.5,
    recordsOf: () => records,
    createTokenSource: () => ({
      refresh: async () => source.grant(),
      signInWithDeviceCode: async () => source.grant(),
      signInWithBrowser: async () => source.grant(),
      signInWithBroker: async () => source.brokerGrant(),
    }),
    openPage: () => ({
      start: async () => undefined,
      newUrl: () => 'http://127.0.0.1:1/p/1',
      redirectUri: () => 'http://127.0.0.1:1/callback',
      redirect: () => new Promise(() => undefined),
      lastSeen: () => undefined,
      lastVisible: () => undefined,
      close: async () => undefined,
    }),
    openUrl: async () => true,
    recall: new PageRecall({ clock: systemClock, log: silentLog, notify: undefined }),
    desktopTtlMs: () => 900_000,
    managedDesktopTtlMs: () => 900_000,
    notifySignInNeeded: async () => 'unavailable',
    lastSession: () => undefined,
  });
}

function apiKeyCredential(): ApiKeyCredential {
  const configuration = {
    credential: 'api-key',
    foundryResource: 'res-1',
    outputFormat: 'token',
    allowTokenEndpoint: true,
  };
  const store = new MemorySecretStore();
  return new ApiKeyCredential(configuration as unknown as ApiKeyConfiguration, {
    clock: systemClock,
    log: silentLog,
    openStore: async () => store,
    desktopTtlMs: () => 900_000,
  });
}

/** Everything that the agent says to this frame until it hangs up. */
function hear(path: string, frame: object): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
    socket.write(encodeFrame(frame));
  });
}
