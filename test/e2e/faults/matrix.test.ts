// The fault matrix on the compiled binary: every signal of Entra's and the network's at every step of a sign-in and a
// refresh. The long form runs all rows and prints the table. One file, so that rows that wait run beside rows that work.
import { afterAll, describe, it } from 'vitest';
import { authorizationCodeRows } from './authorization-code-rows.ts';
import { deviceCodeRows } from './device-code-rows.ts';
import { Lanes } from './lane.ts';
import { pollRows } from './poll-rows.ts';
import { refreshRows } from './refresh-rows.ts';
import { describeRefreshToken } from './refresh-token.ts';
import { printTable } from './result-table.ts';
import { rowsOfThisForm } from './row.ts';
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

describe.concurrent('a valid token in hand', () => {
  it.each(rowsOfThisForm(tokenInHandRows))('$signal', (row) => lanes.use((lane) => withTokenInHand(row, lane)));
});

const steps = { refresh: refreshRows, 'device code': deviceCodeRows, poll: pollRows };

describe.concurrent.each(Object.entries(steps))('%s', (_, rows) => {
  it.each(rowsOfThisForm(rows))('$signal', (row) => lanes.use((lane) => runRow(row, lane)));
});

describe.concurrent('authorization code', () => {
  it.each(rowsOfThisForm(authorizationCodeRows))('$signal', (row) => browserLanes.use((lane) => runRow(row, lane)));
});
