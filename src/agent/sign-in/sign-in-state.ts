// Where a sign-in is. The page and the terminal each show their own view of this one state.
import { pageFailureOf } from '../../core/error-table/error-table.ts';
import { PAGE_FAILURES } from '../../core/error-table/spec.ts';
import type { AppError } from '../../core/errors.ts';
import type { SignInMethod } from '../../core/sign-in-method.ts';
import type { SignInProgress } from '../../ipc/protocol.ts';
import type { PageError, PageState } from '../../sign-in-page/page-state.ts';
import type { ForeseenEnd } from '../tokens/sign-in-life.ts';

export type SignInState =
  /** Microsoft is being asked for a code, or the way to its page is being prepared. */
  | {
      readonly step: 'starting';
      /** It's started again without a click. Until that works, the page keeps showing how the last one failed. */
      readonly retryOf?: FailedState;
    }
  /** The user enters the code on Microsoft's page. */
  | {
      readonly step: 'code';
      readonly userCode: string;
      readonly verificationUri: string;
      /** Milliseconds since the epoch. */
      readonly expiresAt: number;
      /** Microsoft can't be reached right now. */
      readonly offline?: true;
    }
  /** The user goes to Microsoft's page, which sends them back. */
  | { readonly step: 'browser'; readonly authorizationUrl: string }
  /** The user continues in the system's own sign-in window. */
  | { readonly step: 'system-dialog' }
  /** The user is back, and the tokens are being fetched. */
  | {
      readonly step: 'finishing';
      /** The tokens are fetched as soon as Microsoft can be reached again. */
      readonly offline?: true;
    }
  | { readonly step: 'signed-in'; readonly username: string }
  /** The sign-in that there is will end. The user is offered a new one. */
  | { readonly step: 'ending'; readonly end: ForeseenEnd }
  /** The user didn't take the offer, or canceled it. `endsAt` is epoch milliseconds. */
  | { readonly step: 'kept'; readonly endsAt: number }
  | FailedState;

export type FailedState = { readonly step: 'failed'; readonly error: AppError } & FailedAttempt;

export interface FailedAttempt {
  readonly method: SignInMethod;
  /** Whether the configuration lets the page offer the way without a code. */
  readonly isBrowserAllowed: boolean;
}

/** What a terminal shows; `undefined` once the outcome says it all. */
export function progressOf(state: SignInState, now: number, browserOpened?: boolean): SignInProgress | undefined {
  const opened = browserOpened === undefined ? {} : { browserOpened };
  const offline = 'offline' in state && state.offline === true ? { offline: true as const } : {};
  switch (state.step) {
    case 'starting':
      return { state: 'starting' };
    case 'code': {
      const { userCode, verificationUri, expiresAt } = state;
      return {
        state: 'waiting',
        userCode,
        verificationUri,
        expiresInMs: Math.max(0, expiresAt - now),
        ...opened,
        ...offline,
      };
    }
    case 'browser':
    case 'finishing':
      return { state: 'browser', ...opened, ...offline };
    case 'system-dialog':
      return { state: 'system-dialog' };
    case 'signed-in':
    case 'ending':
    case 'kept':
    case 'failed':
      return undefined;
  }
}

/** The same state, with whether Microsoft can be reached. Steps that don't need a connection don't change. */
export function withConnection(state: SignInState, isReachable: boolean): SignInState {
  if (state.step !== 'code' && state.step !== 'finishing') return state;
  const { offline: _, ...online } = state;
  return isReachable ? online : { ...online, offline: true };
}

/**
 * What the page shows: every state and every error has its place.
 * @param isRetrying whether a sign-in that failed starts again automatically
 */
export function pageStateOf(state: SignInState, isRetrying = false): PageState {
  switch (state.step) {
    case 'starting':
      return state.retryOf === undefined ? { state: 'starting' } : failureState(state.retryOf, true);
    case 'finishing':
    case 'system-dialog':
      return { state: state.step };
    case 'code': {
      const { userCode, verificationUri, expiresAt } = state;
      return {
        state: 'waiting',
        userCode,
        verificationUri,
        expiresAt,
        ...(state.offline === true ? { offline: true } : {}),
      };
    }
    case 'browser':
      return { state: 'browser', authorizationUrl: state.authorizationUrl };
    case 'signed-in':
      return { state: 'signed-in', username: state.username };
    case 'ending': {
      const { at: endsAt, reason } = state.end;
      return { state: 'ending', endsAt, ...(reason === 'password' ? { reason } : {}) };
    }
    case 'kept':
      return { state: 'kept', endsAt: state.endsAt };
    case 'failed':
      return failureState(state, isRetrying);
  }
}

function failureState({ error, ...attempt }: FailedState, isRetrying: boolean): PageState {
  // Without a code, the texts about the browser are right for the system's window too.
  const method = attempt.method === 'device-code' ? {} : { method: 'browser' as const };
  switch (error.code) {
    case 'ERR_SIGN_IN_DECLINED':
      return { state: 'declined', ...method };
    case 'ERR_SIGN_IN_CODE_EXPIRED':
      return { state: 'expired', ...method, ...offer(attempt.method === 'device-code' && attempt.isBrowserAllowed) };
    case 'ERR_SIGN_IN_CANCELLED':
      return { state: 'cancelled' };
    case 'ERR_SIGN_IN_OTHER_ACCOUNT': {
      const { account = '', expectedAccount = '' } = error;
      return { state: 'other-account', username: account, expected: expectedAccount, ...method };
    }
    default:
      return otherFailure(error, attempt, isRetrying);
  }
}

function otherFailure(error: AppError, attempt: FailedAttempt, isRetrying: boolean): PageState {
  const method = attempt.method === 'broker' ? { method: attempt.method } : {};
  if (PAGE_FAILURES[pageFailureOf(error.code)].tryAgain) {
    const isOffered = attempt.method === 'broker' && attempt.isBrowserAllowed;
    const retrying = isRetrying ? { retrying: true as const } : {};
    return { state: 'failed', ...pageError(error), ...method, ...retrying, ...offer(isOffered) };
  }
  return { state: 'blocked', ...pageError(error), ...method, ...offer(offersBrowser(error, attempt)) };
}

function pageError({ code, detail, reason, correlationId }: AppError): PageError {
  const details = [detail, reason].filter((text) => text !== undefined).join(': ');
  return { code, detail: details === '' ? undefined : details, correlationId };
}

function offer(isOffered: boolean): { readonly offersBrowser?: true } {
  return isOffered ? { offersBrowser: true } : {};
}

/**
 * If a policy refuses the device code, by its own number (530036) or by the one for all policies (53003), or requires a
 * device, which some browsers show to Entra and a device code never does; and whenever the broker fails: the admin has
 * allowed the browser for that.
 */
function offersBrowser({ code }: AppError, { method, isBrowserAllowed }: FailedAttempt): boolean {
  if (method === 'broker') return isBrowserAllowed;
  if (method !== 'device-code' || !isBrowserAllowed) return false;
  return ['ERR_DEVICE_CODE_BLOCKED', 'ERR_POLICY_BLOCKED', 'ERR_DEVICE_REQUIRED'].includes(code);
}
