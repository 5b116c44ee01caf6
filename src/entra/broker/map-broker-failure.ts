// The only place that turns a broker's refusal into an AppError. What Entra's numbers mean is in ../replies/aadsts.ts.
import { AppError, type ErrorCode } from '../../core/errors.ts';
import { EXPLANATIONS } from '../replies/aadsts.ts';
import { mapEntraError } from '../replies/map-error.ts';
import { BrokerFailure, type BrokerFault } from './broker.ts';

export interface BrokerCall {
  readonly correlationId: string;
  readonly scope: string;
  /** Whether the system's dialog was open. */
  readonly isInteractive: boolean;
}

/** Named in place of a host. */
export const BROKER = "this computer's broker";

/** What each status means if Entra's own number doesn't say more. */
const CODES: Readonly<Record<BrokerFault, ErrorCode>> = {
  Unexpected: 'ERR_BROKER',
  Reserved: 'ERR_BROKER',
  InteractionRequired: 'ERR_SIGN_IN_STEP_REQUIRED',
  NoNetwork: 'ERR_NETWORK',
  NetworkTemporarilyUnavailable: 'ERR_NETWORK',
  ServerTemporarilyUnavailable: 'ERR_THROTTLED',
  ApiContractViolation: 'ERR_BROKER',
  UserCanceled: 'ERR_SIGN_IN_DECLINED',
  ApplicationCanceled: 'ERR_SIGN_IN_CANCELLED',
  IncorrectConfiguration: 'ERR_BROKER_REDIRECT',
  InsufficientBuffer: 'ERR_BROKER',
  AuthorityUntrusted: 'ERR_ENTRA_TENANT_UNKNOWN',
  UserSwitch: 'ERR_SIGN_IN_STEP_REQUIRED',
  AccountUnusable: 'ERR_ACCOUNT_DISABLED',
  UserDataRemovalRequired: 'ERR_POLICY_BLOCKED',
  KeyNotFound: 'ERR_SIGN_IN_STEP_REQUIRED',
  AccountNotFound: 'ERR_SIGN_IN_REQUIRED',
  TransientError: 'ERR_BROKER',
  AccountSwitch: 'ERR_SIGN_IN_STEP_REQUIRED',
  RequiredBrokerMissing: 'ERR_BROKER_MISSING',
  DeviceNotRegistered: 'ERR_BROKER_NOT_ENROLLED',
  Missing: 'ERR_BROKER_MISSING',
  TimedOut: 'ERR_NETWORK_TIMEOUT',
  Gone: 'ERR_BROKER',
  Malformed: 'ERR_BROKER',
};

/** Faults about this computer, the way to Microsoft, or the user's choice, which no number of Entra's explains better. */
const OWN_FAULTS: ReadonlySet<BrokerFault> = new Set<BrokerFault>([
  'UserCanceled',
  'ApplicationCanceled',
  'NoNetwork',
  'NetworkTemporarilyUnavailable',
  'ServerTemporarilyUnavailable',
  'RequiredBrokerMissing',
  'Missing',
  'TimedOut',
  'Gone',
  'Malformed',
]);

/** What the user may be able to resolve in the system's dialog: sign in again, choose another account, or consent. */
const FOR_DIALOG: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ERR_SIGN_IN_STEP_REQUIRED',
  'ERR_SIGN_IN_REQUIRED',
  'ERR_SIGN_IN_REFUSED',
  'ERR_SIGN_IN_OTHER_ACCOUNT',
  'ERR_ACCOUNT_DISABLED',
  'ERR_CONSENT_REQUIRED',
]);

/** Whether the system's dialog can help after a sign-in without one failed. */
export function needsDialog({ code }: Pick<AppError, 'code'>): boolean {
  return FOR_DIALOG.has(code);
}

/** Maps what a call of `Broker` rejected with. The broker's own words, which may name accounts, are left out. */
export function mapBrokerFailure(thrown: unknown, call: BrokerCall): AppError {
  if (thrown instanceof AppError) return thrown;
  if (!(thrown instanceof BrokerFailure)) return new AppError('ERR_INTERNAL', { cause: thrown });
  return OWN_FAULTS.has(thrown.fault) ? byStatus(thrown, call) : (byNumber(thrown, call) ?? byStatus(thrown, call));
}

function byStatus({ fault, detail, tag, subStatus }: BrokerFailure, { correlationId }: BrokerCall): AppError {
  // That there's no broker isn't one of its statuses.
  const parts = [fault === 'Missing' && detail !== undefined ? undefined : fault, detail];
  // Zero means none.
  if (tag !== undefined && tag !== 0) parts.push(`tag ${tag}`);
  if (subStatus !== undefined && subStatus !== 0) parts.push(`substatus ${subStatus}`);
  return new AppError(CODES[fault], { detail: parts.filter((part) => part !== undefined).join(', '), correlationId });
}

/**
 * What Entra said, if the broker passed its number on. A silent call is like the exchange of a refresh token, except
 * that nothing ends the sign-in: the account stays on the computer, and the dialog can sign it in again.
 */
function byNumber({ fault, context = '' }: BrokerFailure, call: BrokerCall): AppError | undefined {
  const numbers = [...context.matchAll(/AADSTS(\d{4,9})/g)].map(([, digits]) => Number(digits));
  const number = numbers.find((one) => EXPLANATIONS.has(one)) ?? numbers[0];
  if (number === undefined) return undefined;
  const body = { error: 'interaction_required', error_description: context, error_codes: [number] };
  const grant = call.isInteractive ? 'authorization_code' : 'refresh_token';
  const { code, detail, reason, correlationId } = mapEntraError(
    { status: 400, headers: {}, body },
    grant,
    BROKER,
    0,
    call.scope,
  );
  return new AppError(codeOf(code, number, fault), {
    detail,
    reason,
    correlationId: correlationId ?? call.correlationId,
  });
}

function codeOf(code: ErrorCode, number: number, fault: BrokerFault): ErrorCode {
  // The status says more than a number that isn't listed.
  if (!EXPLANATIONS.has(number)) return CODES[fault];
  // That one's hint names the browser's redirect URI.
  return code === 'ERR_ENTRA_REDIRECT_URI' ? 'ERR_BROKER_REDIRECT' : code;
}
