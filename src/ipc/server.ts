import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { AppError, errorToRecord, toAppError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { writePrivateFile } from '../platform/private-file.ts';
import { type Endpoint, encodeDescriptor } from './endpoint.ts';
import { encodeFrame, FrameError, FrameReader } from './frame.ts';
import { ServerHandshake } from './handshake.ts';
import { PROTOCOL_VERSION, type ReplyFrame, type Request } from './protocol.ts';

/** What a handler can say before its result. */
export interface Channel {
  /** Version of the program that asks. */
  readonly peerVersion: string;
  /** Aborted when the peer hung up. */
  readonly closed: AbortSignal;
  send(frame: Pick<ReplyFrame, 'waitMs' | 'progress'>): void;
}

/** Thrown by a handler to tell a newer program that this agent leaves. */
export class StepAside extends Error {}

export type Handler = (request: Request, channel: Channel) => Promise<unknown>;

export interface ServerOptions {
  readonly endpoint: Endpoint;
  readonly handler: Handler;
  /** Milliseconds a peer may take to send its request; a silent one is cut off. */
  readonly requestTimeoutMs?: number;
  /** Connections at once; further ones are closed unanswered. */
  readonly maxConnections?: number;
  onPeerError?(error: AppError): void;
  /** A program of a newer protocol asked; it has been told to start its own agent. */
  onNewerProtocol?(peerVersion: string): void;
}

/** The agent's end of the IPC: bounded before parsed, one request at a time per connection. */
export class IpcServer {
  readonly #options: ServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #pipe: { path: string; key: Buffer } | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = options.maxConnections ?? 512;
    this.#pipe =
      options.endpoint.kind === 'pipe'
        ? { path: `\\\\.\\pipe\\foundry-credential-helper-${randomBytes(16).toString('hex')}`, key: randomBytes(32) }
        : undefined;
  }

  /**
   * Listens. The caller holds the instance lock, so a socket that stands there already is a dead agent's.
   * @throws the system's error when the address cannot be had.
   */
  async listen(): Promise<void> {
    const { endpoint } = this.#options;
    const path = this.#pipe?.path ?? (endpoint.kind === 'unix' ? endpoint.path : '');
    if (endpoint.kind === 'unix') rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ path, backlog: 511 }, () => {
        this.#server.removeListener('error', reject);
        resolve();
      });
    });
    if (endpoint.kind === 'unix') chmodSync(path, 0o600);
    else if (this.#pipe !== undefined) writePrivateFile(endpoint.descriptor, encodeDescriptor(this.#pipe));
  }

  /** Stops listening, lets answers in progress go out for at most `graceMs`, then hangs up. */
  async close(graceMs = 500): Promise<void> {
    const { endpoint } = this.#options;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    if (endpoint.kind === 'pipe') rmSync(endpoint.descriptor, { force: true });
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await closed;
    clearTimeout(timer);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    const peer = new Peer(socket, this.#options, this.#pipe);
    const timeout = setTimeout(() => {
      if (!peer.busy) socket.destroy();
    }, this.#options.requestTimeoutMs ?? 5_000);
    timeout.unref();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timeout);
      this.#sockets.delete(socket);
      peer.closed();
    });
    socket.on('data', (chunk) => peer.onData(chunk));
  }
}

class Peer {
  readonly #socket: Socket;
  readonly #options: ServerOptions;
  readonly #reader = new FrameReader();
  #abort: AbortController | undefined;
  #isClosed = false;
  #handshake: ServerHandshake | undefined;
  busy = false;

  constructor(socket: Socket, options: ServerOptions, pipe: { path: string; key: Buffer } | undefined) {
    this.#socket = socket;
    this.#options = options;
    this.#handshake = pipe === undefined ? undefined : new ServerHandshake(pipe.key, pipe.path);
  }

  closed(): void {
    this.#isClosed = true;
    this.#abort?.abort();
  }

