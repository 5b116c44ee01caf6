import type { Clock } from '../../core/clock.ts';
import { AppError, toAppError } from '../../core/errors.ts';
import { localTime } from '../../core/local-time.ts';
import type { EndedRecord, StoredRecord } from '../../entra/refresh-token-record.ts';
import type { SignInRecord } from '../../entra/token-source.ts';
import type { AgentState } from './agent-state.ts';
import type { RefreshTokenStore } from './refresh-token-store.ts';
import { publicRecord } from './state-file.ts';

export interface ActiveRecordOptions {
  /** Names this tenant and client in the state file. */
  readonly key: string;
  readonly records: RefreshTokenStore;
  readonly state: AgentState;
  readonly clock: Clock;
  /** Checks that this account may be used. @throws AppError as `AccountRule.assertAccepted` */
  readonly assertAccepted: (record: SignInRecord) => void;
  /** Whether the settings allow sign-ins that are kept like this one. */
  readonly isUsable: (record: SignInRecord) => boolean;
  /** Whether the user may be signed in without being asked, if there's no usable record. */
  readonly maySignInSilently: () => boolean;
  /** Called each time a request finds that the user must sign in again. */
  readonly onSignInNeeded: (username: string) => void;
}

/** The record that a refresh uses, and why there's none: noted in the state file, too. */
export class ActiveRecord {
  readonly #options: ActiveRecordOptions;
  #problem: AppError | undefined;
  #isMissing = false;

  constructor(options: ActiveRecordOptions) {
    this.#options = options;
  }

  /** Why the keystore couldn't be read the last time. */
  get problem(): AppError | undefined {
    return this.#problem;
  }

  /** Whether the keystore had no usable record the last time. */
  get isMissing(): boolean {
    return this.#isMissing;
  }

  /** The keystore works, as a sign-in has shown. */
  solved(): void {
    this.#problem = undefined;
    this.#isMissing = false;
  }

  /**
   * Reads the record for one refresh. Undefined if there's none and the user may be signed in without being asked.
   * @param onAnswer called once the keystore has answered
   * @throws AppError ERR_SIGN_IN_REQUIRED, ERR_SIGN_IN_ENDED or what else ended it, ERR_SIGN_IN_OTHER_ACCOUNT,
   * ERR_KEYSTORE_*
   */
  async load(onAnswer: (stored: StoredRecord | undefined) => void): Promise<SignInRecord | undefined> {
    // A keystore that can't be read says nothing.
    this.#isMissing = false;
    const stored = await this.#read();
    onAnswer(stored);
    const isUnusable = stored?.kind === 'active' && !this.#options.isUsable(stored.record);
    this.#isMissing = stored === undefined || isUnusable;
    // A sign-in of any kind would replace these, so one without the user may too.
    if ((this.#isMissing || stored?.kind === 'ended') && this.#options.maySignInSilently()) {
      this.#isMissing = true;
      return undefined;
    }
    if (isUnusable) throw notAllowed();
    if (stored?.kind === 'active') {
      // The rule may be newer than the sign-in, which stays until another one replaces it.
      this.#options.assertAccepted(stored.record);
      return stored.record;
    }
    if (stored?.kind === 'ended') {
      // The agent that found out may have exited before it told anyone.
      this.#options.onSignInNeeded(stored.account.username);
      this.#keepEnd(causeOfEnd(stored), stored.at);
    }
    throw whyNotActive(stored);
  }

  /** Entra has ended the sign-in. The record itself is the caller's. `at` is epoch milliseconds. */
  ended(error: AppError, username: string, at: number): void {
    this.#keepEnd(error, at);
    this.#options.onSignInNeeded(username);
  }

  async #read(): Promise<StoredRecord | undefined> {
    const { records, state, clock } = this.#options;
    try {
      const stored = await records.load();
      this.#problem = undefined;
      return stored;
    } catch (thrown) {
      this.#problem = toAppError(thrown);
      state.noteFailure({ client: 'refresh-ahead' }, this.#problem, clock.now());
      throw thrown;
    }
  }

  #keepEnd(error: AppError, at: number): void {
    this.#options.state.update(this.#options.key, { ended: { at, error: publicRecord(error) } });
  }
}

/** Why there's nothing to refresh. */
export function whyNotActive(stored: Exclude<StoredRecord, { readonly kind: 'active' }> | undefined): AppError {
  switch (stored?.kind) {
    case undefined:
      return new AppError('ERR_SIGN_IN_REQUIRED');
    case 'ended':
      return endedError(stored);
    case 'newer':
      return new AppError('ERR_KEYSTORE_RECORD', { detail: 'a newer version of this program wrote it' });
    case 'damaged':
      return new AppError('ERR_KEYSTORE_DAMAGED');
  }
}

/** The record isn't usable. */
export function notAllowed(): AppError {
  return new AppError('ERR_SIGN_IN_REQUIRED', { detail: 'the stored sign-in isn\'t one that "signInMethod" allows' });
}

/** Why the sign-in ended, as Entra said it. */
function causeOfEnd({ code, detail, reason, correlationId }: EndedRecord): AppError {
  return new AppError(code, { detail, reason, correlationId });
}

/** The same with who was signed in, and since when not. */
function endedError({ code, account, at, detail, reason, correlationId }: EndedRecord): AppError {
  return new AppError(code, {
    account: account.username,
    detail: [`since ${localTime(at)}`, detail].filter(Boolean).join(', '),
    reason,
    correlationId,
  });
}
