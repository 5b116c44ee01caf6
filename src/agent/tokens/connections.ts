import type { AccessToken } from './held-token.ts';

/** How many connections are remembered. The one that asked longest ago is forgotten first. */
const MAX_CONNECTIONS = 64;

/**
 * Which token each connection of a client got last. A client that runs its helper once for a connection runs it again
 * only because the connection is gone, or because the server has rejected the token.
 */
export class Connections {
  /** Weak, so that only its owner keeps a token. */
  readonly #given = new Map<string, WeakRef<AccessToken>>();

  /** Whether the connection has had this token before. */
  hasHad(connection: string, token: AccessToken): boolean {
    return this.#given.get(connection)?.deref() === token;
  }

  remember(connection: string, token: AccessToken): void {
    // A map keeps the order of insertion: the newest goes to the end.
    this.#given.delete(connection);
    this.#given.set(connection, new WeakRef(token));
    const [oldest] = this.#given.keys();
    if (this.#given.size > MAX_CONNECTIONS && oldest !== undefined) this.#given.delete(oldest);
  }
}
