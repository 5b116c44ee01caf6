// Calls of Microsoft's authentication runtime as promises, and its errors as failures of the broker.
import { BROKER_STATUSES, BrokerFailure, type BrokerStatus } from '../broker.ts';
import type { AsyncHandle, Callback, RuntimeError, RuntimeResult } from './msal-runtime.ts';

/** Long enough for a slow network: the broker has its own, shorter limits. */
const SILENT_MS = 45_000;

/**
 * The account differs from the one that was asked for, or that was used last. That's no failure of the broker: the
 * answer has a token, and the caller compares accounts.
 */
const OTHER_ACCOUNT: readonly BrokerStatus[] = ['UserSwitch', 'AccountSwitch'];

/** REGDB_E_CLASSNOTREG: Windows has no Web Account Manager. */
const CLASS_NOT_REGISTERED = 0x8004_0154;

/**
 * Starts a call and reads its result. If the signal aborts, the runtime is told to cancel, which also closes its dialog,
 * and the promise rejects immediately with the signal's reason.
 * @throws BrokerFailure
 */
export function callRuntime<Result extends RuntimeResult, Value>(
  signal: AbortSignal,
  start: (callback: Callback<Result>) => AsyncHandle,
  read: (result: Result) => Value,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const ended = new AbortController();
    const callback = (result: Result) => {
      ended.abort();
      try {
        resolve(readResult(result, read));
      } catch (thrown) {
        reject(failureOf(thrown));
      }
    };
    try {
      const handle = start(callback);
      const cancel = () => {
        reject(signal.reason);
        cancelCall(handle);
      };
      if (!ended.signal.aborted) signal.addEventListener('abort', cancel, { once: true, signal: ended.signal });
    } catch (thrown) {
      reject(failureOf(thrown));
    }
  });
}

/** The same for a call that opens no dialog: it fails with `TimedOut` after 45 s. */
export async function callSilently<Result extends RuntimeResult, Value>(
  signal: AbortSignal,
  start: (callback: Callback<Result>) => AsyncHandle,
  read: (result: Result) => Value,
): Promise<Value> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new BrokerFailure('TimedOut')), SILENT_MS);
  try {
    return await callRuntime(AbortSignal.any([signal, deadline.signal]), start, read);
  } finally {
    clearTimeout(timer);
  }
}

function readResult<Result extends RuntimeResult, Value>(result: Result, read: (result: Result) => Value): Value {
  try {
    result.CheckError();
  } catch (thrown) {
    if (!OTHER_ACCOUNT.includes(statusOf(thrown))) throw thrown;
  }
  return read(result);
}

function cancelCall(handle: AsyncHandle): void {
  try {
    handle.CancelAsyncOperation();
  } catch {
    // It has just ended.
  }
}

/** What the runtime threw, or reported, as a failure. */
export function failureOf(thrown: unknown): BrokerFailure {
  if (thrown instanceof BrokerFailure) return thrown;
  if (!isRuntimeError(thrown)) return new BrokerFailure('Unexpected', { cause: thrown });
  const { errorCode, errorContext, errorTag } = thrown;
  const facts = { context: errorContext, tag: errorTag, subStatus: errorCode };
  // The runtime has an HRESULT as a signed number.
  if (errorCode >>> 0 === CLASS_NOT_REGISTERED)
    return new BrokerFailure('Missing', { ...facts, detail: 'this Windows has no Web Account Manager' });
  const isKnown = BROKER_STATUSES[thrown.errorStatus] !== undefined;
  const detail = isKnown ? undefined : `the broker answered with the unknown status ${thrown.errorStatus}`;
  return new BrokerFailure(statusOf(thrown), { ...facts, detail });
}

function statusOf(thrown: unknown): BrokerStatus {
  return (isRuntimeError(thrown) ? BROKER_STATUSES[thrown.errorStatus] : undefined) ?? 'Unexpected';
}

function isRuntimeError(thrown: unknown): thrown is RuntimeError {
  return typeof thrown === 'object' && thrown !== null && 'errorStatus' in thrown;
}
