import { inspect } from 'node:util';

/**
 * A value that must never be printed by accident: tokens, device codes, refresh tokens, cache blobs.
 * Conversion to a string, to JSON, and by `inspect` returns a placeholder.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /**
   * The only way to read the value, so all uses are easy to find. `test/repo/source-text.test.ts` lists the files that
   * may call it.
   */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}
