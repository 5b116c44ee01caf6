import { AppError, errorFromRecord } from '../../core/errors.ts';
import { describeAttempt, describeFailedAttempt } from '../../core/last-failure.ts';
import { localTime } from '../../core/local-time.ts';
import type { AgentStatus } from '../../ipc/protocol.ts';
import { type Check, notNeededWithApiKey, type Outcome } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import { failure } from '../failure.ts';
import { entraOutcome } from './entra.ts';

export const signInCheck: Check<DoctorContext> = {
  id: 'sign-in',
  title: 'Sign-in',
  // While Entra refuses the application, advice to sign in would only lead to that refusal.
  needs: ['configuration', 'keystore', 'agent', 'entra-application'],
  async run(context) {
    const entra = context.entra();
    if (entra === undefined) return notNeededWithApiKey();
    const { status } = await context.agentStatus();
    return signInOutcome(status);
  },
};

function signInOutcome(status: AgentStatus): Outcome {
  const { signIn, problem, token, unsaved, endedAt } = status;
  const facts = { signIn };
  const reported = errorFromRecord(problem);
  switch (signIn) {
    case 'signed-in':
      // What a refresh meets shows in the next check.
      return unsaved === true
        ? {
            state: 'warn',
            detail: "you're signed in, but the keystore hasn't saved it yet",
            remedy: 'unlock the keystore; otherwise you have to sign in again after the next log-in',
            facts,
          }
        : { state: 'ok', detail: "you're signed in", facts: { ...facts, tokenAtHand: token !== undefined } };
    case 'signed-out':
      return withLastFailure(failure(new AppError('ERR_SIGN_IN_REQUIRED'), { facts }), status);
    case 'pending':
      return failure(new AppError('ERR_SIGN_IN_PENDING'), { facts });
    case 'ended': {
      const outcome = entraOutcome(reported ?? new AppError('ERR_SIGN_IN_ENDED'));
      const since = endedAt === undefined ? '' : ` (since ${localTime(endedAt)})`;
      const ended = { ...outcome, detail: outcome.detail + since };
      return withLastFailure(
        { ...ended, facts: { ...outcome.facts, ...facts, ...(endedAt === undefined ? {} : { endedAt }) } },
        status,
      );
    }
    case 'unknown':
      return failure(reported ?? new AppError('ERR_INTERNAL', { detail: "the agent can't tell" }), { facts });
  }
}

/** Names the last attempt to sign in, if that's what failed last: the next one may fail for the same reason. */
function withLastFailure(outcome: Outcome, { lastFailure, problem }: AgentStatus): Outcome {
  if (lastFailure === undefined || lastFailure.recoveredAt !== undefined || !('remedy' in outcome)) return outcome;
  const error = errorFromRecord(lastFailure);
  // The end of the sign-in is told already.
  if (error === undefined || error.code === errorFromRecord(problem)?.code) return outcome;
  const { at, client, code } = lastFailure;
  const isOtherCause = error.category !== 'sign-in';
  return {
    ...outcome,
    detail: `${outcome.detail}; the last attempt failed (${describeAttempt(lastFailure)}): ${describeFailedAttempt(lastFailure)}`,
    remedy: isOtherCause ? `${error.hint}; then ${outcome.remedy}` : outcome.remedy,
    facts: { ...outcome.facts, lastFailureAt: at, lastFailureClient: client, lastFailureCode: code },
  };
}
