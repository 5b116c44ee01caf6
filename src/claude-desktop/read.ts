// Claude Desktop's own configuration as it is in force for this user on this computer. Read-only.
// https://claude.com/docs/third-party/claude-desktop/configuration
import { join } from 'node:path';
import type { ConfigurationSource, SourceReading } from '../config/sources/source.ts';
import { systemOf } from '../core/system.ts';
import { parseJsonObject } from '../formats/json-object.ts';
import type { Entry, Form } from '../formats/settings-document.ts';
import { decodeText } from '../formats/text-encoding.ts';
import { NOT_TEXT, readFileBytes } from '../formats/text-file.ts';
import { type DesktopDocument, jsonDocument, keyOf } from './document.ts';
import { encodingFault } from './json-encoding.ts';
import { desktopKey, isDesktopKey } from './keys.ts';
import { readManagedFile } from './managed-file.ts';
import { configLibrary, type LocalPlaces } from './places.ts';

export interface DesktopPlaces extends LocalPlaces {
  /** What profiles (macOS) and policy (Windows) set, from `managedSources('claude-desktop')`. */
  readonly managed?: readonly ConfigurationSource[];
  /** Goes before the paths of the whole computer, such as /etc. */
  readonly root?: string;
}

/** What the highest-ranking place says that holds anything; it alone counts. */
export type DesktopReading =
  | { readonly state: 'absent' }
  /** Claude Desktop can't use it either, or this program can't say what it holds. `reason` completes `<origin> …`. */
  | { readonly state: 'unreadable'; readonly origin: string; readonly reason: string; readonly managed: boolean }
  | {
      readonly state: 'values';
      readonly origin: string;
      /** Whether an admin set it; then Claude Desktop ignores local settings. */
      readonly managed: boolean;
      readonly document: DesktopDocument;
      /** By flat name, as they are written there. */
      readonly values: Readonly<Record<string, unknown>>;
    };

const ABSENT = { state: 'absent' } as const;

/** Never throws. */
export function readDesktopConfiguration(places: DesktopPlaces = {}): DesktopReading {
  const managed = readManaged(places);
  return managed.state === 'absent' ? readLocal(places) : managed;
}

/** Linux. */
export const managedFile = (root = '/'): string => join(root, 'etc/claude-desktop/managed-settings.json');

/** What an admin set; `absent` too if it only holds keys that leave the device to local settings. Never throws. */
export function readManaged(places: DesktopPlaces): DesktopReading {
  const reading = readEverythingManaged(places);
  return reading.state === 'values' && !ownsDevice(reading) ? ABSENT : reading;
}

/** What an admin set, even if it leaves the device to local settings. Never throws. */
export function readEverythingManaged({
  platform = process.platform,
  root,
  managed = [],
}: DesktopPlaces): DesktopReading {
  if (platform !== 'linux') return joinSources(managed, platform);
  const origin = managedFile(root);
  const file = readManagedFile(origin);
  if (file.state === 'absent') return ABSENT;
  if (file.state === 'unreadable') return { ...file, origin, managed: true };
  return readingOf(jsonDocument(origin, file.values, 'linux'), true);
}

/** Key by key the highest source that has it; the sources themselves know which of them rules out which. */
function joinSources(sources: readonly ConfigurationSource[], platform: NodeJS.Platform): DesktopReading {
  const readings = sources.map((source) => ({ origin: source.location, reading: source.read() }));
  for (const { origin, reading } of readings) {
    if (reading.state === 'unreadable') return { state: 'unreadable', origin, reason: reading.reason, managed: true };
  }
  const found = readings.flatMap(({ origin, reading }) =>
    reading.state === 'values' ? [{ origin, entries: registryEntries(reading) }] : [],
  );
  if (found.length === 0) return ABSENT;
  const entries = new Map<string, Entry>();
  for (const source of found.toReversed()) for (const entry of source.entries) entries.set(entry.key, entry);
  const form: Form = platform === 'win32' ? 'registry' : 'plist';
  const file = found.map(({ origin }) => origin).join(' and ');
  return readingOf({ form, file, system: systemOf(platform), entries: [...entries.values()] }, true);
}

function registryEntries({ values, registryTypes }: Extract<SourceReading, { state: 'values' }>): readonly Entry[] {
  return Object.entries(values).map(([key, value]) => {
    const registryType = registryTypes?.[key];
    return { key, value, registryType };
  });
}

/** `_meta.json` names the applied configuration, which is in `<id>.json`. Never throws. */
export function readLocal(places: LocalPlaces): DesktopReading {
  const folder = configLibrary(places);
  const meta = readObject(join(folder, '_meta.json'));
  if (meta.state !== 'values') return meta;
  const id = meta.values['appliedId'];
  if (id === undefined || id === null || id === '') return ABSENT;
  // The ID becomes part of a path.
  if (typeof id !== 'string' || !/^[a-f0-9-]{36}$/.test(id))
    return unreadable(meta.origin, `has an "appliedId" that isn't a UUID`);
  const applied = readObject(join(folder, `${id}.json`));
  if (applied.state === 'absent')
    return unreadable(join(folder, `${id}.json`), `doesn't exist, but _meta.json names it`);
  if (applied.state === 'unreadable') return applied;

  const system = systemOf(places.platform ?? process.platform);
  return readingOf(jsonDocument(applied.origin, applied.values, system), false);
}

type ObjectReading =
  | Exclude<DesktopReading, { state: 'values' }>
  | { readonly state: 'values'; readonly origin: string; readonly values: Readonly<Record<string, unknown>> };

function readObject(origin: string): ObjectReading {
  const file = readFileBytes(origin, { followLinks: true });
  if (file.state === 'absent') return ABSENT;
  if (file.state === 'unreadable') return unreadable(origin, file.reason);
  const decoded = decodeText(file.bytes);
  if (decoded === undefined) return unreadable(origin, NOT_TEXT);
  const fault = encodingFault(decoded);
  if (fault !== undefined) return unreadable(origin, fault);
  const parsed = parseJsonObject(decoded.text);
  return parsed.state === 'unreadable' ? unreadable(origin, parsed.reason) : { ...parsed, origin };
}

const unreadable = (origin: string, reason: string) =>
  ({ state: 'unreadable', origin, reason, managed: false }) as const;

function readingOf(document: DesktopDocument, managed: boolean): Extract<DesktopReading, { state: 'values' }> {
  const values = Object.fromEntries(document.entries.map((entry) => [keyOf(document, entry), entry.value]));
  return { state: 'values', origin: document.file, managed, document, values };
}

/**
 * Whether local settings don't count. Keys such as those of updates may be managed while the rest stays with the user.
 */
export function ownsDevice({ values }: Extract<DesktopReading, { state: 'values' }>): boolean {
  return Object.keys(values).some((key) => !isDesktopKey(key) || desktopKey(key).mayBeManagedAlone !== true);
}
