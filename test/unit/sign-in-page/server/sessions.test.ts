import { expect, it } from 'vitest';
import type { Clock } from '../../../../src/core/clock.ts';
import { PageSessions } from '../../../../src/sign-in-page/server/sessions.ts';

function sessionsWithClock() {
  const time = { ms: 0 };
  const clock: Clock = { now: () => time.ms, monotonic: () => time.ms };
  return { time, sessions: new PageSessions(clock) };
}

function claimed(sessions: PageSessions, ticket: string) {
  const claim = sessions.claim(ticket, []);
  if (claim.outcome !== 'claimed') throw new Error(claim.outcome);
  return claim.session;
}

it('creates 256 random bits, never the same twice', () => {
  const { sessions } = sessionsWithClock();
  const tickets = Array.from({ length: 20 }, () => sessions.issue());
  expect(new Set(tickets).size).toBe(20);
  for (const ticket of tickets) expect(Buffer.from(ticket, 'base64url')).toHaveLength(32);
});

it('starts the session for the first request, and continues it only for its cookie', () => {
  const { sessions } = sessionsWithClock();
  const ticket = sessions.issue();
  const session = claimed(sessions, ticket);
  expect(sessions.claim(ticket, []).outcome).toBe('refused');
  expect(sessions.claim(ticket, ['guess', session.pageId]).outcome).toBe('refused');
  expect(sessions.claim(ticket, ['other', session.cookie])).toEqual({ outcome: 'reopened', session });
});

it('opens a page only with the cookie of the same session', () => {
  const { sessions } = sessionsWithClock();
  const first = claimed(sessions, sessions.issue());
  const second = claimed(sessions, sessions.issue());
  expect(sessions.find(first.pageId, [first.cookie])).toBeDefined();
  expect(sessions.find(first.pageId, [second.cookie])).toBeUndefined();
  expect(sessions.find(first.pageId, [])).toBeUndefined();
  expect(sessions.find('', [first.cookie])).toBeUndefined();
});

it('refuses an address that no one opened for a quarter of an hour, but keeps an open page', () => {
  const { sessions, time } = sessionsWithClock();
  const [late, early] = [sessions.issue(), sessions.issue()];
  const session = claimed(sessions, early);
  time.ms = 15 * 60_000;
  const inTime = sessions.issue();
  time.ms += 1;
  expect(sessions.claim(late, []).outcome).toBe('refused');
  expect(sessions.claim(inTime, []).outcome).toBe('claimed');
  expect(sessions.find(session.pageId, [session.cookie])).toBeDefined();
});

it('forgets the oldest of nine, and everything when cleared', () => {
  const { sessions } = sessionsWithClock();
  const tickets = Array.from({ length: 9 }, () => sessions.issue());
  expect(tickets.map((ticket) => sessions.has(ticket))).toEqual([false, ...Array.from({ length: 8 }, () => true)]);
  sessions.clear();
  expect(sessions.claim(tickets[8] ?? '', []).outcome).toBe('unknown');
});
