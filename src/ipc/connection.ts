// The little of a socket that the client needs, so that the helper can have it without loading node:net.

export interface Connection {
  write(text: string): void;
  close(): void;
}

export interface ConnectionEvents {
  onConnect(connection: Connection): void;
  /** Instead of all else: an Error whose `code` is the system's (`ENOENT`, `ECONNREFUSED`, …). */
  onFailure(cause: unknown): void;
  /** The chunk is the receiver's: it is not written to again. */
  onData(chunk: Buffer): void;
  /** The peer closed, or the connection broke. Not called after `close()`. */
  onEnd(): void;
}

/** Connects, and tells by callbacks what comes of it: the helper meets promises and classes cold, and they are slow then. */
export type Connect = (path: string, events: ConnectionEvents) => void;
