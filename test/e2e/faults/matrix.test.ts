// The fault matrix on the compiled binary: every signal of Entra's and the network's at every step of a sign-in and a
// refresh. The long form runs all rows and prints the table. One file, so that rows that wait run next to rows that
// work.
import { afterAll, describe, it } from 'vitest';
import { authorizationCodeRows } from './authorization-code-rows.ts';
import { deviceCodeRows } from './device-code-rows.ts';
import { Lanes } from './lane.ts';
import { pollRows } from './poll-rows.ts';
import { refreshRows } from './refresh-rows.ts';
import { describeRefreshToken } from './refresh-token.ts';
import { printTable } from './result-table.ts';
import { faultOf, type Row, rowsOfThisForm } from './row.ts';
import { runRow } from './run-row.ts';
import { tokenInHandRows, withTokenInHand } from './token-in-hand.ts';

const lanes = new Lanes();
const browserLanes = new Lanes({ signInMethod: 'browser' });

afterAll(async () => {
  await lanes.close();
  await browserLanes.close();
  printTable();
});

describeRefreshToken();

/** Tests for the rows of this form. */
function testRows(rows: readonly Row[], work: (row: Row) => Promise<void>): void {
  for (const row of rowsOfThisForm(rows)) {
    const fault = faultOf(row);
    const title = fault === undefined ? row.signal : `${row.signal} (${fault})`;
    it.skipIf(fault !== undefined)(title, () => work(row));
  }
}

describe.concurrent('a valid current token', () => {
  testRows(tokenInHandRows, (row) => lanes.use((lane) => withTokenInHand(row, lane)));
});

const steps = { refresh: refreshRows, 'device code': deviceCodeRows, poll: pollRows };

describe.concurrent.each(Object.entries(steps))('%s', (_, rows) => {
  testRows(rows, (row) => lanes.use((lane) => runRow(row, lane)));
});

describe.concurrent('authorization code', () => {
  testRows(authorizationCodeRows, (row) => browserLanes.use((lane) => runRow(row, lane)));
});
