// When a rule of a PAC file applies: weekdayRange, dateRange, and timeRange.
// https://developer.mozilla.org/docs/Web/HTTP/Guides/Proxy_servers_and_tunneling/Proxy_Auto-Configuration_PAC_file

const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** One moment, in this computer's time zone or in UTC. */
interface Moment {
  readonly weekday: number;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Hours, minutes, seconds. */
  readonly time: readonly [number, number, number];
}

function momentOf(now: Date, isUtc: boolean): Moment {
  // The same calendar, read in UTC.
  const shifted = isUtc ? now : new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return {
    weekday: shifted.getUTCDay(),
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth(),
    day: shifted.getUTCDate(),
    time: [shifted.getUTCHours(), shifted.getUTCMinutes(), shifted.getUTCSeconds()],
  };
}

/** The arguments before `GMT`, and the moment that they're compared with. */
function read(args: readonly unknown[], now: Date): { readonly values: readonly unknown[]; readonly moment: Moment } {
  const isUtc = args.at(-1) === 'GMT';
  return { values: isUtc ? args.slice(0, -1) : args, moment: momentOf(now, isUtc) };
}

/** `('MON', 'FRI')`, `('SAT')`, each with `'GMT'` at the end; a range may go over the end of the week. */
export function weekdayRange(args: readonly unknown[], now: Date): boolean {
  const { values, moment } = read(args, now);
  const days = values.map((value) => [WEEKDAYS.indexOf(String(value).toUpperCase())]);
  return days.length <= 2 && isBetween([moment.weekday], days);
}

/**
 * A day, a month, a year, or a range of one of them, of day and month, month and year, or day, month, and year; each
 * with `'GMT'` at the end. A range without a year may go over the end of the year or month.
 */
export function dateRange(args: readonly unknown[], now: Date): boolean {
  const { values, moment } = read(args, now);
  const half = values.length === 1 ? values : values.slice(0, values.length / 2);
  const parts = half.map(partOf);
  // From the largest to the smallest, so that lists of numbers compare like dates.
  const order = (['year', 'month', 'day'] as const).filter((part) => parts.includes(part));
  if (order.length === 0 || order.length !== half.length) return false;
  const dateOf = (bound: readonly unknown[]) => order.map((part) => numberOf(bound[parts.indexOf(part)]));
  const bounds = values.length === 1 ? [values] : [half, values.slice(half.length)];
  return isBetween(
    order.map((part) => moment[part]),
    bounds.map(dateOf),
  );
}

/** An hour, or a range of hours, of hours and minutes, or of times with seconds; each with `'GMT'` at the end. */
export function timeRange(args: readonly unknown[], now: Date): boolean {
  const { values, moment } = read(args, now);
  const numbers = values.map(Number);
  if (![1, 2, 4, 6].includes(numbers.length)) return false;
  const half = Math.ceil(numbers.length / 2);
  const bounds = numbers.length === 1 ? [numbers] : [numbers.slice(0, half), numbers.slice(half)];
  return isBetween(moment.time.slice(0, half), bounds);
}

function partOf(value: unknown): 'day' | 'month' | 'year' {
  if (MONTHS.includes(String(value).toUpperCase())) return 'month';
  return Number(value) <= 31 ? 'day' : 'year';
}

function numberOf(value: unknown): number {
  const month = MONTHS.indexOf(String(value).toUpperCase());
  return month === -1 ? Number(value) : month;
}

/** Bounds are included; one bound alone must be equal. If the first one is later, the range goes over the end. */
function isBetween(value: readonly number[], bounds: readonly (readonly number[])[]): boolean {
  const [from, to = from] = bounds;
  if (from === undefined || to === undefined || [...from, ...to].some((number) => !(number >= 0))) return false;
  const isAfter = compare(value, from) >= 0;
  const isBefore = compare(value, to) <= 0;
  return compare(from, to) <= 0 ? isAfter && isBefore : isAfter || isBefore;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, number] of a.entries()) {
    const difference = number - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
