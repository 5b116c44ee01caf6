// While the current token still works, no signal of Entra's or the network's reaches the user, and the log has
// one line about it.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Lane } from './lane.ts';
import { refreshRows } from './refresh-rows.ts';
import { beginLine } from './result-table.ts';
import type { Row } from './row.ts';
import { lostProxyName, unknownProxyName } from './troubles.ts';

/** A token counts as too short-lived from a fifth of its life on, so that the agent wants another after 6 s. */
const LIFETIME_SEC = 30;
/** Someone who waits has another try made after this time. */
const NEXT_TRY_MS = 5_200;
const SHORT = ['AADSTS50173 bad_token', '503 HTML', 'no answer'];

export const tokenInHandRows: readonly Row[] = refreshRows
  // Each of these is the same trouble as its neighbor here, or isn't one.
  .filter(({ signal, exit }) => exit !== 0 && !signal.endsWith(', unattended') && !signal.endsWith('strict provider'))
  // A changed configuration would begin anew, without the token.
  .map((row) => (row.trouble === unknownProxyName ? { ...row, trouble: lostProxyName } : row))
  .map(({ short: _, ...row }): Row => (SHORT.includes(row.signal) ? { ...row, short: true } : row));

/** The row's trouble doesn't reach the user while the token lives. */
export async function withTokenInHand(row: Row, lane: Lane): Promise<void> {
  const { entra } = lane.world;
  const line = beginLine('token in hand', row.signal);
  await lane.signedIn();
  await row.trouble.prepare?.(lane);
  entra.accessTokenLifetimeSec = LIFETIME_SEC;
  const { token } = await lane.helper('background');
  entra.accessTokenLifetimeSec = 4500;
  const before = await lane.record();
  const logged = lane.logged('refresh-failed');
  const end = await row.trouble.begin(lane, 'refresh');
  try {
    await sleep(LIFETIME_SEC * 200 + 100);
    const startedAt = performance.now();
    await expectToken(lane, 'mid-session-refresh', token);
    const ms = Math.round(performance.now() - startedAt);
    Object.assign(line, { exit: 0, refreshToken: row.refreshToken, next: row.next, ms });
    await expectToken(lane, 'background', token);
    if (row.refreshToken !== 'ended') expect(await lane.record()).toBe(before);
    if (row.refreshToken !== 'ended' && row.code !== 'ERR_NETWORK_TIMEOUT') {
      await sleep(NEXT_TRY_MS);
      await expectToken(lane, 'interactive', token);
      expect(await lane.record()).toBe(before);
      expect(lane.logged('refresh-failed') - logged).toBe(1);
    }
    line.survived = true;
  } finally {
    await end();
  }
}

async function expectToken(lane: Lane, context: 'mid-session-refresh' | 'background' | 'interactive', token?: string) {
  const helper = await lane.helper(context);
  expect(helper).toMatchObject({ state: 'ok', stderr: '', token });
  expect(lane.world.entra.checkAccessToken(helper.token ?? '')).toBe('valid');
  // The agent asks Entra for 5 s first; without a current token the helper would wait 15 s. Halfway leaves a busy
  // machine its time.
  expect(helper.durationMs).toBeLessThan(12_000);
}
