// Reads a proxy's reply to CONNECT (RFC 9110 section 9.3.6). Not Node's parser: it takes an interim reply for the final
// one, and refuses headers that curl accepts.

/** Bytes of all headers that a proxy may send, interim replies included. The same limit as curl's. */
const MAX_HEADER_BYTES = 300 * 1024;

const PROTOCOL = 'HTTP/';
const [CR, LF] = [0x0d, 0x0a];

export interface ConnectReply {
  readonly status: number;
  /** The names of the authentication schemes that the proxy offers, as it writes them. */
  readonly schemes: readonly string[];
  /** What came behind the header: bytes of the tunnel, or the body of a refusal. */
  readonly rest: Buffer;
}

/** The other end doesn't answer as an HTTP proxy does. */
export class ConnectReplyError extends Error {}

/**
 * Collects one reply, split in any way. Interim replies are skipped. Every header ends at its blank line, whatever
 * Content-Length and Transfer-Encoding say.
 */
export class ConnectReplyReader {
  #header: Buffer[] = [];
  #isHttp = false;
  #total = 0;
  /** Where the scan is. Blank lines in front of a status line don't count. */
  #at: 'start' | 'in-line' | 'line-start' = 'start';

  /** Returns the final reply once its header is complete. @throws ConnectReplyError */
  push(bytes: Buffer): ConnectReply | undefined {
    let rest = bytes;
    for (;;) {
      const end = this.#endOfHeader(rest);
      this.#header.push(rest.subarray(0, end));
      this.#total += end ?? rest.length;
      if (this.#total > MAX_HEADER_BYTES) throw new ConnectReplyError('its reply has more than 300 KiB of headers');
      this.#checkBeginning();
      if (end === undefined) return undefined;
      rest = rest.subarray(end);
      const reply = parseHeader(Buffer.concat(this.#header).toString('latin1'));
      if (!isInterim(reply.status)) return { ...reply, rest };
      this.#header = [];
      this.#isHttp = false;
      this.#at = 'start';
    }
  }

  /** Another protocol's server may never send a blank line, and wait for its client instead. */
  #checkBeginning(): void {
    if (this.#isHttp) return;
    const beginning = Buffer.concat(this.#header).toString('latin1').trimStart().slice(0, PROTOCOL.length);
    if (!PROTOCOL.startsWith(beginning)) throw new ConnectReplyError("its reply isn't HTTP");
    this.#isHttp = beginning === PROTOCOL;
  }

  /** The offset behind the blank line that ends the header. A line ends in CR LF or LF alone. */
  #endOfHeader(bytes: Buffer): number | undefined {
    for (const [offset, byte] of bytes.entries()) {
      if (byte === LF && this.#at === 'line-start') return offset + 1;
      if (byte === LF && this.#at === 'in-line') this.#at = 'line-start';
      else if (byte !== LF && byte !== CR) this.#at = 'in-line';
    }
    return undefined;
  }
}

/** 101 isn't one: the connection would speak another protocol from there on. */
function isInterim(status: number): boolean {
  return status >= 100 && status < 200 && status !== 101;
}

const STATUS_LINE = /^[\r\n]*HTTP\/\d(?:\.\d)? +(\d{3})(?![^\s])/;
const AUTHENTICATE = /^proxy-authenticate:(.*(?:\r?\n[ \t].*)*)/gim;
/** A scheme is followed by its parameters or by the next one; a parameter's name, by an equals sign. */
const SCHEME = /(?:^|,)\s*([\w-]+)(?=\s*(?:,|$)|\s+[\w-])/g;

function parseHeader(text: string): Omit<ConnectReply, 'rest'> {
  const status = STATUS_LINE.exec(text)?.[1];
  if (status === undefined) throw new ConnectReplyError("its reply isn't HTTP");
  const offers = [...text.matchAll(AUTHENTICATE)].map(([, value = '']) => value.replace(/"[^"]*"/g, 'x'));
  const schemes = offers.flatMap((offer) => [...offer.matchAll(SCHEME)].map(([, name = '']) => name));
  return { status: Number(status), schemes };
}
