import { describe, expect, it } from 'vitest';
import { publicLogLine } from '../../../src/log/public-fields.ts';

const own = { level: 'info', time: '2026-11-23T00:00:00.000Z', event: 'token-refreshed', durationMs: 12 };

describe('publicLogLine', () => {
  it("keeps the agent's own fields", () => {
    expect(JSON.parse(publicLogLine(JSON.stringify(own)) ?? '')).toEqual(own);
  });

  it('drops every other field, and known ones of another type', () => {
    const line = JSON.stringify({ ...own, token: 'secret', detail: { token: 'secret' }, attempt: 'secret' });
    expect(JSON.parse(publicLogLine(line) ?? '')).toEqual(own);
  });

  it("drops lines that the agent didn't write", () => {
    for (const line of ['', 'secret', '[]', 'null', '{}', '{"time":1,"level":"info","event":"x"}']) {
      expect(publicLogLine(line)).toBeUndefined();
    }
    expect(publicLogLine(JSON.stringify({ ...own, event: 'a secret with spaces' }))).toBeUndefined();
  });
});
