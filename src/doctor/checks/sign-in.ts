import { AppError, errorFromRecord } from '../../core/errors.ts';
import { describeAttempt, describeFailedAttempt, type LastFailure } from '../../core/last-failure.ts';
import { localTime } from '../../core/local-time.ts';
import type { AgentStatus } from '../../ipc/protocol.ts';
import { type Check, notNeededWithApiKey, type Outcome } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { EntraSignIn } from '../entra-sign-in.ts';
import { failure } from '../failure.ts';
import { remedyFor } from '../sign-in-remedy.ts';
import { entraOutcome } from './entra.ts';

/** @param usesBroker whether the check "broker" comes before this one */
export function signInCheck(usesBroker: boolean): Check<DoctorContext> {
  return {
    id: 'sign-in',
    title: 'Sign-in',
    // While Entra or the broker refuses, advice to sign in would only lead to that refusal.
    needs: ['configuration', 'keystore', 'agent', 'entra-application', ...(usesBroker ? ['broker'] : [])],
    async run(context) {
      const entra = context.entra();
      if (entra === undefined) return notNeededWithApiKey();
      const { status } = await context.agentStatus();
      return signInOutcome(status, entra);
    },
  };
}

function signInOutcome(status: AgentStatus, entra: EntraSignIn): Outcome {
  const outcome = presentOutcome(status, entra);
  const { lastFailure } = status;
  if (lastFailure === undefined) return outcome;
  const { at, client, code, recoveredAt } = lastFailure;
  const past = recoveredAt === undefined ? {} : { lastFailureRecoveredAt: recoveredAt };
  const facts = { ...outcome.facts, lastFailureAt: at, lastFailureClient: client, lastFailureCode: code, ...past };
  return { ...(recoveredAt === undefined ? withLastFailure(outcome, lastFailure, entra) : outcome), facts };
}

function presentOutcome({ signIn, problem, token, unsaved, endedAt }: AgentStatus, entra: EntraSignIn): Outcome {
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
      return failure(new AppError('ERR_SIGN_IN_REQUIRED'), { facts });
    case 'pending':
      return failure(new AppError('ERR_SIGN_IN_PENDING'), { facts });
    case 'ended': {
      const outcome = entraOutcome(reported ?? new AppError('ERR_SIGN_IN_ENDED'), entra);
      if (endedAt === undefined) return { ...outcome, facts: { ...outcome.facts, ...facts } };
      const detail = `${outcome.detail} (since ${localTime(endedAt)})`;
      return { ...outcome, detail, facts: { ...outcome.facts, ...facts, endedAt } };
    }
    case 'unknown':
      return failure(reported ?? new AppError('ERR_INTERNAL', { detail: "the agent can't tell" }), { facts });
  }
}

/** Names the last attempt that failed: the next one may fail for the same reason. */
function withLastFailure(outcome: Outcome, lastFailure: LastFailure, { configuration }: EntraSignIn): Outcome {
  const error = errorFromRecord(lastFailure);
  // The end of the sign-in has been told already.
  if (error === undefined || error.code === outcome.facts?.['code']) return outcome;
  const why = `the last attempt failed (${describeAttempt(lastFailure)}): ${describeFailedAttempt(lastFailure)}`;
  const detail = `${outcome.detail}; ${why}`;
  if (!('remedy' in outcome)) return { ...outcome, detail };
  const remedy = remedyFor(error, configuration) ?? error.hint;
  return {
    ...outcome,
    detail,
    remedy: error.category === 'sign-in' ? outcome.remedy : `${remedy}; then ${outcome.remedy}`,
  };
}
