import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AgentState } from '../../../../src/agent/tokens/agent-state.ts';
import { AppError } from '../../../../src/core/errors.ts';
import { silentLog } from '../../../../src/log/event-log.ts';
import { LogProbe } from '../support.ts';

function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'state-'));
  onTestFinished(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

const isRoot = process.getuid?.() === 0;

it("names the file that it couldn't write until it can", () => {
  const folder = createFolder();
  const path = join(folder, 'agent.json');
  const log = new LogProbe();
  const state = new AgentState(folder, log);
  expect(state.checkWritable()).toBeUndefined();
  mkdirSync(path);
  state.update('one', { lastGrantAt: 1 });
  state.update('one', { lastGrantAt: 2 });
  expect(state.checkWritable()).toMatchObject({ path });
  expect(log.events).toEqual(['state-not-saved']);
  expect(state.get('one')).toEqual({ lastGrantAt: 2 });

  rmSync(path, { recursive: true });
  expect(state.checkWritable()).toBeUndefined();
  expect(JSON.parse(readFileSync(path, 'utf8')).identities).toEqual({ one: { lastGrantAt: 2 } });
});

it.skipIf(isRoot || process.platform === 'win32')('names a folder that may not be written before it tries', () => {
  const folder = createFolder();
  const state = new AgentState(folder, new LogProbe());
  chmodSync(folder, 0o500);
  expect(state.checkWritable()).toEqual({ path: join(folder, 'agent.json'), code: 'EACCES' });
  state.update('one', { lastGrantAt: 1 });
  expect(state.checkWritable()).toEqual({ path: join(folder, 'agent.json'), code: 'EACCES' });
});

it('writes nothing if nothing changes', () => {
  const folder = createFolder();
  const path = join(folder, 'agent.json');
  const state = new AgentState(folder, new LogProbe());
  state.update('one', { lastGrantAt: 1 });
  const { ino } = statSync(path);
  state.update('one', { lastGrantAt: 1, backOff: undefined });
  state.remove('two');
  state.checkWritable();
  expect(statSync(path).ino).toBe(ino);
});

it('writes nothing once its file belongs to another agent', () => {
  const folder = createFolder();
  let isOurs = true;
  const state = new AgentState(folder, silentLog, () => isOurs);
  state.update('a', { lastGrantAt: 1 });
  const kept = readFileSync(join(folder, 'agent.json'), 'utf8');
  expect(kept).toContain('"lastGrantAt": 1');
  isOurs = false;
  state.update('a', { lastGrantAt: 2 });
  state.remove('a');
  expect(readFileSync(join(folder, 'agent.json'), 'utf8')).toBe(kept);
});

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const REFUSED = new AppError('ERR_SIGN_IN_OTHER_ACCOUNT', {
  account: 'ada@contoso.com',
  expectedAccount: 'grace@contoso.com',
  detail: 'AADSTS50173',
  reason: 'the password was changed',
  correlationId: 'c-9',
});

describe('the last failed attempt', () => {
  it('is kept across a restart, without the accounts that it names', async () => {
    const folder = createFolder();
    const state = new AgentState(folder, silentLog);
    state.noteFailure({ client: 'claude-desktop', context: 'background' }, REFUSED, 1_000);
    await nextTurn();
    const { detail, reason, correlationId } = REFUSED;
    expect(new AgentState(folder, silentLog).lastFailure).toEqual({
      at: 1_000,
      client: 'claude-desktop',
      context: 'background',
      error: { code: 'ERR_SIGN_IN_OTHER_ACCOUNT', detail, reason, correlationId },
    });
    expect(readFileSync(join(folder, 'agent.json'), 'utf8')).not.toMatch(/ada@|grace@/);
  });

  it('is one, no matter how many there were', async () => {
    const folder = createFolder();
    const state = new AgentState(folder, silentLog);
    for (let at = 0; at < 1_000; at += 1)
      state.noteFailure({ client: 'token' }, new AppError('ERR_NETWORK', { detail: 'x'.repeat(9_000) }), at);
    await nextTurn();
    expect(statSync(join(folder, 'agent.json')).size).toBeLessThan(1_000);
    expect(state.lastFailure?.at).toBe(999);
  });

  it('is past once something works, and stays visible with that time', async () => {
    const folder = createFolder();
    const state = new AgentState(folder, silentLog);
    state.noteRecovery(1);
    expect(state.lastFailure).toBeUndefined();
    state.noteFailure({ client: 'token' }, new AppError('ERR_NETWORK_DNS'), 2);
    state.noteRecovery(3);
    state.noteRecovery(4);
    await nextTurn();
    expect(new AgentState(folder, silentLog).lastFailure).toMatchObject({ at: 2, recoveredAt: 3 });
    state.noteFailure({ client: 'exec' }, new AppError('ERR_NETWORK'), 5);
    expect(state.lastFailure).toEqual({ at: 5, client: 'exec', error: { code: 'ERR_NETWORK' } });
  });

  it.each([
    ['another shape', { at: 'yesterday' }],
    ['a time that no calendar has', { at: 1e300, client: 'token', error: { code: 'ERR_NETWORK' } }],
    ['no object', 17],
  ])('is left out if the file has %s, and everything else in it counts', (_, lastFailure) => {
    const folder = createFolder();
    const identities = { one: { lastGrantAt: 1, ended: { at: -1 } } };
    writeFileSync(join(folder, 'agent.json'), JSON.stringify({ version: 1, identities, lastFailure }), { mode: 0o600 });
    const log = new LogProbe();
    const state = new AgentState(folder, log);
    expect(log.events).toEqual([]);
    expect(state.lastFailure).toBeUndefined();
    expect(state.get('one')).toMatchObject({ lastGrantAt: 1 });
    expect(state.get('one').ended).toBeUndefined();
  });
});
