import { describe, expect, it } from 'vitest';
import { describeAttempt, describeFailedAttempt, type LastFailure } from '../../../src/core/last-failure.ts';
import { localTime } from '../../../src/core/local-time.ts';

const failure: LastFailure = {
  at: '2026-11-30T11:05:00Z',
  client: 'claude-desktop',
  context: 'background',
  code: 'ERR_NETWORK_DNS',
  detail: 'login.microsoftonline.com',
  correlationId: 'c-9',
};

describe('a failed attempt', () => {
  it.each([
    [{}, 'Claude Desktop in the background'],
    [{ context: 'interactive' }, 'Claude Desktop'],
    [{ context: 'mid-session-refresh' }, 'Claude Desktop in the middle of a session'],
    [{ client: 'claude-code', context: undefined }, 'Claude Code'],
    [{ client: 'token', context: undefined }, '"token"'],
    [{ client: 'refresh-ahead', context: undefined }, 'the agent, renewing the token'],
    [{ client: 'toString', context: 'toString' }, 'toString'],
  ])('is named by its time and %j', (change, whose) => {
    expect(describeAttempt({ ...failure, ...change })).toBe(`${localTime(failure.at)}, ${whose}`);
  });

  it('says why, with the number that the admin searches for', () => {
    expect(describeFailedAttempt(failure)).toMatch(
      /^ERR_NETWORK_DNS: .+: login\.microsoftonline\.com \(correlation id c-9\)$/,
    );
  });

  it("shows the code of a newer version's error", () => {
    expect(describeFailedAttempt({ ...failure, code: 'ERR_FROM_TOMORROW' as 'ERR_NETWORK' })).toContain(
      'ERR_FROM_TOMORROW',
    );
  });
});
