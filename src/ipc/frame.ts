import { MAX_FRAME_BYTES } from './protocol.ts';

const NEWLINE = 0x0a;

export function encodeFrame(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** What a peer sent is no frame; the message says why and quotes nothing of it. */
export class FrameError extends Error {}

/** Cuts a byte stream into JSON values; whoever reads them still decides what they are. */
export class FrameReader {
  #pending: Buffer | undefined;

  /** @throws FrameError before buffering more than 64 KiB of one frame, or when a line is not JSON. */
  push(chunk: Buffer): unknown[] {
    const frames: unknown[] = [];
    let bytes = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk]);
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE)) {
      if (end > MAX_FRAME_BYTES) throw tooLarge();
      frames.push(parseLine(bytes.toString('utf8', 0, end)));
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > MAX_FRAME_BYTES) throw tooLarge();
    this.#pending = bytes.length === 0 ? undefined : bytes;
    return frames;
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // No cause: V8's message quotes the input, which may hold a token.
    throw new FrameError('a message is not JSON');
  }
}

function tooLarge(): FrameError {
  return new FrameError('a message is larger than 64 KiB');
}
