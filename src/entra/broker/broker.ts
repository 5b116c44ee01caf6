// What this program needs from the system's broker. linux/ and windows/ implement it; broker-token-source.ts uses it.
import type { Secret } from '../../core/secret.ts';

/** An account that the broker knows, with the identifiers that MSAL uses for accounts. */
export interface BrokerAccount {
  /** The broker's own name for it, printable ASCII without spaces. */
  readonly brokerAccountId: string;
  readonly homeAccountId: string;
  readonly localAccountId: string;
  readonly tenantId: string;
  readonly environment: string;
  readonly username: string;
  /** Epoch milliseconds, if the broker knows when the password expires. */
  readonly passwordExpiresAt?: number;
}

/** A successful answer. */
export interface BrokerToken {
  readonly accessToken: Secret;
  /** Epoch milliseconds by this computer's clock. */
  readonly expiresAt: number;
  /** A JSON Web Token, if the broker returned one. */
  readonly idToken?: Secret;
  readonly account: BrokerAccount;
}

/** One request of one application. */
export interface BrokerRequest {
  /** `https://<host>/<tenant>`. */
  readonly authority: string;
  readonly clientId: string;
  readonly scope: string;
  /** Claims challenge, as JSON (OpenID Connect `claims`). */
  readonly claims?: string | undefined;
  /** A UUID that Entra logs too. */
  readonly correlationId: string;
  /** If it aborts, the call rejects with the signal's reason, and closes the dialog if the system can. */
  readonly signal: AbortSignal;
}

/**
 * The broker of the user's session. Every call rejects with a `BrokerFailure` if the broker refuses or can't be reached,
 * and never opens a dialog unless it says so.
 */
export interface Broker {
  /** The accounts that are signed in to this computer and can be used for the authority; the computer's own first. */
  accounts(request: BrokerRequest): Promise<readonly BrokerAccount[]>;
  /**
   * A token for an account, without a dialog.
   * @param replaces the token that must not be returned again, even if it's still valid
   */
  acquireSilently(
    request: BrokerRequest,
    account: Pick<
      BrokerAccount,
      'brokerAccountId' | 'homeAccountId' | 'localAccountId' | 'tenantId' | 'environment' | 'username'
    >,
    replaces?: Secret,
  ): Promise<BrokerToken>;
  /**
   * Signs in with the computer's own account, without a dialog.
   * @param loginHint the user name to use if the computer has several accounts
   */
  signInSilently(request: BrokerRequest, loginHint?: string): Promise<BrokerToken>;
  /**
   * Signs in with the system's dialog, which comes to the front.
   * @param loginHint the user name that it suggests
   * @param selectAccount lets the user choose an account
   */
  signInInteractively(request: BrokerRequest, loginHint?: string, selectAccount?: boolean): Promise<BrokerToken>;
}

/**
 * How a broker says that it can't, named as the statuses of Microsoft's brokers
 * (https://learn.microsoft.com/en-us/dotnet/api/microsoft.identity.client.nativeinterop.responsestatus).
 */
export const BROKER_STATUSES = [
  'Unexpected',
  'Reserved',
  'InteractionRequired',
  'NoNetwork',
  'NetworkTemporarilyUnavailable',
  'ServerTemporarilyUnavailable',
  'ApiContractViolation',
  'UserCanceled',
  'ApplicationCanceled',
  'IncorrectConfiguration',
  'InsufficientBuffer',
  'AuthorityUntrusted',
  'UserSwitch',
  'AccountUnusable',
  'UserDataRemovalRequired',
  'KeyNotFound',
  'AccountNotFound',
  'TransientError',
  'AccountSwitch',
  'RequiredBrokerMissing',
  'DeviceNotRegistered',
] as const;
export type BrokerStatus = (typeof BROKER_STATUSES)[number];

/** What else can be wrong with the way to the broker. */
export type BrokerFault =
  | BrokerStatus
  /** This computer has no broker, or the part of this program that reaches it isn't installed. */
  | 'Missing'
  /** It didn't answer in time. */
  | 'TimedOut'
  /** It ended, or its connection did, before it answered. */
  | 'Gone'
  /** Its answer isn't one. */
  | 'Malformed';

export interface BrokerFailureOptions {
  /** The broker's own words, in which AADSTS numbers are looked for. May name accounts: never shown or logged. */
  readonly context?: string | undefined;
  /** The broker's own number, for support. */
  readonly tag?: number | undefined;
  readonly subStatus?: number | undefined;
  /** What is missing or malformed, in words for an admin, without account names. */
  readonly detail?: string | undefined;
  readonly cause?: unknown;
}

export class BrokerFailure extends Error {
  readonly fault: BrokerFault;
  readonly context: string | undefined;
  readonly tag: number | undefined;
  readonly subStatus: number | undefined;
  readonly detail: string | undefined;

  constructor(fault: BrokerFault, { context, tag, subStatus, detail, cause }: BrokerFailureOptions = {}) {
    super(`the broker answered ${fault}`, { cause });
    this.name = 'BrokerFailure';
    this.fault = fault;
    this.context = context;
    this.tag = tag;
    this.subStatus = subStatus;
    this.detail = detail;
  }
}
