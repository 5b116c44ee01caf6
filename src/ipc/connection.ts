// The little of a socket that the client needs, so that the helper can have it without loading node:net. By callbacks,
// since promises and streams cost a helper more than all the rest of its question.

export interface Connection {
  write(text: string): void;
  close(): void;
}

export interface ConnectionEvents {
  onConnected(connection: Connection): void;
  /** Never connected. @param cause an Error whose `code` is the system's (`ENOENT`, `ECONNREFUSED`, …) */
  onFailed(cause: unknown): void;
  /** The chunk is the receiver's: it is not written to again. */
  onData(chunk: Buffer): void;
  /** The peer closed, or the connection broke. Not called after `close()`. */
  onEnd(): void;
}

/** Exactly one of `onConnected` and `onFailed` comes, and never before this returns. */
export type Connect = (path: string, events: ConnectionEvents) => void;
