// What of Claude Desktop's log still counts.
import { type DesktopEvent, eventOf, kindOf, type Trouble } from './desktop-log-events.ts';
import { type LogEntry, readDesktopLog } from './desktop-log-file.ts';
import { type LocalPlaces, logFolders } from './places.ts';

/** Older troubles are history. */
const RECENT_MS = 24 * 60 * 60_000;

export interface DatedTrouble extends Trouble {
  readonly at: number;
}

export interface DesktopLog {
  /** The log that was written last; `undefined` if there is none. */
  readonly file?: string | undefined;
  /** Logs that are there, but can't be read. */
  readonly unreadable: readonly string[];
  /** Of the latest start. */
  readonly startedAt?: number | undefined;
  readonly version?: string | undefined;
  /** When the helper last returned a credential. */
  readonly succeededAt?: number | undefined;
  /** What still counts, oldest first: since the last start and the last success, and not older than a day. */
  readonly current: readonly DatedTrouble[];
  /** All others in the part of the log that was read. */
  readonly past: readonly DatedTrouble[];
}

type Dated = DesktopEvent & { readonly at: number };

/** Reads every place in which the log may be. Never throws. */
export function openDesktopLog(places: LocalPlaces = {}, now = Date.now()): DesktopLog {
  const readings = logFolders(places).map(readDesktopLog);
  const logs = readings.flatMap((reading) => (reading.state === 'entries' ? [reading] : []));
  const newest = logs.toSorted((a, b) => lastTime(b.entries) - lastTime(a.entries))[0];
  const unreadable = readings.flatMap((reading) => (reading.state === 'unreadable' ? [reading.file] : []));
  return {
    file: newest?.file,
    unreadable,
    ...summarize(
      logs.map(({ entries }) => eventsIn(entries)),
      now,
    ),
  };
}

const lastTime = (entries: readonly LogEntry[]): number => entries.at(-1)?.at ?? 0;

/**
 * @param logs the events of each place. A success counts wherever it's logged; a start says nothing about another
 * place's
 *   log.
 */
export function summarize(logs: readonly (readonly Dated[])[], now: number): Omit<DesktopLog, 'file' | 'unreadable'> {
  // In the order in which they were written if they have the same time, which has no fractions of a second.
  const all = logs
    .flatMap((events) => events.map((event, index) => ({ event, isOver: index < lastStartIn(events) })))
    .toSorted((a, b) => a.event.at - b.event.at);
  const events = all.map(({ event }) => event);
  const isCurrent = (event: DatedTrouble, index: number, isOver: boolean): boolean =>
    !isOver && event.at >= now - RECENT_MS && index > lastEnd(events, event);
  const troubles = all.flatMap(({ event, isOver }, index) =>
    event.what === 'trouble' ? [{ event, isCurrent: isCurrent(event, index, isOver) }] : [],
  );
  const started = events.findLast(({ what }) => what === 'started');
  return {
    startedAt: started?.at,
    version: started?.what === 'started' ? started.version : undefined,
    succeededAt: events.findLast(({ what }) => what === 'helper-succeeded')?.at,
    current: troubles.filter((one) => one.isCurrent).map(({ event }) => event),
    past: troubles.filter((one) => !one.isCurrent).map(({ event }) => event),
  };
}

const lastStartIn = (events: readonly Dated[]): number => events.findLastIndex(({ what }) => what === 'started');

/**
 * Where the success is that ends this trouble; -1 if there's none. Only a start ends a trouble with the configuration.
 */
function lastEnd(events: readonly Dated[], { id }: DatedTrouble): number {
  const kind = kindOf(id);
  if (kind === 'configuration') return -1;
  // After a refusal, Claude Desktop asks the helper for another credential and tries again.
  const isEnd = ({ what }: Dated): boolean =>
    kind === 'helper' || id === 'refused' ? what === 'helper-succeeded' : what === 'provider-answered';
  return events.findLastIndex(isEnd);
}

/** The events of one place, without what only repeats the event before it, and without starts that weren't. */
export function eventsIn(entries: readonly LogEntry[]): readonly Dated[] {
  const events: Dated[] = [];
  for (const entry of entries) {
    const event = eventOf(entry);
    if (event === undefined) continue;
    if (event.what === 'not-started') {
      const start = events.findLastIndex(({ what }) => what === 'started');
      if (start !== -1) events.splice(start, 1);
    } else if (!isSummary(entry) || events.at(-1)?.what !== 'trouble') events.push({ ...event, at: entry.at });
  }
  return events;
}

/** A line such as `credential helper failed (reason=timed-out)`, which follows one that says more. */
const isSummary = ({ text }: LogEntry): boolean => text.startsWith('[custom-3p] credential helper failed (reason=');

/** What support asks for: starts, the configuration, the helper's runs, and the provider's health. */
const FOR_SUPPORT = [
  /^Starting app\b/,
  /^Not main instance\b/,
  /^\[custom-3p\] (?:running helper|helper |credential helper |Argument |3P mode |inference |ConfigHealth|configError|deploymentMode)/,
  /^\[custom-3p\] (?:Credentials (?:loaded|read failed)|Model discovery)/,
  /\b(?:managed|enterprise) config\b/i,
  /^Ignoring (?:local|managed) configuration value\b/,
  /^(?:inferenceModels: |Multiple credential methods configured)/,
];

/** The last lines about the helper and what it's for, of all places, oldest first. They may hold names and secrets. */
export function linesForSupport(places: LocalPlaces, count: number): readonly LogEntry[] {
  return logFolders(places)
    .map(readDesktopLog)
    .flatMap((reading) => (reading.state === 'entries' ? reading.entries : []))
    .filter(({ text }) => FOR_SUPPORT.some((pattern) => pattern.test(text)))
    .toSorted((a, b) => a.at - b.at)
    .slice(-count);
}
