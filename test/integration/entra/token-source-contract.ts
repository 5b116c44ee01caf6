// What every way to sign in keeps to, and the table of what each one says.
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../../../src/core/errors.ts';
import type { RefreshOptions, SignInRecord, TokenGrant } from '../../../src/entra/token-source.ts';
import { findSecretsInText } from '../../support/harness/find-secrets.ts';
import { isLong } from '../../support/harness/long.ts';

export const SCOPE = 'https://cognitiveservices.azure.com/.default';
const OTHER_SCOPE = 'https://management.azure.com/.default';

/** What the other side does from now on. `none`: it works. */
export type Trouble =
  | 'none'
  | 'declined'
  | 'other-tenant'
  | 'blocked'
  | 'account-disabled'
  | 'step-required'
  | 'ended'
  | 'offline'
  | 'busy'
  | 'malformed'
  | 'hangs';

/** One token source with the real thing, or what stands in for it, on the other side. */
export interface Subject {
  /** Signs in, with a user who does what the trouble says. */
  signIn(signal?: AbortSignal): Promise<TokenGrant>;
  refresh(record: SignInRecord, options?: RefreshOptions): Promise<TokenGrant>;
  meet(trouble: Trouble): void;
  /** Resolves when the other side has been asked something that it doesn't answer. */
  asked(): Promise<void>;
  /** All that no error may repeat. */
  secrets(): readonly string[];
  dispose(): Promise<void>;
}

/** What a failed call says. If the two kinds of sign-in differ, the broker's comes second. */
type Says = ErrorCode | readonly [refreshToken: ErrorCode, broker: ErrorCode];

const AT_SIGN_IN: readonly (readonly [Trouble, Says])[] = [
  ['declined', 'ERR_SIGN_IN_DECLINED'],
  ['other-tenant', 'ERR_WRONG_TENANT'],
  ['blocked', 'ERR_POLICY_BLOCKED'],
  ['account-disabled', 'ERR_ACCOUNT_DISABLED'],
  ['malformed', ['ERR_NETWORK_REPLY', 'ERR_BROKER']],
];

const AT_REFRESH: readonly (readonly [Trouble, Says])[] = [
  ['step-required', 'ERR_SIGN_IN_STEP_REQUIRED'],
  // The broker keeps the account, and its dialog can sign it in again.
  ['ended', ['ERR_SIGN_IN_ENDED', 'ERR_SIGN_IN_STEP_REQUIRED']],
  ['blocked', 'ERR_POLICY_BLOCKED'],
  ['account-disabled', 'ERR_ACCOUNT_DISABLED'],
  ['offline', 'ERR_NETWORK'],
  ['busy', 'ERR_THROTTLED'],
  ['malformed', ['ERR_NETWORK_REPLY', 'ERR_BROKER']],
];

const outcomes = new Map<string, Map<string, string>>();

function note(step: string, method: string, outcome: string): void {
  const row = outcomes.get(step) ?? new Map<string, string>();
  outcomes.set(step, row.set(method, outcome));
}

/** @param open starts the other side, once for all tests */
export function tokenSourceContract(
  method: string,
  kind: 'refresh-token' | 'broker',
  open: () => Promise<Subject>,
): void {
  const saidBy = (says: Says): ErrorCode => (typeof says === 'string' ? says : says[kind === 'broker' ? 1 : 0]);

  describe(`a sign-in with ${method}`, () => {
    let subject: Subject;
    let record: SignInRecord;
    beforeAll(async () => {
      subject = await open();
      ({ record } = await subject.signIn());
    });
    afterAll(() => subject?.dispose());

    /** The failure, which repeats no secret. */
    const failureOf = async (call: Promise<unknown>): Promise<AppError> => {
      const error = await call.then(
        () => expect.fail('it succeeded'),
        (thrown: unknown) => thrown,
      );
      if (!(error instanceof AppError)) throw error;
      const { detail, reason, hint, message, correlationId } = error;
      const shown = inspect({ detail, reason, hint, message, correlationId });
      expect(findSecretsInText(shown, subject.secrets())).toEqual([]);
      expect(shown).not.toContain('ada@');
      return error;
    };

    it('returns a token with its lifetime, and a record of its kind', async () => {
      const grant = await subject.signIn();
      expect(grant.lifetimeMs).toBeGreaterThan(0);
      expect('brokerAccountId' in grant.record).toBe(kind === 'broker');
      expect('refreshToken' in grant.record).toBe(kind === 'refresh-token');
      note('signs in', method, 'token');
    });

    it('is renewed, for the same account', async () => {
      const grant = await subject.refresh(record);
      const { localAccountId, tenantId, homeAccountId } = record;
      expect(grant.record).toMatchObject({ localAccountId, tenantId, homeAccountId });
      record = grant.record;
      note('renews', method, 'token');
    });

    it('returns a token for another scope', async () => {
      const own = await subject.refresh(record);
      const other = await subject.refresh(own.record, { scope: OTHER_SCOPE });
      expect(other.accessToken.reveal()).not.toBe(own.accessToken.reveal());
      record = other.record;
      note('another scope', method, 'token');
    });

    it('returns another token in place of one that was rejected', async () => {
      const first = await subject.refresh(record);
      const second = await subject.refresh(first.record, { replaces: first.accessToken });
      expect(second.accessToken.reveal()).not.toBe(first.accessToken.reveal());
      record = second.record;
      note('rejected token', method, 'another token');
    });

    it.each(AT_SIGN_IN)('says so if the sign-in fails: %s', async (trouble, says) => {
      subject.meet(trouble);
      const { code } = await failureOf(subject.signIn());
      subject.meet('none');
      note(`sign-in: ${trouble}`, method, code);
      expect(code).toBe(saidBy(says));
    });

    it.each(AT_REFRESH)("says so if it can't be renewed, and works again afterward: %s", async (trouble, says) => {
      subject.meet(trouble);
      const { code, retryAfterMs } = await failureOf(subject.refresh(record));
      subject.meet('none');
      note(`renewal: ${trouble}`, method, code);
      expect(code).toBe(saidBy(says));
      if (trouble === 'busy' && kind === 'refresh-token') expect(retryAfterMs).toBe(7_000);
      record = (await subject.refresh(record)).record;
    });

    it('stops when the user cancels it, although no one has answered', async () => {
      subject.meet('hangs');
      const abort = new AbortController();
      const failure = failureOf(subject.signIn(abort.signal));
      await subject.asked();
      abort.abort();
      expect((await failure).code).toBe('ERR_SIGN_IN_CANCELLED');
      subject.meet('none');
      note('sign-in: canceled', method, 'ERR_SIGN_IN_CANCELLED');
      expect((await subject.signIn()).accessToken.reveal()).not.toBe('');
    });
  });
}

/** The table of methods and outcomes, in the long form. */
export function printOutcomes(): void {
  if (!isLong) return;
  const methods = [...new Set([...outcomes.values()].flatMap((row) => [...row.keys()]))];
  const rows = [...outcomes].map(([step, row]) => [step, ...methods.map((method) => row.get(method) ?? '-')]);
  const lines = [['', ...methods], ['---', ...methods.map(() => '---')], ...rows];
  process.stdout.write(`\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`);
}
