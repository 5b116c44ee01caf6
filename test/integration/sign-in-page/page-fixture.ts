import { type Clock, systemClock } from '../../../src/core/clock.ts';
import { silentLog } from '../../../src/log/event-log.ts';
import type { PageContent, PageState } from '../../../src/sign-in-page/page-state.ts';
import { createSignInPageServer } from '../../../src/sign-in-page/server/server.ts';

const waitingState = {
  state: 'waiting',
  userCode: 'HJKM7PQRT',
  verificationUri: 'https://microsoft.com/devicelogin',
  expiresAt: Date.now() + 14.5 * 60_000,
} as const satisfies PageState;

/** One of each state, as the agent would give it. */
export const exampleStates = {
  starting: { state: 'starting' },
  waiting: waitingState,
  browser: { state: 'browser', authorizationUrl: 'https://login.microsoftonline.com/tenant/oauth2/v2.0/authorize?a=b' },
  'system-dialog': { state: 'system-dialog' },
  finishing: { state: 'finishing' },
  'signed-in': { state: 'signed-in', username: 'anna.lindqvist@contoso.com' },
  ending: { state: 'ending', endsAt: Date.UTC(2026, 10, 24, 9) },
  kept: { state: 'kept', endsAt: Date.UTC(2026, 10, 24, 9) },
  declined: { state: 'declined' },
  expired: { state: 'expired' },
  cancelled: { state: 'cancelled' },
  'other-account': { state: 'other-account', username: 'anna@fabrikam.com', expected: 'anna.lindqvist@contoso.com' },
  blocked: {
    state: 'blocked',
    code: 'ERR_POLICY_BLOCKED',
    detail: 'AADSTS53003',
    correlationId: '5e1c1f5e-7d0b-4c55-9a75-1d3a1f0f3b11',
  },
  failed: {
    state: 'failed',
    code: 'ERR_NETWORK_DNS',
    detail: 'login.microsoftonline.com',
  },
} as const satisfies { readonly [Name in PageState['state']]: Extract<PageState, { state: Name }> };

/** A started server whose view the test changes; counts what the page asked for. */
export async function startPage(
  first: PageState,
  view: Partial<PageContent> = {},
  isBare = false,
  clock: Clock = systemClock,
) {
  const counts = { newCode: 0, cancel: 0, useBrowser: 0, continued: 0 };
  const shown: PageState[] = [];
  const current = { state: first };
  const server = createSignInPageServer({
    state: () => ({ ...(isBare ? {} : { organizationName: 'Contoso Ltd' }), ...view, state: current.state }),
    onNewCode: () => {
      counts.newCode += 1;
      current.state = exampleStates.starting;
    },
    onUseBrowser: () => {
      counts.useBrowser += 1;
      current.state = exampleStates.browser;
    },
    onContinue: () => {
      counts.continued += 1;
    },
    onCancel: () => {
      counts.cancel += 1;
      current.state = exampleStates.cancelled;
    },
    onShown: (state) => shown.push(state),
    clock,
    log: silentLog,
  });
  await server.start();
  return {
    server,
    counts,
    shown,
    set(state: PageState): void {
      current.state = state;
    },
  };
}
