import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { AgentState } from '../../../../src/agent/tokens/agent-state.ts';
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

it('names the file that it could not write until it can', () => {
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
