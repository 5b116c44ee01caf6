import * as v from 'valibot';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { readPrivateFile, writePrivateFile } from '../platform/private-file.ts';
import type { DatedStore, SecretStore } from './secret-store.ts';

const fileSchema = v.object({ version: v.literal(1), entries: v.record(v.string(), v.number()) });

type Entries = Readonly<Record<string, number>>;

/**
 * A keystore, and a file that says which entries it has and since when, without secrets. A locked keystore may hide its
 * entries (KeePassXC, depending on its settings). The file tells a hidden entry from one that was never there, so the
 * keystore doesn't have to be probed.
 */
export class RememberedStore implements DatedStore {
  readonly kind: SecretStore['kind'];
  readonly #store: SecretStore;
  readonly #path: string;
  readonly #clock: Clock;
  #entries: Entries;

  /** One process at a time may use the file at `path`, in a folder that exists. */
  constructor(store: SecretStore, path: string, clock: Clock) {
    this.kind = store.kind;
    this.#store = store;
    this.#path = path;
    this.#clock = clock;
    this.#entries = readEntries(path);
  }

  get busy(): boolean {
    return this.#store.busy;
  }

  storedAt(key: string): number | undefined {
    return this.#entries[key];
  }

  /** @throws AppError also ERR_KEYSTORE_MISSING, if the keystore had the entry and doesn't show it. */
  async get(key: string): Promise<Secret | undefined> {
    const value = await this.#store.get(key);
    if (value === undefined && this.#mayBeHidden(key)) throw new AppError('ERR_KEYSTORE_MISSING');
    if (value !== undefined && this.storedAt(key) === undefined) this.#note(key, 0);
    return value;
  }

  async set(key: string, value: Secret): Promise<void> {
    await this.#store.set(key, value);
    this.#note(key, this.#clock.now());
  }

  async delete(key: string): Promise<boolean> {
    const isHidden = this.#mayBeHidden(key);
    const storedAt = this.storedAt(key);
    this.#note(key, undefined);
    try {
      if (await this.#store.delete(key)) return true;
      if (!isHidden) return false;
      // A keystore that hides the entry asks to be unlocked before it takes another.
      await this.#store.set(key, new Secret('deleted'));
      return await this.#store.delete(key);
    } catch (thrown) {
      this.#note(key, storedAt);
      throw thrown;
    }
  }

  /** Also deletes entries that the keystore wouldn't list. */
  async clear(): Promise<number> {
    let count = 0;
    for (const key of Object.keys(this.#entries)) if (await this.delete(key)) count += 1;
    return count + (await this.#store.clear());
  }

  #mayBeHidden(key: string): boolean {
    return this.kind === 'secret-service' && this.storedAt(key) !== undefined;
  }

  #note(key: string, storedAt: number | undefined): void {
    const { [key]: before, ...others } = this.#entries;
    if (before === storedAt) return;
    this.#entries = storedAt === undefined ? others : { ...others, [key]: storedAt };
    try {
      writePrivateFile(this.#path, `${JSON.stringify({ version: 1, entries: this.#entries }, undefined, 2)}\n`);
    } catch {
      // A full disk must not cost a sign-in. Without the file, an entry that is hidden counts as absent.
    }
  }
}

function readEntries(path: string): Entries {
  try {
    const bytes = readPrivateFile(path);
    return bytes === undefined ? {} : v.parse(fileSchema, JSON.parse(bytes.toString('utf8'))).entries;
  } catch {
    return {};
  }
}
