import { DEFAULT_TTL_SECONDS, desktopTimes, managedCacheMs } from '../../claude-desktop/cache-time.ts';
import type { DesktopReading } from '../../claude-desktop/read.ts';
import { type Check, notNeededWithApiKey, type Outcome } from '../check.ts';
import { combine, type Problem } from '../combine.ts';
import type { DoctorContext } from '../context.ts';
import { desktopFindings, toProblem, withDesktopValues } from './desktop.ts';

type Values = Extract<DesktopReading, { state: 'values' }>;

/** The agent hands out tokens with at least this much life left in addition to Desktop's cache time. */
const MARGIN_SECONDS = 120;
const LARGEST_SHARE = 0.8;

/** Claude Desktop trusts its own cache time, so a token must outlive that. */
export const lifetimeCheck: Check<DoctorContext> = {
  id: 'token-lifetime',
  title: 'Token lifetime and TTL',
  needs: ['configuration', 'desktop-profile'],
  run(context) {
    // A key doesn't expire.
    if (context.configuration().credential === 'api-key') return notNeededWithApiKey();
    return withDesktopValues(context, (_, reading) => lifetimeOutcome(context, reading));
  },
};

function lifetimeOutcome(context: DoctorContext, reading: Values): Outcome {
  const ttl = desktopTimes(reading).cacheMs / 1000;
  const { minimumTokenLifetimeSeconds: minimum, policyOnly } = context.configuration();
  const wanted = minimum ?? (policyOnly ? managedCacheMs(reading) / 1000 : ttl) + MARGIN_SECONDS;
  const life = tokenLife(context);
  const guaranteed = Math.floor(Math.min(wanted, life === undefined ? wanted : life * LARGEST_SHARE));
  const facts = {
    ttlSeconds: ttl,
    ttlIsDefault: ttl === DEFAULT_TTL_SECONDS,
    guaranteedSeconds: guaranteed,
    ...(life === undefined ? {} : { lifetimeSeconds: life }),
  };
  const detail = `Claude Desktop keeps a token for ${ttl} s; it lives ${guaranteed} s or more when handed out`;
  // The rules know no single token; what was measured is more precise.
  const byRule = desktopFindings(context, reading).filter(({ id }) => id.startsWith('ttl-'));
  const problems = guaranteed < ttl ? [diesEarly(ttl, guaranteed, minimum)] : byRule.flatMap(toProblem);
  return combine(problems, detail, facts);
}

function diesEarly(ttl: number, guaranteed: number, minimum: number | undefined): Problem {
  const whose = ttl === DEFAULT_TTL_SECONDS ? 'by default' : 'as inferenceCredentialHelperTtlSec says';
  const raise = minimum === undefined ? '' : ', and remove "minimumTokenLifetimeSeconds"';
  return {
    state: 'warn',
    detail: `Claude Desktop keeps a token for ${ttl} s ${whose}, but it may die after ${guaranteed} s`,
    remedy: `set inferenceCredentialHelperTtlSec to 900${raise}`,
  };
}

/** Seconds from issue to expiry; undefined without a token. A failure to get one is the finding of another check. */
function tokenLife(context: DoctorContext): number | undefined {
  const { issuedAt, expiresAt } = context.tokenInHand()?.claims ?? {};
  return issuedAt === undefined || expiresAt === undefined ? undefined : expiresAt - issuedAt;
}
