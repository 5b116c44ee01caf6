// One exchange with the first server covers name, proxy, TLS, and clock. The checks only say at which step it ended.
import { type AppError, toAppError } from '../../core/errors.ts';
import type { Outcome } from '../check.ts';
import type { DoctorContext, FirstServer } from '../context.ts';
import { type FailureOptions, failure } from '../failure.ts';
import { unreachable } from '../unreachable.ts';

/** Long enough for a proxy that doesn't answer, and for the first reading of the system's roots. */
export const EXCHANGE_DEADLINE_MS = 75_000;

/** @returns why the exchange failed, if it did */
export async function exchangeError(server: FirstServer): Promise<AppError | undefined> {
  try {
    await server.exchange();
    return undefined;
  } catch (thrown) {
    const error = toAppError(thrown);
    // A strange answer means a good connection; the endpoint's check reports it.
    return error.code === 'ERR_NETWORK_REPLY' && server.name !== 'the sign-in host' ? undefined : error;
  }
}

/** The error table's hints are about the sign-in service. */
export function connectionFailure(context: DoctorContext, error: AppError, options: FailureOptions): Outcome {
  const client = context.entra() === undefined ? context.messages() : undefined;
  return client === undefined ? failure(error, options) : unreachable(error, client.address, options);
}
