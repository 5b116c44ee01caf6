// Decodes a body by its Content-Encoding (RFC 9110 section 8.4). Requests ask for no encoding, but some middleboxes
// compress anyway.
import { promisify } from 'node:util';
import type { ZlibOptions, ZstdOptions } from 'node:zlib';
import { isCode } from '../../core/errno.ts';

/** Encodings of one body. More would only cost time: no server stacks them. */
const MAX_ENCODINGS = 4;

/** The body isn't what its headers say, or it's in an encoding that this program doesn't know. */
export class BodyEncodingError extends Error {}

/** A body or what it decodes to is larger than allowed. */
export class BodyTooLargeError extends Error {}

type Decoder = (body: Buffer, maxOutputLength: number) => Promise<Buffer>;

/** Empty and `identity` members change nothing. Lists have the first encoding applied first. */
export function contentEncodings(header: string | undefined): readonly string[] {
  const names = (header ?? '').split(',').map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== '' && name !== 'identity');
}

/**
 * Undoes the encodings. Erases what each step leaves behind, because tokens are in there; the caller erases `body`.
 * @param maxBytes for each step's result
 * @throws BodyEncodingError, BodyTooLargeError
 */
export async function decodeBody(body: Buffer, encodings: readonly string[], maxBytes: number): Promise<Buffer> {
  if (encodings.length > MAX_ENCODINGS) throw new BodyEncodingError(`${encodings.length} content encodings`);
  let decoded = body;
  for (const name of encodings.toReversed()) {
    const encoded = decoded;
    // A reply without a body may still name an encoding.
    if (encoded.length === 0) return encoded;
    try {
      decoded = await decoderOf(name)(encoded, maxBytes);
    } catch (cause) {
      throw explain(cause, name);
    } finally {
      if (encoded !== body) encoded.fill(0);
    }
  }
  return decoded;
}

function decoderOf(name: string): Decoder {
  // Loaded only when it's needed, since servers that do as they're asked don't encode.
  const zlib = process.getBuiltinModule('node:zlib');
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return decoder(promisify<Buffer, ZlibOptions, Buffer>(zlib.gunzip));
    case 'deflate':
      return (body, max) =>
        decoder(promisify<Buffer, ZlibOptions, Buffer>(hasZlibHeader(body) ? zlib.inflate : zlib.inflateRaw))(
          body,
          max,
        );
    case 'br':
      return decoder(promisify<Buffer, ZlibOptions, Buffer>(zlib.brotliDecompress));
    case 'zstd':
      return decoder(promisify<Buffer, ZstdOptions, Buffer>(zlib.zstdDecompress));
    default:
      throw new BodyEncodingError(`content encoding "${name}", which this program can't decode`);
  }
}

const decoder =
  (decompress: (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>): Decoder =>
  (body, maxOutputLength) =>
    decompress(body, { maxOutputLength });

/** RFC 9110 section 8.4.1.2: `deflate` means the zlib format, but some servers send the bare data (RFC 1950, 1951). */
function hasZlibHeader(body: Buffer): boolean {
  const [method = 0, flags = 0] = body;
  return (method & 0x0f) === 8 && (method * 256 + flags) % 31 === 0;
}

function explain(cause: unknown, name: string): Error {
  if (cause instanceof BodyEncodingError) return cause;
  if (isCode(cause, 'ERR_BUFFER_TOO_LARGE')) return new BodyTooLargeError();
  return new BodyEncodingError(`a damaged body in content encoding "${name}"`);
}
