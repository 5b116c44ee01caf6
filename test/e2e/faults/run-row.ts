import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { HelperContext, HelperResult } from '../../support/harness/claude-desktop.ts';
import type { EntraEndpoint } from '../../support/servers/entra-server.ts';
import { type Lane, recordKind } from './lane.ts';
import { beginLine } from './result-table.ts';
import type { Row, Step, Verdict } from './row.ts';

const ENDPOINTS: Readonly<Record<Step, EntraEndpoint>> = {
  'device code': 'devicecode',
  poll: 'poll',
  'authorization code': 'code',
  refresh: 'refresh',
};

/** Walks one row of the matrix and holds it against all that the row states. */
export async function runRow(row: Row, lane: Lane): Promise<void> {
  const { step, signal, exit, code, refreshToken, next, requests = 1 } = row;
  const context = row.context ?? (step === 'refresh' ? 'mid-session-refresh' : 'interactive');
  const line = beginLine(step, signal);
  const seen = await failStep(row, lane, context);
  const { helper } = seen;
  const observed = {
    ...whatWasSaid(helper),
    inTime: helper.reason !== 'timed-out',
    requests: seen.times.length,
    refreshToken: seen.refreshToken,
    next: await whatComesNext(row, lane, helper),
  };
  Object.assign(line, observed, { ms: Math.round(helper.durationMs) });
  const succeeds = exit === 0;
  const correlationId = row.correlated ? seen.correlationId : (row.trouble.correlationId ?? '');
  expect(observed).toEqual({
    exit,
    code: code ?? '',
    hint: !succeeds,
    stdout: succeeds ? 'token' : 'empty',
    correlationId: succeeds ? '' : correlationId,
    inTime: true,
    requests,
    refreshToken,
    next,
  });
  if (row.names !== undefined) expect(helper.stderr.split('\n')[0]).toContain(row.names);
  const [first = 0, second = Infinity] = seen.times;
  expect(second - first).toBeGreaterThanOrEqual(row.pauseMs ?? 0);
  line.survived = true;
}

interface Seen {
  readonly helper: HelperResult;
  readonly refreshToken: string;
  /** When the step's requests reached Entra, epoch milliseconds. */
  readonly times: readonly number[];
  /** Of the last of them. */
  readonly correlationId: string | undefined;
}

function failStep(row: Row, lane: Lane, context: HelperContext): Promise<Seen> {
  if (row.step === 'refresh') return failRefresh(row, lane, context);
  if (row.step === 'authorization code') return failBrowserSignIn(row, lane, context);
  return failSignIn(row, lane, context);
}

async function failRefresh({ trouble }: Row, lane: Lane, context: HelperContext): Promise<Seen> {
  await lane.signedIn();
  const before = await lane.record();
  const mark = lane.world.entra.requests.length;
  const end = await trouble.begin(lane, 'refresh');
  const helper = await lane.helper(context);
  const seen = {
    helper,
    refreshToken: whatBecameOf(before, await lane.record()),
    ...requestsSince(lane, mark, 'refresh'),
  };
  await end();
  return seen;
}

/** A sign-in during which the device code request, or the polling once the code is there, meets the trouble. */
async function failSignIn(row: Row, lane: Lane, context: HelperContext): Promise<Seen> {
  const { world } = lane;
  const endpoint = ENDPOINTS[row.step];
  await lane.signedOut();
  await row.trouble.prepare?.(lane);
  // No poll may come before its trouble does, also where the machine is busy.
  if (row.step === 'poll') world.entra.interval = row.trouble.outsideEntra ? 1.5 : 0.7;
  const mark = world.entra.requests.length;
  const failedPolls = lane.logged('poll-failed');
  let end = row.step === 'poll' ? undefined : await row.trouble.begin(lane, endpoint);
  const running = lane.helper(context);
  if (row.step === 'poll' || row.exit === 0) {
    const userCode = await world.entra.waitForUserCode();
    end ??= await row.trouble.begin(lane, endpoint);
    act(row, lane, userCode);
    // Trouble outside Entra lasts until it was met once; then the polling must find its way again.
    if (row.exit === 0 && row.trouble.outsideEntra) await untilMet(row, lane, failedPolls);
    if (row.exit === 0) {
      await end();
      end = undefined;
    }
  }
  const helper = await running;
  const record = await lane.record();
  await end?.();
  return { helper, refreshToken: record === undefined ? 'none' : 'replaced', ...requestsSince(lane, mark, endpoint) };
}

