// The little of a server that the agent needs, so that it can have it without node:net's streams, which cost half of an
// answer. Two ways: pipe-listener.ts, and net-listener.ts behind it.

/** The server's end of one connection. */
export interface PeerConnection {
  write(text: string): void;
  /** Sends this and all that was written before, then closes. Nothing is read any more. */
  end(text: string): void;
  /** Closes at once; what is not sent yet is lost. */
  destroy(): void;
}

export interface PeerEvents {
  /** The chunk is the receiver's: it is not written to again. */
  onData(chunk: Buffer): void;
  /** Once, whoever closed it. */
  onClosed(): void;
}

export interface Listener {
  /** Takes no further connection; those that there are stay. */
  close(): void;
}

/**
 * Listens on a Unix socket, or a Windows named pipe, that is not there yet.
 * @throws (rejects) the system's error when the address cannot be had
 */
export type Listen = (path: string, accept: (connection: PeerConnection) => PeerEvents) => Promise<Listener>;

/** Connections that may wait until they are taken: many helpers may come at the same moment. */
export const BACKLOG = 511;
