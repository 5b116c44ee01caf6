// What a token reply says about the length of the sign-in itself, and what an error says about its end.
import type { EndReason } from '../../core/end-reason.ts';
import type { SignInEnd, TokenGrant } from '../token-source.ts';
import { EXPLANATIONS } from './aadsts.ts';
import type { Claims } from './id-token.ts';

export interface ReplyTimes {
  /** `refresh_token_expires_in`, in milliseconds from the reply. Entra sends it for some registrations only. */
  readonly refreshTokenMs: number | undefined;
  /** When the reply was sent, in epoch milliseconds by the server's clock. */
  readonly repliedAt: number;
  /** Epoch milliseconds by this computer's clock. */
  readonly now: number;
}

/**
 * When the sign-in will end and when the user last proved who they are, by this computer's clock. The ID token says it
 * only if the app registration has the optional claims `pwd_exp` (the seconds from `iat` until the password expires,
 * sent shortly before) and `auth_time`
 * (https://learn.microsoft.com/entra/identity-platform/optional-claims-reference). What isn't a sane time is ignored.
 */
export function signInTimes(
  { iat, pwd_exp, auth_time }: Claims,
  { refreshTokenMs, repliedAt, now }: ReplyTimes,
): Pick<TokenGrant, 'endsAt' | 'authenticatedAt'> {
  const local = (seconds: number): number => seconds * 1000 + now - repliedAt;
  const ends: SignInEnd[] = [];
  if (isCount(iat) && isCount(pwd_exp)) ends.push({ at: local(iat + pwd_exp), reason: 'password' });
  if (refreshTokenMs !== undefined) ends.push({ at: now + refreshTokenMs, reason: 'session' });
  const [endsAt] = ends.filter(({ at }) => at < LAST_DATE).sort((one, other) => one.at - other.at);
  return {
    ...(endsAt === undefined ? {} : { endsAt }),
    ...(isCount(auth_time) ? { authenticatedAt: local(auth_time) } : {}),
  };
}

/** Why a sign-in has ended, by the detail of the error that ended it. */
export function endReasonOf(detail: string | undefined): EndReason | undefined {
  const number = Number(/^AADSTS(\d+)/.exec(detail ?? '')?.[1]);
  return EXPLANATIONS.get(number)?.end;
}

/** The last moment that a JavaScript date can be. */
const LAST_DATE = 8.64e15;

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < LAST_DATE / 1000;
}
