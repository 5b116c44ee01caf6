// The little of a socket that the client needs, so that the helper can have it without loading node:net.

export interface Connection {
  write(text: string): void;
  close(): void;
}

export interface ConnectionEvents {
  /** The chunk is the receiver's: it is not written to again. */
  onData(chunk: Buffer): void;
  /** The peer closed, or the connection broke. Not called after `close()`. */
  onEnd(): void;
}

/** Resolves when connected; rejects with an Error whose `code` is the system's (`ENOENT`, `ECONNREFUSED`, …). */
export type Connect = (path: string, events: ConnectionEvents) => Promise<Connection>;