  /** Made for the few who ask: an aborted signal costs as much as the rest of a request. */
  get #signal(): AbortSignal {
    if (this.#isClosed) return AbortSignal.abort();
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  onData(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) this.#onFrame(frame);
    } catch (thrown) {
      this.#refuse(refusalOf(thrown));
    }
  }

  #onFrame(frame: unknown): void {
    if (this.#handshake === undefined) {
      this.#onRequest(frame);
      return;
    }
    if (!this.#handshake.challenged) {
      const challenge = this.#handshake.challenge(frame);
      if (challenge === undefined) throw keyNotProved();
      this.#socket.write(encodeFrame(challenge));
      return;
    }
    if (!this.#handshake.verify(frame)) throw keyNotProved();
    this.#handshake = undefined;
  }

  #onRequest(frame: unknown): void {
    // One request a connection: a second one is a peer that does not know the protocol, or a flood.
    if (this.busy) throw new AppError('ERR_AGENT_PROTOCOL', { detail: 'a second request on one connection' });
    const { protocol, peerVersion } = parseHeader(frame);
    this.busy = true;
    if (protocol > PROTOCOL_VERSION) {
      this.#end({ steppingAside: true });
      this.#options.onNewerProtocol?.(peerVersion);
      return;
    }
    const request = parseRequest(frame, protocol, peerVersion);
    const signal = () => this.#signal;
    const channel: Channel = {
      peerVersion,
      get closed() {
        return signal();
      },
      send: (reply) => this.#send(reply),
    };
    this.#options.handler(request, channel).then(
      (result) => this.#end({ result }),
      (thrown: unknown) => {
        if (thrown instanceof StepAside) this.#end({ steppingAside: true });
        else this.#end({ error: errorToRecord(toAppError(thrown)) });
      },
    );
  }

  #refuse(error: AppError): void {
    this.#options.onPeerError?.(error);
    // A peer that has not proved the key learns nothing, not even why.
    if (this.#handshake !== undefined) this.#socket.destroy();
    else this.#end({ error: errorToRecord(error) });
  }

  #send(reply: Omit<ReplyFrame, 'protocol' | 'version'>): void {
    if (this.#socket.writable) this.#socket.write(encodeFrame({ protocol: PROTOCOL_VERSION, version, ...reply }));
  }

  #end(reply: Omit<ReplyFrame, 'protocol' | 'version'>): void {
    this.#send(reply);
    // destroySoon writes out what is buffered, but does not wait for a peer that never closes its end.
    this.#socket.destroySoon();
  }
}

const METHODS: Readonly<Record<Request['method'], true>> = {
  'helper-output': true,
  'access-token': true,
  'endpoint-token': true,
  'sign-in': true,
  'set-api-key': true,
  'sign-out': true,
  status: true,
  stop: true,
};

function parseHeader(frame: unknown): { protocol: number; peerVersion: string } {
  if (typeof frame !== 'object' || frame === null) throw notARequest();
  const { protocol, version: peer } = frame as Record<string, unknown>;
  if (typeof protocol !== 'number') throw notARequest();
  return { protocol, peerVersion: typeof peer === 'string' ? peer.slice(0, 40) : 'unknown' };
}

function parseRequest(frame: unknown, protocol: number, peerVersion: string): Request {
  if (protocol !== PROTOCOL_VERSION) {
    throw new AppError('ERR_AGENT_VERSION', { detail: `agent ${version}, the program that asks ${peerVersion}` });
  }
  const { request } = frame as Record<string, unknown>;
  if (typeof request !== 'object' || request === null || !('method' in request)) throw notARequest();
  if (typeof request.method !== 'string' || !Object.hasOwn(METHODS, request.method)) {
    throw new AppError('ERR_AGENT_PROTOCOL', { detail: 'unknown method' });
  }
  return request as Request;
}

function refusalOf(thrown: unknown): AppError {
  return thrown instanceof FrameError
    ? new AppError('ERR_AGENT_PROTOCOL', { detail: thrown.message })
    : toAppError(thrown);
}

function keyNotProved(): AppError {
  return new AppError('ERR_AGENT_UNTRUSTED', { detail: 'the other end of the pipe does not know the key' });
}

function notARequest(): AppError {
  return new AppError('ERR_AGENT_PROTOCOL', { detail: 'not a request of this protocol' });
}
