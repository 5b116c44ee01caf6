// The record in the keystore. Format 1: {"v":1, ...fields of RefreshTokenRecord} or {"v":1, "ended":{code, at, detail?,
// reason?, correlationId?}, username}. Format 2: {"v":2, ...fields of BrokerRecord}, which earlier versions of this
// program don't overwrite.
import { type ErrorCode, type ErrorRecord, errorCatalog } from '../core/errors.ts';
import { isObject, parseObject } from '../core/json.ts';
import { Secret } from '../core/secret.ts';
import { type AccountRecord, isBrokerRecord, type SignInRecord } from './token-source.ts';

const VERSION = 1;
const BROKER_VERSION = 2;

/** The account whose sign-in ended, for the next prompt. */
export interface EndedAccount {
  readonly username: string;
}

/** What Entra said when the sign-in ended, without account names: shown until the next sign-in. */
export type EndCause = Pick<ErrorRecord, 'detail' | 'reason' | 'correlationId'>;

export interface EndedRecord extends EndCause {
  readonly kind: 'ended';
  readonly account: EndedAccount;
  readonly code: ErrorCode;
  /** Epoch milliseconds. */
  readonly at: number;
}

export type StoredRecord =
  | { readonly kind: 'active'; readonly record: SignInRecord }
  /** The sign-in is over and the refresh token deleted. */
  | EndedRecord
  /** Truncated, not JSON, or missing a field. */
  | { readonly kind: 'damaged' }
  /** Written by a newer version of this program. Must not be overwritten. */
  | { readonly kind: 'newer' };

export function serializeRecord(record: SignInRecord): Secret {
  const { homeAccountId, localAccountId, tenantId, subject, environment, username } = record;
  const account = { homeAccountId, localAccountId, tenantId, subject, environment, username };
  return isBrokerRecord(record)
    ? toSecret({ brokerAccountId: record.brokerAccountId, ...account }, BROKER_VERSION)
    : toSecret({ refreshToken: record.refreshToken.reveal(), ...account });
}

/** `at` is epoch milliseconds. */
export function serializeEnded(account: EndedAccount, code: ErrorCode, at: number, cause: EndCause = {}): Secret {
  const { detail, reason, correlationId } = cause;
  return toSecret({ ended: { code, at, detail, reason, correlationId }, username: account.username });
}

/** Never throws: whatever the keystore returned is one of the four kinds. */
export function parseRecord(secret: Secret): StoredRecord {
  const value = parseObject(secret.reveal());
  const version = value?.['v'];
  if (value === undefined || typeof version !== 'number') return { kind: 'damaged' };
  if (version > BROKER_VERSION) return { kind: 'newer' };
  if (version === BROKER_VERSION) return toBroker(value) ?? { kind: 'damaged' };
  if (version !== VERSION) return { kind: 'damaged' };
  return (isObject(value['ended']) ? toEnded(value, value['ended']) : toActive(value)) ?? { kind: 'damaged' };
}

type Fields = Readonly<Record<string, unknown>>;

function toSecret(fields: Fields, version = VERSION): Secret {
  return new Secret(JSON.stringify({ v: version, ...fields }));
}

function toActive(value: Fields): StoredRecord | undefined {
  const { refreshToken } = value;
  const account = toAccount(value);
  if (account === undefined || !isFilled(refreshToken)) return undefined;
  return { kind: 'active', record: { refreshToken: new Secret(refreshToken), ...account } };
}

function toBroker(value: Fields): StoredRecord | undefined {
  const { brokerAccountId } = value;
  const account = toAccount(value);
  if (account === undefined || !isFilled(brokerAccountId)) return undefined;
  return { kind: 'active', record: { brokerAccountId, ...account } };
}

function toAccount(value: Fields): AccountRecord | undefined {
  const { homeAccountId, localAccountId, tenantId, subject, environment, username } = value;
  if (!isFilled(homeAccountId) || !isFilled(localAccountId)) return undefined;
  if (!isFilled(tenantId) || !isFilled(environment) || typeof username !== 'string') return undefined;
  const account = { homeAccountId, localAccountId, tenantId, environment, username };
  return isFilled(subject) ? { ...account, subject } : account;
}

function toEnded(value: Fields, ended: Fields): StoredRecord | undefined {
  const { username } = value;
  const { code, at } = ended;
  if (typeof username !== 'string' || typeof code !== 'string' || typeof at !== 'number') return undefined;
  // An unknown code, from a newer version, still means that the sign-in is over.
  return {
    kind: 'ended',
    account: { username },
    code: isErrorCode(code) ? code : 'ERR_SIGN_IN_ENDED',
    at,
    ...textsOf(ended, ['detail', 'reason', 'correlationId']),
  };
}

function textsOf<Name extends string>(fields: Fields, names: readonly Name[]): { readonly [N in Name]?: string } {
  return Object.fromEntries(
    names.flatMap((name) => (typeof fields[name] === 'string' ? [[name, fields[name]]] : [])),
  ) as {
    [N in Name]?: string;
  };
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalog, code);
}

/** Printable ASCII without spaces, as `entra-reply.ts` takes it from Entra: identifiers, hosts, and refresh tokens. */
export function isFilled(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,16384}$/.test(value);
}
