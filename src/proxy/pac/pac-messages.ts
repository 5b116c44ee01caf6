// What the agent's thread and the thread that runs a PAC file say to each other.

export interface PacWorkerData {
  readonly script: string;
  /** Milliseconds for the file's evaluation, and for each answer. */
  readonly deadlineMs: number;
  /** For the answer to a `resolve`: see `ADDRESSES_BYTES`. */
  readonly shared: SharedArrayBuffer;
}

export interface PacQuestion {
  readonly url: string;
  readonly host: string;
  readonly ownAddresses: readonly string[];
}

export type PacMessage =
  /** The thread has begun with a question; its time runs from here. */
  | { readonly kind: 'started' }
  | { readonly kind: 'answer'; readonly answer: string }
  | { readonly kind: 'failure'; readonly reason: string }
  /** The worker waits until the addresses are in `shared`. */
  | { readonly kind: 'resolve'; readonly host: string };

/** `shared` begins with two 32-bit numbers: 1 when there's an answer, and its length. Then comes the JSON of a list. */
export const HEADER_BYTES = 8;
export const ADDRESSES_BYTES = 4_096;
