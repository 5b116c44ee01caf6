import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { AppError, errorToRecord, toAppError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { type CallerSession, callerSession } from '../platform/caller-session.ts';
import { writePrivateFile } from '../platform/private-file.ts';
import { type Endpoint, encodeDescriptor } from './endpoint.ts';
import { encodeFrame, FrameError, FrameReader } from './frame.ts';
import type { Listen, Listener, PeerConnection, PeerEvents } from './listener.ts';
import { PROTOCOL_VERSION, type ReplyFrame, type Request } from './protocol.ts';
import { ServerHandshake } from './windows-handshake.ts';

/** What a handler can say before its result. */
export interface Channel {
  /** Version of the program that asks. */
  readonly peerVersion: string;
  /** Where the program that asks runs. */
  readonly session: CallerSession | undefined;
  /** Aborted when the peer hung up. */
  readonly closed: AbortSignal;
  send(frame: Pick<ReplyFrame, 'waitMs' | 'progress'>): void;
}

/** Thrown by a handler to tell a newer program that this agent leaves. */
export class StepAside extends Error {}

export type Handler = (request: Request, channel: Channel) => Promise<unknown>;

export interface ServerOptions {
  readonly listen: Listen;
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
  readonly #peers = new Map<PeerConnection, Peer>();
  readonly #pipe: { path: string; key: Buffer } | undefined;
  #listener: Listener | undefined;
  #watch: NodeJS.Timeout | undefined;
  #lastLeft: (() => void) | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
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
    this.#listener = await this.#options.listen(path, (connection) => this.#accept(connection));
    if (endpoint.kind === 'unix') chmodSync(path, 0o600);
    else if (this.#pipe !== undefined) writePrivateFile(endpoint.descriptor, encodeDescriptor(this.#pipe));
  }

  /** Stops listening, lets answers in progress go out for at most `graceMs`, then hangs up. */
  async close(graceMs = 500): Promise<void> {
    const { endpoint } = this.#options;
    this.#listener?.close();
    if (endpoint.kind === 'pipe') rmSync(endpoint.descriptor, { force: true });
    const timer = setTimeout(() => {
      for (const connection of this.#peers.keys()) connection.destroy();
    }, graceMs);
    if (this.#peers.size > 0)
      await new Promise<void>((resolve) => {
        this.#lastLeft = resolve;
      });
    clearTimeout(timer);
    clearTimeout(this.#watch);
  }

  #accept(connection: PeerConnection): PeerEvents {
    const peer = new Peer(connection, this.#options, this.#pipe);
    this.#peers.set(connection, peer);
    if (this.#peers.size > (this.#options.maxConnections ?? 512)) setImmediate(() => connection.destroy());
    this.#watch ??= setTimeout(() => this.#cutOffSilent(), this.#requestTimeoutMs).unref();
    return {
      onData: (chunk) => peer.onData(chunk),
      onClosed: () => {
        this.#peers.delete(connection);
        peer.closed();
        if (this.#peers.size === 0) this.#lastLeft?.();
      },
    };
  }

  /** One timer for all: making and clearing one for each connection would be a tenth of an answer. */
  #cutOffSilent(): void {
    this.#watch = undefined;
    let nextMs: number | undefined;
    for (const [connection, { busy, acceptedAt }] of this.#peers) {
      if (busy) continue;
      const leftMs = acceptedAt + this.#requestTimeoutMs - performance.now();
      if (leftMs <= 0) connection.destroy();
      else nextMs = Math.min(nextMs ?? leftMs, leftMs);
    }
    if (nextMs !== undefined) this.#watch = setTimeout(() => this.#cutOffSilent(), nextMs).unref();
  }

  get #requestTimeoutMs(): number {
    return this.#options.requestTimeoutMs ?? 5_000;
  }
}

class Peer {
  readonly acceptedAt = performance.now();
  readonly #connection: PeerConnection;
  readonly #options: ServerOptions;
  readonly #reader = new FrameReader();
  #abort: AbortController | undefined;
  #isClosed = false;
  #handshake: ServerHandshake | undefined;
  busy = false;

  constructor(connection: PeerConnection, options: ServerOptions, pipe: { path: string; key: Buffer } | undefined) {
    this.#connection = connection;
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
      this.#connection.write(encodeFrame(challenge));
      return;
    }
    if (!this.#handshake.verify(frame)) throw keyNotProved();
    this.#handshake = undefined;
  }

  #onRequest(frame: unknown): void {
    // One request a connection: a second one is a peer that does not know the protocol, or a flood.
    if (this.busy) throw new AppError('ERR_AGENT_PROTOCOL', { detail: 'a second request on one connection' });
    const { protocol, peerVersion, session } = parseHeader(frame);
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
      session,
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
    if (this.#handshake !== undefined) this.#connection.destroy();
    else this.#end({ error: errorToRecord(error) });
  }

  #send(reply: Reply): void {
    this.#connection.write(encodeReply(reply));
  }

  #end(reply: Reply): void {
    this.#connection.end(encodeReply(reply));
  }
}

type Reply = Omit<ReplyFrame, 'protocol' | 'version'>;

function encodeReply(reply: Reply): string {
  return encodeFrame({ protocol: PROTOCOL_VERSION, version, ...reply } satisfies ReplyFrame);
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

function parseHeader(frame: unknown): {
  protocol: number;
  peerVersion: string;
  session: CallerSession | undefined;
} {
  if (typeof frame !== 'object' || frame === null) throw notARequest();
  const { protocol, version: peer, session } = frame as Record<string, unknown>;
  if (typeof protocol !== 'number') throw notARequest();
  return {
    protocol,
    peerVersion: typeof peer === 'string' ? peer.slice(0, 40) : 'unknown',
    session: typeof session === 'object' && session !== null ? callerSession({ ...session }) : undefined,
  };
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
