import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { AppError, errorToRecord, toAppError } from '../core/errors.ts';
import { compareVersions, version } from '../core/version.ts';
import { type CallerSession, callerSession } from '../platform/caller-session.ts';
import { writePrivateFile } from '../platform/private-file.ts';
import type { AgentAddress, Target } from './address.ts';
import { encodeFrame, FrameError, FrameReader } from './frame.ts';
import { encodeDescriptor } from './locate-agent.ts';
import { PROTOCOL_VERSION, type ReplyFrame, type Request } from './protocol.ts';
import { parseRequest } from './request-schema.ts';
import { ServerHandshake } from './windows-handshake.ts';

/** What a handler can say before its result. */
export interface Channel {
  /** Version of the program that asks. */
  readonly peerVersion: string;
  /** Where the program that asks runs. */
  readonly session: CallerSession | undefined;
  /** The process that asks, as it says itself. */
  readonly pid?: number | undefined;
  /** Aborted when the peer hung up. */
  readonly closed: AbortSignal;
  send(frame: Pick<ReplyFrame, 'waitMs' | 'progress' | 'part'>): void;
}

/** Thrown by a handler to tell a newer program that this agent leaves. */
export class StepAside extends Error {}

export type Handler = (request: Request, channel: Channel) => Promise<unknown>;

export interface ServerOptions {
  readonly address: AgentAddress;
  readonly handler: Handler;
  /** Milliseconds a peer may take to send its request; a silent one is cut off. */
  readonly requestTimeoutMs?: number;
  /** Simultaneous connections; further ones are closed unanswered. */
  readonly maxConnections?: number;
  onPeerError?(error: AppError): void;
  /** A newer program asked something that this agent can't read; it has been told to start its own agent. */
  onNewerPeer?(): void;
}

/** Connections that may wait to be accepted: many helpers may come at the same moment. */
const BACKLOG = 511;
const DEFAULT_MAX_CONNECTIONS = 512;
const DEFAULT_REQUEST_TIMEOUT_MS = 5_000;
/** A request has about a hundred brackets and quotes. Parsing tens of thousands would keep other helpers waiting. */
const MAX_REQUEST_PARTS = 1_000;

