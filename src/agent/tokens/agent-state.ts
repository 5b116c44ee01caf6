// What the agent remembers across restarts, without secrets: `<state>/agent.json`.
import { accessSync, constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { type UnwritableFile, unwritableFile } from '../../core/unwritable.ts';
import { type EventLog, failureFields } from '../../log/event-log.ts';
import { readPrivateFile, writePrivateFile } from '../../platform/private-file.ts';

const errorSchema = v.object({
  code: v.string(),
  detail: v.optional(v.string()),
  reason: v.optional(v.string()),
  correlationId: v.optional(v.string()),
});

const credentialStateSchema = v.object({
  /**
   * Consecutive failed refreshes, when the last one failed (epoch ms), and how long the next must wait from then on.
   */
  backOff: v.optional(
    v.object({
      attempt: v.number(),
      since: v.number(),
      delayMs: v.number(),
      serverAsked: v.boolean(),
      error: errorSchema,
    }),
  ),
  /** Epoch ms of the last successful refresh or sign-in. */
  lastGrantAt: v.optional(v.number()),
  /** Epoch ms somebody last asked for a token. */
  lastAskedAt: v.optional(v.number()),
  username: v.optional(v.string()),
  /** The account that signed in last, and the `accountHint` of then. */
  account: v.optional(v.object({ hint: v.optional(v.string()), objectId: v.string(), tenantId: v.string() })),
  /** What Entra asks of the next sign-in (OpenID Connect `claims`). Not a secret: it's in addresses too. */
  claims: v.optional(v.string()),
  /** Epoch ms at which the user was told that this sign-in has ended. */
  remindedAt: v.optional(v.number()),
});

const fileSchema = v.object({ version: v.literal(1), identities: v.record(v.string(), credentialStateSchema) });

export type CredentialState = v.InferOutput<typeof credentialStateSchema>;

/** State of every tenant and client this user has used, in one file. */
export class AgentState {
  readonly #path: string;
  readonly #log: EventLog;
  readonly #mayWrite: () => boolean;
  #identities: Record<string, CredentialState>;
  #problem: UnwritableFile | undefined;
  #later: NodeJS.Immediate | undefined;

  /** @param mayWrite false once the file belongs to another agent */
  constructor(folder: string, log: EventLog, mayWrite: () => boolean = () => true) {
    this.#path = join(folder, 'agent.json');
    this.#log = log;
    this.#mayWrite = mayWrite;
    this.#identities = this.#read();
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
    this.#later ??= setImmediate(() => this.#save());
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

  #read(): Record<string, CredentialState> {
    try {
      const bytes = readPrivateFile(this.#path);
      if (bytes === undefined) return {};
      return v.parse(fileSchema, JSON.parse(bytes.toString('utf8'))).identities;
    } catch (thrown) {
      // The agent can work without it, and the next change replaces the file.
      this.#log.warn('state-ignored', failureFields(thrown));
      return {};
    }
  }

  #save(): void {
    clearImmediate(this.#later);
    this.#later = undefined;
    if (!this.#mayWrite()) return;
    try {
      writePrivateFile(this.#path, `${JSON.stringify({ version: 1, identities: this.#identities }, undefined, 2)}\n`);
      this.#problem = undefined;
    } catch (thrown) {
      if (this.#problem === undefined) this.#log.warn('state-not-saved', failureFields(thrown));
      this.#problem = unwritableFile(this.#path, thrown);
    }
  }
}
