import { AppError, errorFromRecord } from '../../core/errors.ts';
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

function signInOutcome({ signIn, problem, token, unsaved }: AgentStatus): Outcome {
  const facts = { signIn };
  const reported = errorFromRecord(problem);
  switch (signIn) {
    case 'signed-in':
      // What a refresh meets shows in the next check.
      return unsaved === true
        ? {
            state: 'warn',
            detail: 'somebody is signed in, but the keystore has not taken it yet',
            remedy: 'unlock the keystore, else it is asked for again after the next log-in',
            facts,
          }
        : { state: 'ok', detail: 'somebody is signed in', facts: { ...facts, tokenAtHand: token !== undefined } };
    case 'signed-out':
      return failure(new AppError('ERR_SIGN_IN_REQUIRED'), { facts });
    case 'pending':
      return failure(new AppError('ERR_SIGN_IN_PENDING'), { facts });
    case 'ended': {
      const outcome = entraOutcome(reported ?? new AppError('ERR_SIGN_IN_ENDED'));
      return { ...outcome, facts: { ...outcome.facts, ...facts } };
    }
    case 'unknown':
      return failure(reported ?? new AppError('ERR_INTERNAL', { detail: 'the agent cannot tell' }), { facts });
  }
}
