import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { AgentState } from '../../../../src/agent/tokens/agent-state.ts';
import { silentLog } from '../../../../src/log/event-log.ts';

it('writes nothing once its file belongs to another agent', () => {
  const folder = mkdtempSync(join(tmpdir(), 'state-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
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
