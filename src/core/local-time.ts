/**
 * A moment as people read it: in the computer's time zone, with its offset, for example `2026-11-30 11:05 (UTC+01:00)`.
 * The same in every language, and never ambiguous, not even in the hour that a clock change repeats.
 * @param moment epoch milliseconds, or RFC 3339. Any other text is returned as it is.
 */
export function localTime(moment: number | string): string {
  const date = new Date(moment);
  // Minutes east of UTC.
  const offset = -date.getTimezoneOffset();
  // The local date and time, written as if they were UTC's.
  const local = new Date(date.getTime() + offset * 60_000);
  if (Number.isNaN(local.getTime())) return String(moment);
  const text = local.toISOString();
  return `${text.slice(0, -14)} ${text.slice(-13, -8)} (${zone(offset)})`;
}

function zone(offset: number): string {
  if (offset === 0) return 'UTC';
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  return `UTC${offset < 0 ? '-' : '+'}${two(hours)}:${two(minutes)}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
