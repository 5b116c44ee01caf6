import { setImmediate as turn } from 'node:timers/promises';
import type { KeyringEntry } from '../../../src/storage/keyring-store.ts';

/** A keystore behind the interface of @napi-rs/keyring, with the manners of real ones that tests can't run here. */
export class FakeKeyring {
  readonly entries = new Map<string, Buffer>();
  isLocked = false;
  /** As KeePassXC without "Prompt to unlock database before searching": while locked it finds nothing. */
  hidesWhenLocked = false;
  /** As the Keychain through the library: a deletion that is refused looks like one that is done. */
  ignoresDeletion = false;
  /** Calls stay unanswered, as while a prompt is open, until `answer`. */
  isSilent = false;
  /** As KeePassXC by default: asks before a connection reads or changes an entry that it didn't make. */
  asksBeforeAccess = false;
  /** What the user does with such a dialog, with "Remember" checked; `allow once` is without. */
  answers: 'allow' | 'allow once' | 'deny' | 'dismiss' = 'allow';
  dialogs = 0;
  /** Called for each dialog: a person takes time to answer. */
  onDialog: () => void = () => undefined;
  /** Calls made so far, for example `set key`. */
  readonly calls: string[] = [];
  mostCallsAtOnce = 0;
  #running = 0;
  #waiting: (() => void)[] = [];
  #session = 0;

  /** Each has its own connection, as in the library. */
  readonly openEntry = (account: string): KeyringEntry => {
    const connection: Connection = { session: this.#session, decision: undefined };
    return {
      getSecret: () =>
        this.#call('get', account, () => {
          const bytes = this.isLocked && this.hidesWhenLocked ? undefined : this.entries.get(account);
          if (bytes === undefined) return null;
          this.#enter(connection, account);
          return [...bytes];
        }),
      setSecret: (secret) =>
        this.#call('set', account, () => {
          this.#enter(connection, account);
          if (!this.entries.has(account)) connection.decision = 'allow';
          this.entries.set(account, Buffer.from(secret));
        }),
      deleteCredential: () =>
        this.#call('delete', account, () => {
          if ((this.isLocked && this.hidesWhenLocked) || !this.entries.has(account)) return false;
          this.#enter(connection, account);
          return this.ignoresDeletion || this.entries.delete(account);
        }),
    };
  };

  readonly listAccounts = async (): Promise<string[]> => [...this.entries.keys()];

  /** Its process has been restarted: it knows no connection any more. */
  restart(): void {
    this.#session += 1;
  }

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

  #enter(connection: Connection, account: string): void {
    if (connection.session !== this.#session) throw new Error('Platform failure: the session does not exist');
    if (this.isLocked) throw dismissed();
    if (!this.asksBeforeAccess || !this.entries.has(account) || connection.decision === 'allow') return;
    if (connection.decision === 'deny') throw dismissed();
    this.dialogs += 1;
    this.onDialog();
    if (this.answers === 'allow' || this.answers === 'deny') connection.decision = this.answers;
    if (this.answers === 'deny' || this.answers === 'dismiss') throw dismissed();
  }
}

interface Connection {
  readonly session: number;
  /** What the keyring remembers of it. */
  decision: 'allow' | 'deny' | undefined;
}

function dismissed(): Error {
  return new Error("Couldn't access platform storage: Secret Service: unlock prompt was dismissed");
}
