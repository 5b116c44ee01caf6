// Checks a broker's successful answer: whose token it is, and how long it lives.
import type { Cloud } from '../../core/cloud.ts';
import { AppError } from '../../core/errors.ts';
import { parseObject } from '../../core/json.ts';
import type { Secret } from '../../core/secret.ts';
import { isTokenText } from '../../core/token-text.ts';
import { isGuid } from '../cloud.ts';
import { isFilled } from '../refresh-token-record.ts';
import { type Claims, checkIdTokenOwner, identityError } from '../replies/id-token.ts';
import type { BrokerRecord, TokenGrant } from '../token-source.ts';
import { type BrokerAccount, BrokerFailure, type BrokerToken } from './broker.ts';
import { BROKER } from './map-broker-failure.ts';

export interface ExpectedToken {
  readonly cloud: Cloud;
  readonly tenantId: string;
  readonly clientId: string;
  /** The sign-in that is renewed. */
  readonly record?: BrokerRecord | undefined;
  /** The token that must not come again. */
  readonly replaces?: Secret | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Entra's longest-lived tokens, those for continuous access evaluation, live 28 hours. */
const MAX_LIFETIME_MS = 7 * 24 * 3_600_000;

/**
 * @throws BrokerFailure Malformed; AppError ERR_WRONG_TENANT, ERR_NETWORK_IDENTITY if it's about another application or
 * account
 */
export function readBrokerToken(token: BrokerToken, expected: ExpectedToken): TokenGrant<BrokerRecord> {
  const { accessToken, expiresAt, account } = token;
  const lifetimeMs = expiresAt - expected.now;
  if (!isTokenText(accessToken.reveal())) throw malformed('no usable access token');
  // NaN isn't greater than 0 either.
  if (!(lifetimeMs > 0)) throw malformed('a token that has expired; check the clock of this computer');
  if (accessToken.reveal() === expected.replaces?.reveal()) throw malformed('the same token again');
  const { passwordExpiresAt } = account;
  return {
    accessToken,
    lifetimeMs: Math.min(lifetimeMs, MAX_LIFETIME_MS),
    ...(passwordExpiresAt === undefined ? {} : { endsAt: { at: passwordExpiresAt, reason: 'password' } }),
    record: recordOf(account, claimsOf(token.idToken), expected),
  };
}

function recordOf(account: BrokerAccount, claims: Claims | undefined, expected: ExpectedToken): BrokerRecord {
  const { brokerAccountId, homeAccountId, localAccountId, environment, username } = account;
  if (![brokerAccountId, homeAccountId, localAccountId, account.tenantId, environment].every(isFilled)) {
    throw malformed('an account without identifiers');
  }
  // A guest's account names the home tenant, the ID token the one that the guest signed in to.
  const tid = claims?.['tid'];
  const tenantId = typeof tid === 'string' ? tid : account.tenantId;
  assertOwner({ ...account, tenantId }, claims, expected);
  // A refresh can't change whose sign-in it is.
  const { subject = claims?.['sub'] } = expected.record ?? {};
  const record = { brokerAccountId, homeAccountId, localAccountId, tenantId, environment, username };
  return typeof subject === 'string' ? { ...record, subject } : record;
}

function assertOwner(account: BrokerAccount, claims: Claims | undefined, expected: ExpectedToken): void {
  const { cloud, clientId, tenantId, record } = expected;
  if (isGuid(tenantId) && account.tenantId.toLowerCase() !== tenantId.toLowerCase()) {
    throw new AppError('ERR_WRONG_TENANT', { detail: `${BROKER} has an account of another tenant` });
  }
  if (claims !== undefined) {
    checkIdTokenOwner(claims, { cloud, clientId: clientId.toLowerCase(), tenantIds: [], record }, BROKER);
  }
  if (record === undefined) return;
  const isSame = record.homeAccountId === account.homeAccountId && record.localAccountId === account.localAccountId;
  if (!isSame) throw identityError(BROKER, 'a token of another account');
}

/** Its signature isn't checked: it comes from the broker that the access token comes from. */
function claimsOf(idToken: Secret | undefined): Claims | undefined {
  if (idToken === undefined) return undefined;
  const [, payload = ''] = idToken.reveal().split('.');
  const claims = parseObject(Buffer.from(payload, 'base64url').toString('utf8'));
  if (claims === undefined) throw malformed('no usable ID token');
  return claims;
}

function malformed(detail: string): BrokerFailure {
  return new BrokerFailure('Malformed', { detail });
}
