// What the agent remembers across restarts, without secrets.
import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { AppError } from '../../core/errors.ts';
import type { FailingClient } from '../../core/last-failure.ts';
import { type UnwritableFile, unwritableFile } from '../../core/unwritable.ts';
import { type EventLog, failureFields } from '../../log/event-log.ts';
import { writePrivateFile } from '../../platform/private-file.ts';
import {
  type CredentialState,
  publicRecord,
  readStateFile,
  type StateFile,
  type StoredFailure,
  stateFilePath,
} from './state-file.ts';

/** Whose attempt failed. `context` is Claude Desktop's. */
export interface Attempt {
  readonly client: FailingClient;
  readonly context?: string | undefined;
}

/** State of every tenant and client this user has used, and the last failed attempt, in one file. */
export class AgentState {
  readonly #path: string;
  readonly #log: EventLog;
  readonly #mayWrite: () => boolean;
  #identities: Record<string, CredentialState>;
  #lastFailure: StoredFailure | undefined;
  #problem: UnwritableFile | undefined;
  #later: NodeJS.Immediate | undefined;

  /** @param mayWrite false once the file belongs to another agent */
  constructor(folder: string, log: EventLog, mayWrite: () => boolean = () => true) {
    this.#path = stateFilePath(folder);
    this.#log = log;
    this.#mayWrite = mayWrite;
    const { identities = {}, lastFailure } = this.#read(folder) ?? {};
    this.#identities = identities;
    this.#lastFailure = lastFailure;
  }

  get(key: string): CredentialState {
    return this.#identities[key] ?? {};
  }

  /** All tenants and clients that are known, by `credentialKey`. */
  all(): Readonly<Record<string, CredentialState>> {
    return this.#identities;
  }

  /**
   * Merges and saves; `undefined` removes a value. If the disk is full, tokens still work and changes stay in memory.
   */
  update(key: string, change: { readonly [K in keyof CredentialState]?: CredentialState[K] | undefined }): void {
    const merged = { ...this.get(key), ...change };
    const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
    if (isDeepStrictEqual(kept, this.get(key))) return;
    this.#identities = { ...this.#identities, [key]: kept };
    this.#save();
  }

  /** Like `update`, but writes the file after the current answer has been sent. */
  note(key: string, change: { readonly [K in keyof CredentialState]?: CredentialState[K] }): void {
    this.#identities = { ...this.#identities, [key]: { ...this.get(key), ...change } };
    this.#saveLater();
  }

  /** The last attempt that failed. A new object for each, so that a caller can say whether there was another one. */
  get lastFailure(): StoredFailure | undefined {
    return this.#lastFailure;
  }

  /** Remembers a failed attempt instead of the one before. `at` is epoch ms. */
  noteFailure({ client, context }: Attempt, error: AppError, at: number): void {
    this.#replaceFailure({ at, client, context, error: publicRecord(error) });
  }

  /** Says whose attempt the last failed one was, if it was noted where that wasn't known. */
  attributeFailure({ client, context }: Attempt): void {
    if (this.#lastFailure !== undefined) this.#replaceFailure({ ...this.#lastFailure, client, context });
  }

  /** Something worked, so the last failure is past. `at` is epoch ms. */
  noteRecovery(at: number): void {
    if (this.#lastFailure === undefined || this.#lastFailure.recoveredAt !== undefined) return;
    this.#replaceFailure({ ...this.#lastFailure, recoveredAt: at });
  }

  /** Puts an earlier failure back, because the one noted since tells less. */
  restoreFailure(failure: StoredFailure): void {
    if (this.#lastFailure !== failure) this.#replaceFailure(failure);
  }

  /** The user starts anew. */
  forgetFailure(): void {
    if (this.#lastFailure !== undefined) this.#replaceFailure(undefined);
  }

  /** Why the file can't be written now; tries again if it couldn't the last time. */
  checkWritable(): UnwritableFile | undefined {
    if (this.#problem !== undefined) {
      this.#save();
      return this.#problem;
    }
    try {
      accessSync(dirname(this.#path), constants.W_OK);
      return undefined;
    } catch (thrown) {
      return unwritableFile(this.#path, thrown);
    }
  }

  remove(key: string): void {
    if (this.#identities[key] === undefined) return;
    const { [key]: _, ...others } = this.#identities;
    this.#identities = others;
    this.#save();
  }

  #read(folder: string): StateFile | undefined {
    try {
      return readStateFile(folder);
    } catch (thrown) {
      // The agent can work without it, and the next change replaces the file.
      this.#log.warn('state-ignored', failureFields(thrown));
      return undefined;
    }
  }

  #replaceFailure(failure: StoredFailure | undefined): void {
    this.#lastFailure = failure;
    this.#saveLater();
  }

  #saveLater(): void {
    this.#later ??= setImmediate(() => this.#save());
  }

  #save(): void {
    clearImmediate(this.#later);
    this.#later = undefined;
    if (!this.#mayWrite()) return;
    try {
      const content = { version: 1, identities: this.#identities, lastFailure: this.#lastFailure };
      writePrivateFile(this.#path, `${JSON.stringify(content, undefined, 2)}\n`);
      this.#problem = undefined;
    } catch (thrown) {
      if (this.#problem === undefined) this.#log.warn('state-not-saved', failureFields(thrown));
      this.#problem = unwritableFile(this.#path, thrown);
    }
  }
}
