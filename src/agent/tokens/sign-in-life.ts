// When a sign-in will end: what Entra says, or how long earlier sign-ins lasted. Pure functions on what the agent
// remembers, so that it survives restarts.
import { isBrokerRecord, type SignInEnd, type TokenGrant } from '../../entra/token-source.ts';
import { MINUTE_MS } from './schedule.ts';
import type { CredentialState } from './state-file.ts';

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** An end that moves less than this is the same one: Entra counts from its own clock, in whole seconds. */
const SAME_END_MS = 10 * MINUTE_MS;
/** A sign-in this short is meant to be renewed all the time, and its users know that. */
const SHORTEST_TOLD_MS = 4 * HOUR_MS;

/** When a sign-in will end. `policy`: the organization requires a new one from time to time. */
export interface ForeseenEnd {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly reason: SignInEnd['reason'] | 'policy';
}

type Change = Pick<CredentialState, 'signedInAt' | 'reportedEnd' | 'life' | 'endTold'>;
type Changes = { readonly [K in keyof Change]: Change[K] | undefined };
type Life = NonNullable<CredentialState['life']>;

/** What to remember of a new sign-in. `now` is epoch milliseconds, here and below. */
export function afterSignIn(state: CredentialState, grant: TokenGrant, now: number): Changes {
  return {
    signedInAt: provedAt(grant, now),
    reportedEnd: reported(undefined, grant),
    life: state.life,
    endTold: undefined,
  };
}

/**
 * When the user last proved who they are. Entra may have asked nothing now, because the browser was signed in, and
 * policies count from when it last did. With the system's broker, that was when they signed in to the computer, which
 * no one says.
 */
function provedAt({ record, authenticatedAt }: TokenGrant, now: number): number | undefined {
  if (authenticatedAt !== undefined && authenticatedAt < now) return authenticatedAt;
  return isBrokerRecord(record) ? undefined : now;
}

/** What to remember of a refresh: this sign-in has lasted until now. */
export function afterRefresh(state: CredentialState, grant: TokenGrant, now: number): Changes {
  const { signedInAt, life, endTold } = state;
  return {
    signedInAt,
    reportedEnd: reported(state.reportedEnd, grant),
    life: signedInAt === undefined ? life : lasted(life, now - signedInAt),
    endTold,
  };
}

/** What to remember when Entra has ended a sign-in because it was too old. */
export function afterTooOld(state: CredentialState, now: number): Pick<Changes, 'life'> {
  const { signedInAt, lastGrantAt = signedInAt, life } = state;
  if (signedInAt === undefined || lastGrantAt === undefined || now <= signedInAt) return { life };
  const seen = { atLeastMs: Math.max(0, lastGrantAt - signedInAt), atMostMs: now - signedInAt };
  // Two ends narrow it down, unless the policy has changed in between.
  const atLeastMs = Math.max(seen.atLeastMs, life?.atLeastMs ?? 0);
  const atMostMs = Math.min(seen.atMostMs, life?.atMostMs ?? seen.atMostMs);
  return { life: atLeastMs < atMostMs ? { atLeastMs, atMostMs } : seen };
}

/** When the current sign-in will end, if that's known or can be expected. It may be in the past. */
export function foreseenEnd({ signedInAt, reportedEnd, life }: CredentialState): ForeseenEnd | undefined {
  const lifeMs = expectedLifeMs(life);
  const ends: (ForeseenEnd | undefined)[] = [
    reportedEnd?.isFixed === true ? { at: reportedEnd.at, reason: reportedEnd.reason } : undefined,
    signedInAt === undefined || lifeMs === undefined ? undefined : { at: signedInAt + lifeMs, reason: 'policy' },
  ];
  return ends.filter((end) => end !== undefined).sort((one, other) => one.at - other.at)[0];
}

/**
 * From when to tell the user about this end: a day ahead, and on a Friday what ends until Monday evening. If the
 * sign-in lasts less than two days, in its last quarter. Never if it lasts less than four hours.
 */
export function isTimeToTell(end: ForeseenEnd, { signedInAt }: CredentialState, now: number): boolean {
  const lifeMs = end.reason === 'password' || signedInAt === undefined ? Infinity : end.at - signedInAt;
  if (now >= end.at || lifeMs < SHORTEST_TOLD_MS) return false;
  const leftMs = end.at - now;
  if (lifeMs < 2 * DAY_MS) return leftMs <= lifeMs / 4;
  return leftMs <= DAY_MS || (leftMs <= 3 * DAY_MS + 12 * HOUR_MS && isLastWorkday(now, end.at));
}

/** Whether this end is the one that the user was told about. */
export function isTold(end: ForeseenEnd, { endTold }: CredentialState): boolean {
  return endTold !== undefined && endTold.reason === end.reason && Math.abs(endTold.at - end.at) < DAY_MS;
}

/** On a Friday, the weekend and Monday. Elsewhere the weekend may be another one; there, a day ahead is soon enough. */
function isLastWorkday(now: number, end: number): boolean {
  const dayOf = (at: number): number => new Date(at).getDay();
  return dayOf(now) === 5 && [6, 0, 1].includes(dayOf(end));
}

/** A password's end is fixed. A refresh token's is fixed if a refresh doesn't move it. */
function reported(before: CredentialState['reportedEnd'], { endsAt }: TokenGrant): CredentialState['reportedEnd'] {
  if (endsAt === undefined) return undefined;
  const isFixed = endsAt.reason === 'password' || (before !== undefined && endsAt.at - before.at < SAME_END_MS);
  return { ...endsAt, isFixed };
}

/** A sign-in has lasted this long. If that's longer than expected, the expectation was wrong. */
function lasted(life: Life | undefined, ageMs: number): Life | undefined {
  if (life === undefined || ageMs <= life.atLeastMs) return life;
  return ageMs < life.atMostMs ? { ...life, atLeastMs: ageMs } : undefined;
}

/**
 * How long sign-ins last: the longest whole number of days, otherwise of hours, that fits what was seen, because admins
 * set such numbers. `undefined` if that would be more of a guess than an observation.
 */
function expectedLifeMs(life: Life | undefined): number | undefined {
  if (life === undefined || life.atLeastMs < life.atMostMs / 2) return undefined;
  const { atLeastMs, atMostMs } = life;
  const fitting = [DAY_MS, HOUR_MS].map((unit) => Math.floor(atMostMs / unit) * unit);
  return fitting.find((whole) => whole >= atLeastMs) ?? atLeastMs;
}