/** A sign-in without a code: what the browser brings back, or the code's redemption, meets the trouble. */
async function failBrowserSignIn(row: Row, lane: Lane, context: HelperContext): Promise<Seen> {
  const { trouble, user } = row;
  const { entra } = lane.world;
  await lane.signedOut();
  await trouble.prepare?.(lane);
  const mark = entra.requests.length;
  const failures = lane.logged('code-exchange-failed');
  const running = lane.helper(context);
  const authorizationUrl = await lane.browser.continueToMicrosoft();
  const end = await trouble.begin(lane, 'code');
  const location = entra.authorize(authorizationUrl, { cancel: user === 'declines' });
  const statuses: number[] = [];
  for (const redirect of trouble.redirects?.(location) ?? [location])
    statuses.push(await lane.browser.comeBack(redirect));
  // The code's exchange must meet the trouble once, and then find its way.
  const passes = row.exit === 0 && trouble.outsideEntra === true;
  if (passes) {
    while (lane.logged('code-exchange-failed') === failures) await sleep(20);
    await end();
  }
  const helper = await running;
  const record = await lane.record();
  if (!passes) await end();
  // Whatever else was brought, one redirect was taken.
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...statuses.slice(1).fill(400)]);
  const { times, correlationId = correlationIdIn(location) } = requestsSince(lane, mark, 'code');
  return { helper, refreshToken: record === undefined ? 'none' : 'replaced', times, correlationId };
}

/** Entra has it in the description of an error. */
function correlationIdIn(redirect: string): string | undefined {
  const description = new URL(redirect).searchParams.get('error_description') ?? '';
  return /Correlation ID: ([\da-f-]{36})/.exec(description)?.[1];
}

function act({ user }: Row, { world: { entra } }: Lane, userCode: string): void {
  if (user === undefined) entra.approve(userCode);
  else if (user === 'declines') entra.decline(userCode);
  else if (user === 'lets it expire') entra.expire(userCode);
}

async function untilMet({ step }: Row, lane: Lane, failedPolls: number): Promise<void> {
  while (step === 'poll' && lane.logged('poll-failed') === failedPolls) await sleep(20);
}

function requestsSince({ world: { entra } }: Lane, mark: number, endpoint: EntraEndpoint) {
  const requests = entra.requests.slice(mark).filter((request) => request.endpoint === endpoint);
  return { times: requests.map(({ at }) => at), correlationId: requests.at(-1)?.clientRequestId };
}

function whatWasSaid({ exitCode, stdout, stderr, state }: HelperResult) {
  return {
    exit: exitCode,
    code: /^foundry-credential-helper: error\[(\w+)\]: /.exec(stderr)?.[1] ?? '',
    hint: /\nhint: .+\n$/.test(stderr),
    stdout: stdout === '' ? 'empty' : state === 'ok' ? 'token' : 'something',
    correlationId: / \(correlation id (\S+)\)\n/.exec(stderr)?.[1] ?? '',
  };
}

function whatBecameOf(before: string | undefined, after: string | undefined): string {
  if (before !== undefined && before === after) return 'kept';
  const kind = recordKind(after);
  return kind === 'active' ? 'replaced' : kind;
}

/** The next run, when the trouble is over; in other words if it's neither of the two outcomes that a row may state. */
async function whatComesNext(row: Row, lane: Lane, last: HelperResult): Promise<Verdict['next'] | string> {
  const { entra, sandbox } = lane.world;
  const before = {
    requests: entra.requests.length,
    codes: entra.count('devicecode'),
    pages: sandbox.openedUrls().length,
  };
  if (row.next === 'succeeds') {
    if (row.step === 'refresh') await lane.forgetBackOff();
    const helper = await lane.helper('background');
    if (helper.state !== 'ok') return `fails: ${helper.stderr}`;
    if (entra.count('devicecode') > before.codes || sandbox.openedUrls().length > before.pages) return 'prompts';
    return 'succeeds';
  }
  for (const restart of row.step === 'refresh' ? [false, true] : [false]) {
    if (restart) await lane.stopAgent();
    const helper = await lane.helper('background');
    if (helper.state === 'ok') return 'succeeds';
    if (entra.requests.length > before.requests) return 'asks Entra again';
    const expected = row.step === 'refresh' ? (last.exitCode ?? 0) : 4;
    if (helper.exitCode !== expected) return `fails: ${helper.stderr}`;
  }
  const { state, stderr } = await lane.signIn();
  return state === 'ok' ? 'asks' : `asks, but the sign-in fails: ${stderr}`;
}
