import { setImmediate as turn } from 'node:timers/promises';
import type { KeyringEntry } from '../../../src/storage/keyring-store.ts';

/** A keystore behind the interface of @napi-rs/keyring, with the manners of real ones that tests cannot run here. */
export class FakeKeyring {
  readonly entries = new Map<string, Buffer>();
  isLocked = false;
  /** As KeePassXC: while locked it finds nothing, rather than refuse. */
  hidesWhenLocked = false;
  /** As the Keychain through the library: a deletion that is refused looks like one that is done. */
  ignoresDeletion = false;
  /** Calls stay unanswered, as while a prompt is open, until `answer`. */
  isSilent = false;
  /** Calls made so far, for example `set key`. */
  readonly calls: string[] = [];
  mostCallsAtOnce = 0;
  #running = 0;
  #waiting: (() => void)[] = [];

  readonly openEntry = (account: string): KeyringEntry => ({
    getSecret: () =>
      this.#call('get', account, () => {
        const bytes = this.isLocked && this.hidesWhenLocked ? undefined : this.entries.get(account);
        if (bytes === undefined) return null;
        this.#assertUnlocked();
        return [...bytes];
      }),
    setSecret: (secret) =>
      this.#call('set', account, () => {
        this.#assertUnlocked();
        this.entries.set(account, Buffer.from(secret));
      }),
    deleteCredential: () =>
      this.#call('delete', account, () => {
        if ((this.isLocked && this.hidesWhenLocked) || !this.entries.has(account)) return false;
        this.#assertUnlocked();
        return this.ignoresDeletion || this.entries.delete(account);
      }),
  });

  readonly listAccounts = async (): Promise<string[]> => [...this.entries.keys()];

  answer(): void {
    this.isSilent = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #call<T>(operation: string, account: string, work: () => T): Promise<T> {
    this.calls.push(`${operation} ${account}`);
    this.#running += 1;
    this.mostCallsAtOnce = Math.max(this.mostCallsAtOnce, this.#running);
    try {
      if (this.isSilent) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      else await turn();
      return work();
    } finally {
      this.#running -= 1;
    }
  }

  #assertUnlocked(): void {
    if (this.isLocked) {
      throw new Error("Couldn't access platform storage: Secret Service: unlock prompt was dismissed");
    }
  }
}
