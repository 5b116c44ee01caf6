import { DEFAULT_TTL_SECONDS, desktopTimes, managedCacheMs } from '../../claude-desktop/cache-time.ts';
import { type Check, notNeededWithApiKey } from '../check.ts';
import { combine, type Problem } from '../combine.ts';
import type { DoctorContext } from '../context.ts';

/** The agent hands out tokens with at least this much life left in addition to Desktop's cache time. */
const MARGIN_SECONDS = 120;
const LARGEST_SHARE = 0.8;
/** At this value and below, Desktop no longer checks its token before each turn. */
const SHORTEST_TTL_SECONDS = 120;

/** Claude Desktop trusts its own cache time, so a token must outlive that. */
export const lifetimeCheck: Check<DoctorContext> = {
  id: 'token-lifetime',
  title: 'Token lifetime and TTL',
  needs: ['configuration', 'desktop-profile'],
  run(context) {
    // A key doesn't expire.
    if (context.configuration().credential === 'api-key') return notNeededWithApiKey();
    const desktop = context.desktop();
    if (desktop.state !== 'values') return { state: 'skip', detail: 'Claude Desktop is not configured' };
    const ttl = desktopTimes(desktop).cacheMs / 1000;
    const { minimumTokenLifetimeSeconds: minimum, policyOnly } = context.configuration();
    const wanted = minimum ?? (policyOnly ? managedCacheMs(desktop) / 1000 : ttl) + MARGIN_SECONDS;
    const life = tokenLife(context);
    const guaranteed = Math.floor(Math.min(wanted, life === undefined ? wanted : life * LARGEST_SHARE));
    const facts = {
      ttlSeconds: ttl,
      ttlIsDefault: ttl === DEFAULT_TTL_SECONDS,
      guaranteedSeconds: guaranteed,
      ...(life === undefined ? {} : { lifetimeSeconds: life }),
    };
    const detail = `Claude Desktop keeps a token for ${ttl} s; it lives ${guaranteed} s or more when handed out`;
    return combine(problemsOf(ttl, guaranteed, minimum), detail, facts);
  },
};

function problemsOf(ttl: number, guaranteed: number, minimum: number | undefined): Problem[] {
  if (guaranteed < ttl) {
    const whose = ttl === DEFAULT_TTL_SECONDS ? 'by default' : 'by inferenceCredentialHelperTtlSec';
    const raise = minimum === undefined ? '' : ', and remove "minimumTokenLifetimeSeconds"';
    return [
      {
        state: 'warn',
        detail: `Claude Desktop keeps a token for ${ttl} s ${whose}, but it may die after ${guaranteed} s`,
        remedy: `set inferenceCredentialHelperTtlSec to 900${raise}`,
      },
    ];
  }
  if (ttl > SHORTEST_TTL_SECONDS) return [];
  return [
    {
      state: 'warn',
      detail: `inferenceCredentialHelperTtlSec is ${ttl}: up to 120 s Claude Desktop does not renew before a turn`,
      remedy: 'set inferenceCredentialHelperTtlSec to 900',
    },
  ];
}

/** Seconds from issue to expiry; undefined without a token. A failure to get one is the finding of another check. */
function tokenLife(context: DoctorContext): number | undefined {
  const { issuedAt, expiresAt } = context.tokenInHand()?.claims ?? {};
  return issuedAt === undefined || expiresAt === undefined ? undefined : expiresAt - issuedAt;
}
