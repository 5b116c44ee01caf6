// Mutual proof of a shared key over a Windows named pipe. libuv makes pipes that everyone may connect to for reading,
// and anyone may take a pipe's name first; so each end proves the key from the user's profile before it says anything.
import { createHmac, randomBytes } from 'node:crypto';
import { sameSecret } from '../core/constant-time.ts';
import { isObject } from '../core/json.ts';

const freshNonce = (): string => randomBytes(32).toString('base64');

/**
 * Binds a proof to its direction, to both fresh nonces and to the pipe's name, so that none can be replayed or turned
 * round.
 */
function prove(key: Buffer, role: 'client' | 'server', path: string, clientNonce: string, serverNonce: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([role, path, clientNonce, serverNonce]))
    .digest('base64');
}

function matches(expected: string, given: unknown): boolean {
  return typeof given === 'string' && sameSecret(expected, given);
}

function field(frame: unknown, name: 'nonce' | 'proof'): unknown {
  return isObject(frame) ? frame[name] : undefined;
}

/** The client's half: send `hello`, give the reply to `answer`, send what it returns, then the request. */
export class ClientHandshake {
  readonly #key: Buffer;
  readonly #path: string;
  readonly #nonce = freshNonce();

  constructor(key: Buffer, path: string) {
    this.#key = key;
    this.#path = path;
  }

  hello(): object {
    return { nonce: this.#nonce };
  }

  /** Undefined when the server doesn't prove the key: then nothing more may be said to it. */
  answer(frame: unknown): object | undefined {
    const serverNonce = field(frame, 'nonce');
    if (typeof serverNonce !== 'string') return undefined;
    const expected = prove(this.#key, 'server', this.#path, this.#nonce, serverNonce);
    if (!matches(expected, field(frame, 'proof'))) return undefined;
    return { proof: prove(this.#key, 'client', this.#path, this.#nonce, serverNonce) };
  }
}

/** The server's half: `challenge` answers the hello, `verify` checks the client's proof. */
export class ServerHandshake {
  readonly #key: Buffer;
  readonly #path: string;
  readonly #nonce = freshNonce();
  #clientNonce: string | undefined;

  constructor(key: Buffer, path: string) {
    this.#key = key;
    this.#path = path;
  }

  get challenged(): boolean {
    return this.#clientNonce !== undefined;
  }

  /** Undefined if the hello isn't valid. */
  challenge(frame: unknown): object | undefined {
    const clientNonce = field(frame, 'nonce');
    if (typeof clientNonce !== 'string' || clientNonce.length > 100) return undefined;
    this.#clientNonce = clientNonce;
    return { nonce: this.#nonce, proof: prove(this.#key, 'server', this.#path, clientNonce, this.#nonce) };
  }

  /** Whether the client proves the key. */
  verify(frame: unknown): boolean {
    if (this.#clientNonce === undefined) return false;
    const expected = prove(this.#key, 'client', this.#path, this.#clientNonce, this.#nonce);
    return matches(expected, field(frame, 'proof'));
  }
}
