import { afterEach, describe, expect, it } from 'vitest';
import { localTime } from '../../../src/core/local-time.ts';

const zone = process.env['TZ'];

afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

/** Node reads the time zone again when the variable changes. */
function shown(timeZone: string, moment: number | string): string {
  process.env['TZ'] = timeZone;
  return localTime(moment);
}

describe('localTime', () => {
  it.each([
    ['UTC', '2026-11-30T11:05:59.999Z', '2026-11-30 11:05 (UTC)'],
    ['Europe/Berlin', '2026-11-30T10:05:00Z', '2026-11-30 11:05 (UTC+01:00)'],
    ['America/New_York', '2026-11-30T02:30:00Z', '2026-11-29 21:30 (UTC-05:00)'],
    ['Asia/Kolkata', '2026-12-31T20:00:00Z', '2027-01-01 01:30 (UTC+05:30)'],
    ['America/St_Johns', '2026-11-30T12:00:00Z', '2026-11-30 08:30 (UTC-03:30)'],
    ['Asia/Kathmandu', '2026-02-28T18:15:00Z', '2026-03-01 00:00 (UTC+05:45)'],
    ['Pacific/Kiritimati', '2026-11-30T12:00:00Z', '2026-12-01 02:00 (UTC+14:00)'],
  ])('shows the time of %s with its offset', (timeZone, moment, expected) => {
    expect(shown(timeZone, moment)).toBe(expected);
    expect(shown(timeZone, Date.parse(moment))).toBe(expected);
  });

  it('tells the two hours apart that have the same name when daylight saving time ends', () => {
    expect(shown('America/New_York', '2026-11-01T05:30:00Z')).toBe('2026-11-01 01:30 (UTC-04:00)');
    expect(shown('America/New_York', '2026-11-01T06:30:00Z')).toBe('2026-11-01 01:30 (UTC-05:00)');
  });

  it('has no hour that daylight saving time skips', () => {
    expect(shown('Europe/Berlin', '2026-03-29T00:59:00Z')).toBe('2026-03-29 01:59 (UTC+01:00)');
    expect(shown('Europe/Berlin', '2026-03-29T01:00:00Z')).toBe('2026-03-29 03:00 (UTC+02:00)');
  });

  it('uses the offset of the moment, not that of today', () => {
    expect(shown('America/New_York', '2026-07-04T16:00:00Z')).toBe('2026-07-04 12:00 (UTC-04:00)');
    expect(shown('America/New_York', '2026-12-24T17:00:00Z')).toBe('2026-12-24 12:00 (UTC-05:00)');
  });

  it("leaves alone what isn't a time", () => {
    expect(shown('UTC', 'yesterday')).toBe('yesterday');
    expect(shown('UTC', Number.NaN)).toBe('NaN');
    expect(shown('Asia/Kolkata', 8.64e15)).toBe('8640000000000000');
  });
});
