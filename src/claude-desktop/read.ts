// Claude Desktop's own configuration, read-only: how long it keeps a token and how long it waits for one.
// https://claude.com/docs/third-party/claude-desktop/configuration
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { ConfigurationSource } from '../config/sources/source.ts';
import { parseJsonObject } from '../formats/json-object.ts';
import { readTextFile } from '../formats/text-file.ts';

export interface DesktopSettings {
  /** `inferenceCredentialHelperTtlSec`: seconds that Desktop uses a token before it asks again. */
  readonly ttlSec?: number;
  /** `inferenceCredentialHelperTimeoutSec`: seconds after which Desktop kills an interactive run, 1 to 600. */
  readonly timeoutSec?: number;
  /** The file that decides, whether or not it holds either key. */
  readonly origin?: string;
}

export interface DesktopPlaces {
  readonly env?: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
  readonly home?: string;
  /** What profiles (macOS) and policy (Windows) set, by `managedSources('claude-desktop')`. */
  readonly managed?: readonly ConfigurationSource[];
  /** Stands before the paths of the whole computer, such as /etc. */
  readonly root?: string;
}

/** What was found in the highest-ranking place that holds anything. */
export type DesktopReading =
  | { readonly state: 'absent' }
  /** It is there and rules out lower sources, but its content does not count. */
  | { readonly state: 'ignored'; readonly origin: string }
  | { readonly state: 'values'; readonly origin: string; readonly values: Readonly<Record<string, unknown>> };

type DesktopSource = () => DesktopReading;

/** Keys that may be managed while the rest stays with the user. */
const UPDATE_KEYS = ['disableAutoUpdates', 'autoUpdaterEnforcementHours', 'updateViaUpdatesHost'];

/** What cannot be read or makes no sense is left out: it is Desktop's file, and `doctor` reports on it. Never throws. */
export function readDesktopSettings(places: DesktopPlaces = {}): DesktopSettings {
  const reading = readDesktopConfiguration(places);
  if (reading.state === 'values') return pickSettings(reading.values, reading.origin);
  return reading.state === 'ignored' ? { origin: reading.origin } : {};
}

/** All keys as they stand there, unchecked. Never throws. */
export function readDesktopConfiguration(places: DesktopPlaces = {}): DesktopReading {
  for (const source of desktopSources(places)) {
    const reading = source();
    if (reading.state !== 'absent') return reading;
  }
  return { state: 'absent' };
}

/** Highest rank first: a managed source makes Desktop ignore local values altogether. */
function desktopSources(places: DesktopPlaces): readonly DesktopSource[] {
  const { env = process.env, platform = process.platform, home = homedir(), root = '/', managed = [] } = places;
  const local = () => readConfigLibrary(join(desktopDataFolder(platform, env, home), 'configLibrary'));
  switch (platform) {
    case 'linux':
      return [() => readManagedFile(join(root, 'etc/claude-desktop/managed-settings.json')), local];
    default:
      return [() => readManaged(managed), local];
  }
}

/** Key by key the highest that has it; the sources know themselves which of them rules out which. */
function readManaged(sources: readonly ConfigurationSource[]): DesktopReading {
  const readings = sources.map((source) => ({ origin: source.location, reading: source.read() }));
  const unreadable = readings.find(({ reading }) => reading.state === 'unreadable');
  if (unreadable !== undefined) return { state: 'ignored', origin: unreadable.origin };
  const found = readings.flatMap(({ origin, reading }) => (reading.state === 'values' ? [{ origin, ...reading }] : []));
  const values = Object.assign({}, ...found.map((one) => one.values).reverse());
  return decides(values)
    ? { state: 'values', origin: found.map(({ origin }) => origin).join(' and '), values }
    : { state: 'absent' };
}

const decides = (values: object): boolean => Object.keys(values).some((key) => !UPDATE_KEYS.includes(key));

function desktopDataFolder(platform: NodeJS.Platform, env: NodeJS.ProcessEnv, home: string): string {
  switch (platform) {
    case 'darwin':
      return join(home, 'Library/Application Support/Claude-3p');
    case 'win32':
      return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Claude-3p');
    default: {
      const xdg = env['XDG_CONFIG_HOME'] ?? '';
      return join(isAbsolute(xdg) ? xdg : join(home, '.config'), 'Claude-3p');
    }
  }
}

/** Desktop itself takes this file only from root and only when nobody else can write to it. */
function readManagedFile(path: string): DesktopReading {
  const file = readTextFile(path, { followLinks: false });
  if (file.state === 'absent') return file;
  if (file.state === 'unreadable') return { state: 'ignored', origin: path };
  if (file.stats.uid !== 0n || (file.stats.mode & 0o022n) !== 0n) return { state: 'ignored', origin: path };
  const parsed = parseJsonObject(file.text);
  if (parsed.state === 'fault') return { state: 'ignored', origin: path };
  return decides(parsed.object) ? { state: 'values', origin: path, values: parsed.object } : { state: 'absent' };
}

/** `_meta.json` names the applied configuration; its values stand in `<id>.json` under their flat names. */
function readConfigLibrary(folder: string): DesktopReading {
  const meta = readObject(join(folder, '_meta.json'));
  const id = meta?.['appliedId'];
  // The id becomes part of a path.
  if (typeof id !== 'string' || !/^[\w-][\w.-]{0,127}$/.test(id)) return { state: 'absent' };
  const origin = join(folder, `${id}.json`);
  const values = readObject(origin);
  return values === undefined ? { state: 'absent' } : { state: 'values', origin, values };
}

function readObject(path: string): Readonly<Record<string, unknown>> | undefined {
  const file = readTextFile(path, { followLinks: true });
  if (file.state !== 'text') return undefined;
  const parsed = parseJsonObject(file.text);
  return parsed.state === 'object' ? parsed.object : undefined;
}

/** The two keys whose values the agent goes by. */
export function pickSettings(values: Readonly<Record<string, unknown>>, origin: string): DesktopSettings {
  // A day is longer than any token lives.
  const ttlSec = integer(values['inferenceCredentialHelperTtlSec'], 86_400);
  const timeoutSec = integer(values['inferenceCredentialHelperTimeoutSec'], 600);
  return {
    ...(ttlSec === undefined ? {} : { ttlSec }),
    ...(timeoutSec === undefined ? {} : { timeoutSec }),
    origin,
  };
}

/** Whole seconds from 1, native or as text. */
function integer(raw: unknown, maximum: number): number | undefined {
  const value = typeof raw === 'string' && /^\s*\d{1,9}\s*$/.test(raw) ? Number(raw) : raw;
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maximum ? value : undefined;
}