/** The agent's end of the IPC: bounded before parsed, one request per connection. */
export class IpcServer {
  readonly #options: ServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #pipe: PipeAddress | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = options.maxConnections ?? DEFAULT_MAX_CONNECTIONS;
    this.#pipe =
      options.address.kind === 'pipe'
        ? { path: `\\\\.\\pipe\\foundry-credential-helper-${randomBytes(16).toString('hex')}`, key: randomBytes(32) }
        : undefined;
  }

  /**
   * Listens. The caller holds the instance lock, so a socket that is there already is a dead agent's. Undoes itself if
   * it fails, so that no listener keeps the process alive.
   * @throws the system's error if it can't listen there; AppError ERR_STATE_UNWRITABLE
   */
  async listen(): Promise<void> {
    const { address } = this.#options;
    const path = this.#pipe?.path ?? (address.kind === 'unix' ? address.path : '');
    if (address.kind === 'unix') rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ path, backlog: BACKLOG }, resolve);
    });
    // A connection that can't be accepted must not end the agent. Clients retry.
    this.#server.on('error', () => undefined);
    try {
      if (address.kind === 'unix') chmodSync(path, 0o600);
      else if (this.#pipe !== undefined) writePrivateFile(address.descriptor, encodeDescriptor(this.#pipe));
    } catch (thrown) {
      this.#server.close();
      throw thrown;
    }
  }

  /** Stops listening, lets answers in progress go out for at most `graceMs`, then hangs up. */
  async close(graceMs = 500): Promise<void> {
    const { address } = this.#options;
    if (address.kind === 'pipe') rmSync(address.descriptor, { force: true });
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    // Also called back, with an error, if the server doesn't listen.
    await new Promise((resolve) => this.#server.close(resolve));
    clearTimeout(timer);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    new Peer(socket, this.#options, this.#pipe);
  }
}

type PipeAddress = Required<Target>;

class Peer {
  readonly #socket: Socket;
  readonly #options: ServerOptions;
  readonly #reader = new FrameReader(MAX_REQUEST_PARTS);
  readonly #closed = new AbortController();
  readonly #silence: NodeJS.Timeout;
  #handshake: ServerHandshake | undefined;
  #hasAsked = false;

  constructor(socket: Socket, options: ServerOptions, pipe: PipeAddress | undefined) {
    this.#socket = socket;
    this.#options = options;
    this.#handshake = pipe === undefined ? undefined : new ServerHandshake(pipe.key, pipe.path);
    this.#silence = setTimeout(() => socket.destroy(), options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS).unref();
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    // A broken connection also emits `close`, which is what counts.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(this.#silence);
      this.#closed.abort();
    });
  }

  #onData(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.frames(chunk)) this.#onFrame(frame);
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
    // A second request is a peer that doesn't know the protocol, or a flood.
    if (this.#hasAsked) throw new AppError('ERR_AGENT_PROTOCOL', { detail: 'a second request on one connection' });
    const { protocol, peerVersion, session, pid } = parseHeader(frame);
    this.#hasAsked = true;
    clearTimeout(this.#silence);
    const request = requestIn(frame, protocol, peerVersion);
    if (request === undefined) {
      this.#end({ steppingAside: true });
      this.#options.onNewerPeer?.();
      return;
    }
    const channel: Channel = {
      peerVersion,
      session,
      pid,
      closed: this.#closed.signal,
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
    // A peer that hasn't proved the key isn't told anything, not even why.
    if (this.#handshake !== undefined) this.#socket.destroy();
    else this.#end({ error: errorToRecord(error) });
  }

  #send(reply: Reply): void {
    if (this.#socket.writable) this.#socket.write(encodeReply(reply));
  }

  /** Sends this and closes, without waiting for the peer to close its end. Nothing is read any more. */
  #end(reply: Reply): void {
    this.#socket.pause();
    this.#send(reply);
    this.#socket.destroySoon();
  }
}

type Reply = Omit<ReplyFrame, 'protocol' | 'version'>;

function encodeReply(reply: Reply): string {
  return encodeFrame({ protocol: PROTOCOL_VERSION, version, ...reply } satisfies ReplyFrame);
}

function parseHeader(frame: unknown): {
  protocol: number;
  peerVersion: string;
  session: CallerSession | undefined;
  pid: number | undefined;
} {
  if (typeof frame !== 'object' || frame === null) throw notARequest();
  const { protocol, version: peer, session, pid } = frame as Record<string, unknown>;
  if (typeof protocol !== 'number') throw notARequest();
  return {
    protocol,
    peerVersion: typeof peer === 'string' ? peer.slice(0, 40) : 'unknown',
    session: typeof session === 'object' && session !== null ? callerSession({ ...session }) : undefined,
    pid: Number.isSafeInteger(pid) && Number(pid) > 0 ? Number(pid) : undefined,
  };
}

/**
 * Undefined if a newer program asks what this version can't read.
 * @throws AppError ERR_AGENT_VERSION, ERR_AGENT_PROTOCOL
 */
function requestIn(frame: unknown, protocol: number, peerVersion: string): Request | undefined {
  if (protocol > PROTOCOL_VERSION) return undefined;
  if (protocol !== PROTOCOL_VERSION) {
    throw new AppError('ERR_AGENT_VERSION', { detail: `agent ${version}, the program that asks ${peerVersion}` });
  }
  try {
    return parseRequest((frame as Record<string, unknown>)['request']);
  } catch (thrown) {
    if (compareVersions(peerVersion, version) > 0) return undefined;
    throw thrown;
  }
}

function refusalOf(thrown: unknown): AppError {
  return thrown instanceof FrameError
    ? new AppError('ERR_AGENT_PROTOCOL', { detail: thrown.message })
    : toAppError(thrown);
}

function keyNotProved(): AppError {
  return new AppError('ERR_AGENT_UNTRUSTED', { detail: "the other end of the pipe doesn't know the key" });
}

function notARequest(): AppError {
  return new AppError('ERR_AGENT_PROTOCOL', { detail: 'not a request of this protocol' });
}
