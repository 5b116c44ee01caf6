import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { Cloud } from '../../core/cloud.ts';
import { AppError, toAppError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { authorityUrl, isGuid } from '../cloud.ts';
import type {
  BrokerRecord,
  BrokerSignInOptions,
  BrokerTokenSource,
  RefreshOptions,
  TokenGrant,
} from '../token-source.ts';
import { abortable } from '../transport/abortable.ts';
import { mapAbort } from '../transport/transport-error.ts';
import { type Broker, BrokerFailure, type BrokerRequest, type BrokerToken } from './broker.ts';
import { BROKER, mapBrokerFailure, needsDialog } from './map-broker-failure.ts';
import { readBrokerToken } from './read-broker-token.ts';

export interface BrokerTokenSourceOptions {
  readonly cloud: Cloud;
  readonly tenantId: string;
  readonly clientId: string;
  readonly scope: string;
  /** The only account that can sign in: its object ID or user name. */
  readonly accountHint?: string | undefined;
  readonly clock: Clock;
  /** The broker of the session that asked last. @throws BrokerFailure if there's none */
  readonly openBroker: () => Promise<Broker>;
}

type Grant = TokenGrant<BrokerRecord>;

/** Longer than a broker's own exchanges with Entra take on a slow network. */
const SILENT_MS = 40_000;
/** As long as a device code is valid. */
const DIALOG_MS = 15 * 60_000;

/**
 * Gets tokens from the system's broker, which is opened for each call. The record it returns names the account only;
 * the broker keeps the refresh token.
 */
export function createBrokerTokenSource(options: BrokerTokenSourceOptions): BrokerTokenSource {
  return {
    refresh: (record, request = {}) => refresh(options, record, request),
    signInWithBroker: (request) => signIn(options, request),
  };
}

/** The account may have another name at the broker by now, for example after the computer was enrolled again. */
async function refresh(
  options: BrokerTokenSourceOptions,
  record: BrokerRecord,
  request: RefreshOptions,
): Promise<Grant> {
  const { scope, replaces } = request;
  return call(options, { scope, record, replaces, limitMs: SILENT_MS }, async (broker, query) => {
    try {
      return await broker.acquireSilently(query, record, replaces);
    } catch (thrown) {
      if (!(thrown instanceof BrokerFailure) || thrown.fault !== 'AccountNotFound') throw thrown;
      const accounts = await broker.accounts(query);
      const account = accounts.find(({ homeAccountId }) => homeAccountId === record.homeAccountId);
      if (account === undefined) throw thrown;
      return broker.acquireSilently(query, account, replaces);
    }
  });
}

async function signIn(options: BrokerTokenSourceOptions, request: BrokerSignInOptions): Promise<Grant> {
  const { signal, claims, loginHint, selectAccount, failedSilently, mayPrompt, onPrompt } = request;
  try {
    if (failedSilently !== undefined) throw failedSilently;
    // The user asked to choose the account, which only the dialog can offer.
    if (selectAccount === true && mayPrompt()) throw new AppError('ERR_SIGN_IN_STEP_REQUIRED');
    return await call(options, { signal, claims, limitMs: SILENT_MS }, (broker, query) =>
      signInSilently(options, broker, query),
    );
  } catch (thrown) {
    if (signal.aborted || !needsDialog(toAppError(thrown)) || !mayPrompt()) throw thrown;
  }
  onPrompt?.();
  return call(options, { signal, claims, limitMs: DIALOG_MS, isInteractive: true }, (broker, query) =>
    broker.signInInteractively(query, loginHint, selectAccount),
  );
}

async function signInSilently({ accountHint }: BrokerTokenSourceOptions, broker: Broker, query: BrokerRequest) {
  if (!isGuid(accountHint)) return broker.signInSilently(query, accountHint);
  const accounts = await broker.accounts(query);
  const account = accounts.find(({ localAccountId }) => localAccountId.toLowerCase() === accountHint.toLowerCase());
  if (account === undefined) throw new BrokerFailure('AccountNotFound');
  return broker.acquireSilently(query, account);
}

interface Call {
  readonly signal?: AbortSignal | undefined;
  readonly scope?: string | undefined;
  readonly claims?: string | undefined;
  /** The sign-in that is renewed. */
  readonly record?: BrokerRecord | undefined;
  readonly replaces?: Secret | undefined;
  readonly isInteractive?: boolean;
  readonly limitMs: number;
}

/** Asks the broker once. @throws AppError, at the latest when the time is over or the signal aborts */
async function call(
  options: BrokerTokenSourceOptions,
  { signal, claims, record, replaces, isInteractive = false, limitMs, ...rest }: Call,
  ask: (broker: Broker, query: BrokerRequest) => Promise<BrokerToken>,
): Promise<Grant> {
  const { cloud, tenantId, clientId, clock, openBroker } = options;
  const { scope = options.scope } = rest;
  const correlationId = randomUUID();
  const bounded = AbortSignal.any([AbortSignal.timeout(limitMs), ...(signal === undefined ? [] : [signal])]);
  const query = { authority: authorityUrl(cloud, tenantId), clientId, scope, claims, correlationId, signal: bounded };
  try {
    // A broker that ignores the signal isn't waited for.
    const token = await abortable<BrokerToken>(bounded, (resolve, reject) => {
      openBroker()
        .then((broker) => ask(broker, query))
        .then(resolve, reject);
      return () => undefined;
    });
    return readBrokerToken(token, { cloud, tenantId, clientId, record, replaces, now: clock.now() });
  } catch (thrown) {
    if (signal?.aborted === true) throw mapAbort(signal.reason);
    if (bounded.aborted) throw new AppError('ERR_NETWORK_TIMEOUT', { detail: BROKER, correlationId });
    throw mapBrokerFailure(thrown, { correlationId, scope, isInteractive });
  }
}
