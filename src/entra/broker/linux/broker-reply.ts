// The JSON that Linux brokers answer: microsoft-identity-broker and himmelblau, which leaves fields out. A peer on the
// session bus isn't trusted more than a server is.
import * as v from 'valibot';
import { systemClock } from '../../../core/clock.ts';
import { isObject, parseObject } from '../../../core/json.ts';
import { Secret } from '../../../core/secret.ts';
import { isTokenText } from '../../../core/token-text.ts';
import { isGuid } from '../../cloud.ts';
import { BROKER_STATUSES, type BrokerAccount, BrokerFailure, type BrokerStatus, type BrokerToken } from '../broker.ts';
import type { RequestedAccount } from './broker-request.ts';

/** Far more than any answer needs. */
const MAX_TEXT = 1_048_576;
const MAX_TOKEN = 65_536;
const MAX_USERNAME = 256;
/** Identifiers go into the keystore's record. */
const IDENTIFIER = /^[\x21-\x7e]{1,255}$/;
/** RFC 7519: header, claims, and signature. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;
/** A token that's new lives longer. */
const MIN_LIFETIME_MS = 60_000;
/** A smaller number isn't a date in epoch seconds, but a duration or nothing. */
const EARLIEST_EXPIRY = 1_000_000_000;

/**
 * The numbers that brokers answer. They aren't those of MSALRUNTIME_RESPONSE_STATUS from 15 on; the runtime translates
 * them like this.
 */
const STATUSES: readonly BrokerStatus[] = [
  ...BROKER_STATUSES.slice(0, 15),
  'TransientError',
  'AccountSwitch',
  'DeviceNotRegistered',
  'KeyNotFound',
  'AccountNotFound',
  'RequiredBrokerMissing',
];

type Fields = Readonly<Record<string, unknown>>;

const identifier = v.pipe(v.string(), v.regex(IDENTIFIER));

const accountSchema = v.object({
  environment: v.optional(identifier),
  homeAccountId: identifier,
  localAccountId: identifier,
  passwordExpiry: v.fallback(v.optional(v.number()), undefined),
  realm: v.pipe(
    v.string(),
    v.check((text) => isGuid(text)),
  ),
  username: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_USERNAME)),
});

const accountsSchema = v.object({ accounts: v.array(v.looseObject({})) });

const tokenSchema = v.object({
  accessToken: v.pipe(
    v.string(),
    v.maxLength(MAX_TOKEN),
    v.check((text) => isTokenText(text)),
  ),
  expiresOn: v.pipe(v.number(), v.finite()),
  idToken: v.fallback(v.optional(v.pipe(v.string(), v.maxLength(MAX_TOKEN), v.regex(JWT))), undefined),
});

const number = v.fallback(v.optional(v.number()), undefined);
const errorSchema = v.object({
  context: v.fallback(v.optional(v.string()), undefined),
  status: number,
  subStatus: number,
  tag: number,
});

/**
 * @param environment the host to assume for accounts that don't name theirs
 * @throws BrokerFailure what the broker says, or Malformed
 */
export function readAccounts(text: unknown, environment: string): readonly BrokerAccount[] {
  const { accounts } = check(accountsSchema, readObject(text));
  // An account that can't be used must not hide the others.
  return accounts.flatMap((account) => toAccount(account, environment) ?? []);
}

export interface ExpectedAccount {
  /** The account that was asked for; undefined if the user chose one. */
  readonly account: RequestedAccount | undefined;
  /** Whether the answer may be for another account. */
  readonly mayDiffer: boolean;
  /** As for `readAccounts`. */
  readonly environment: string;
}

/** @throws BrokerFailure what the broker says; UserSwitch if the token is for another account; or Malformed */
export function readToken(text: unknown, { account: expected, mayDiffer, environment }: ExpectedAccount): BrokerToken {
  const reply = readObject(text);
  const response = responseIn(reply);
  const { accessToken, expiresOn, idToken } = check(tokenSchema, response);
  const account = toAccount(response['account'], environment) ?? (expected && toBrokerAccount(expected));
  if (account === undefined) throw malformed('account');
  if (!(mayDiffer || expected === undefined || isSameAccount(account, expected))) throw new BrokerFailure('UserSwitch');
  return {
    accessToken: new Secret(accessToken),
    expiresAt: expiryOf(accessToken, expiresOn),
    ...(idToken === undefined ? {} : { idToken: new Secret(idToken) }),
    account,
  };
}

function readObject(text: unknown): Fields {
  if (text === '') {
    throw new BrokerFailure('Unexpected', {
      detail: "an empty answer, which is himmelblau's way to say that it can't",
    });
  }
  const reply = typeof text === 'string' && text.length <= MAX_TEXT ? parseObject(text) : undefined;
  if (reply === undefined) throw malformed(undefined);
  assertNoError(reply['error']);
  assertNoError(responseIn(reply)['error']);
  return reply;
}

/** Microsoft's broker wraps its tokens, and refusals of any method. */
function responseIn(reply: Fields): Fields {
  return isObject(reply['brokerTokenResponse']) ? reply['brokerTokenResponse'] : reply;
}

function assertNoError(error: unknown): void {
  if (error === undefined || error === null) return;
  if (typeof error === 'string') throw new BrokerFailure('Unexpected', { context: error });
  const { status = 0, ...rest } = check(errorSchema, error);
  throw new BrokerFailure(STATUSES[status] ?? 'Unexpected', rest);
}

function toAccount(value: unknown, environment: string): BrokerAccount | undefined {
  const result = v.safeParse(accountSchema, value);
  if (!result.success) return undefined;
  const { passwordExpiry = 0, realm: tenantId, ...account } = result.output;
  return {
    ...toBrokerAccount({ ...account, tenantId, environment: account.environment ?? environment }),
    ...(passwordExpiry < EARLIEST_EXPIRY ? {} : { passwordExpiresAt: passwordExpiry * 1000 }),
  };
}

/** The broker names accounts as MSAL does. */
function toBrokerAccount(account: RequestedAccount): BrokerAccount {
  const { homeAccountId, localAccountId, tenantId, environment, username } = account;
  return { brokerAccountId: homeAccountId, homeAccountId, localAccountId, tenantId, environment, username };
}

function isSameAccount(one: RequestedAccount, other: RequestedAccount): boolean {
  return one.homeAccountId.toLowerCase() === other.homeAccountId.toLowerCase();
}

/** Epoch milliseconds. himmelblau adds the lifetime in seconds to a time in milliseconds; the token itself is right. */
function expiryOf(accessToken: string, expiresOn: number): number {
  if (expiresOn - systemClock.now() >= MIN_LIFETIME_MS) return expiresOn;
  const [, payload = ''] = accessToken.split('.');
  const expiry = parseObject(Buffer.from(payload, 'base64url').toString('utf8'))?.['exp'];
  return typeof expiry === 'number' && Number.isFinite(expiry) ? Math.max(expiresOn, expiry * 1000) : expiresOn;
}

function check<T>(schema: v.GenericSchema<unknown, T>, value: unknown): T {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  throw malformed(v.getDotPath(result.issues[0]) ?? undefined);
}

/** Names the field and never repeats its value. */
function malformed(field: string | undefined): BrokerFailure {
  const detail = field === undefined ? "an answer that isn't a JSON object" : `an answer without a usable "${field}"`;
  return new BrokerFailure('Malformed', { detail });
}
