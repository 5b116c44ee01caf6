import { MAX_FRAME_BYTES } from './protocol.ts';

const NEWLINE = 0x0a;
/** `[`, `{`, and `"` */
const PART_STARTS = [0x5b, 0x7b, 0x22] as const;

export function encodeFrame(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** What a peer sent isn't a frame; the message says why and quotes none of it. */
export class FrameError extends Error {}

/** Splits a byte stream into JSON values. Callers must validate them. */
export class FrameReader {
  readonly #maxParts: number;
  #pending: Buffer | undefined;

  /** @param maxParts how many brackets and quotes one frame may have; more are refused before it's parsed */
  constructor(maxParts = Number.POSITIVE_INFINITY) {
    this.#maxParts = maxParts;
  }

  /** @throws FrameError before buffering more than 64 KiB of one frame, or when a line isn't JSON. */
  push(chunk: Buffer): unknown[] {
    return [...this.frames(chunk)];
  }

  /** The same, but parses a frame only when it's asked for. @throws FrameError as `push` */
  *frames(chunk: Buffer): Generator<unknown, void> {
    let bytes = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk]);
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE)) {
      if (end > MAX_FRAME_BYTES) throw tooLarge();
      const line = bytes.subarray(0, end);
      if (hasMoreParts(line, this.#maxParts)) throw new FrameError('a message has too many parts');
      yield parseLine(line.toString('utf8'));
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > MAX_FRAME_BYTES) throw tooLarge();
    this.#pending = bytes.length === 0 ? undefined : bytes;
  }
}

/**
 * JSON.parse takes hundreds of times longer for 64 KiB of only brackets than for one long text. Brackets and quotes
 * inside a text count too, because only a parser could exclude them.
 */
function hasMoreParts(line: Buffer, limit: number): boolean {
  // Each part takes at least one byte.
  if (line.length <= limit) return false;
  let left = limit;
  for (const start of PART_STARTS) {
    for (let at = line.indexOf(start); at !== -1; at = line.indexOf(start, at + 1)) {
      left -= 1;
      if (left < 0) return true;
    }
  }
  return false;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // No cause: V8's message quotes the input, which may hold a token.
    throw new FrameError("a message isn't JSON");
  }
}

function tooLarge(): FrameError {
  return new FrameError('a message is larger than 64 KiB');
}
