import { AppError } from '../core/errors.ts';
import type { ApiKeyConfiguration, Configuration, Origin } from './configuration.ts';
import { parseValue } from './decode.ts';
import {
  CLOUDS,
  type ConfigurationKey,
  configurationKeys,
  definitionOf,
  isConfigurationKey,
  type KeyValue,
} from './keys.ts';
import { nearestKey } from './nearest-key.ts';
import type { ConfigurationSource, SourceReading } from './sources/source.ts';

/** What became of one key. Without value, origin and problem: nobody set it and it has no default. */
export interface Setting<T> {
  readonly value?: T;
  readonly origin?: Origin;
  /** Lower-ranking places that hold the key too, in vain. */
  readonly overrides: readonly Origin[];
  /** ERR_CONFIG_INVALID: the value of `origin` breaks the key's rule. There is no `value` then, from no other source either. */
  readonly problem?: AppError;
}

export interface SourceSummary {
  readonly kind: ConfigurationSource['kind'];
  readonly location: string;
  readonly state: SourceReading['state'];
  /** Why it cannot be read or does not count; completes `<location> …`. */
  readonly reason?: string;
}

export interface Resolution {
  readonly settings: { readonly [K in ConfigurationKey]: Setting<KeyValue<K>> };
  /** Everything wrong, most far-reaching first: unreadable sources, unknown keys, invalid values. */
  readonly problems: readonly AppError[];
  /** All sources, highest rank first. */
  readonly sources: readonly SourceSummary[];
}

/** Managed policy wins over the user's file, that over the environment. */
const RANK: Readonly<Record<ConfigurationSource['kind'], number>> = { managed: 0, 'user-file': 1, environment: 2 };

type RankedReading = { readonly source: ConfigurationSource; readonly reading: SourceReading };

/**
 * Reads all sources once. For each key the first source that holds it wins, valid or not: an invalid value never
 * falls through to a lower source. Sources of one kind keep their order. Never throws.
 */
export function resolveConfiguration(sources: readonly ConfigurationSource[]): Resolution {
  const readings = [...sources]
    .sort((a, b) => RANK[a.kind] - RANK[b.kind])
    .map((source) => ({ source, reading: source.read() }));
  const settings: Partial<Record<ConfigurationKey, Setting<unknown>>> = {};
  for (const key of configurationKeys) settings[key] = resolveKey(key, readings);
  applyDefaults(settings);
  const invalid = configurationKeys.flatMap((key) => settings[key]?.problem ?? []);
  return {
    // Each value has passed its own key's schema, which is what the type says.
    settings: settings as Resolution['settings'],
    problems: [...unreadableSources(readings), ...unknownKeys(readings), ...invalid],
    sources: readings.map(({ source, reading }) => ({
      kind: source.kind,
      location: source.location,
      state: reading.state,
      ...('reason' in reading ? { reason: reading.reason } : {}),
    })),
  };
}

/**
 * The settings, all valid, with at least those that sign-in needs and those named.
 * @throws AppError the first problem of the resolution, or ERR_CONFIG_MISSING naming the key and where to set it.
 */
export function requireConfiguration<K extends ConfigurationKey = never>(
  resolution: Resolution,
  required: readonly K[] = [],
): Configuration & { readonly [P in K]: KeyValue<P> } {
  const isNeeded = (key: ConfigurationKey) => required.some((name) => name === key) || isForSignIn(key);
  // Every key that the type promises has been asked for.
  return validValues(resolution, isNeeded) as Configuration & { readonly [P in K]: KeyValue<P> };
}

/**
 * The settings for an API key: all valid, none of Entra's needed.
 * @throws AppError the first problem of the resolution
 */
export function requireApiKeyConfiguration(resolution: Resolution): ApiKeyConfiguration {
  return validValues(resolution, () => false) as ApiKeyConfiguration;
}

function validValues(resolution: Resolution, isNeeded: (key: ConfigurationKey) => boolean): object {
  const [problem] = resolution.problems;
  if (problem !== undefined) throw problem;
  const values: Partial<Record<ConfigurationKey, unknown>> = {};
  for (const key of configurationKeys) {
    const { value } = resolution.settings[key];
    if (value !== undefined) values[key] = value;
    else if (isNeeded(key)) throw missing(key, resolution);
  }
  return values;
}

const isForSignIn = (key: ConfigurationKey): boolean => (definitionOf(key).requiredFor ?? []).includes('sign-in');

function missing(key: ConfigurationKey, resolution: Resolution): AppError {
  const file = resolution.sources.find(({ kind }) => kind === 'user-file')?.location;
  const variable = definitionOf(key).environment?.[0];
  const policy = resolution.sources.some(({ kind }) => kind === 'managed') && 'by policy';
  const places = [policy, file && `in ${file}`, variable && `as ${variable}`].filter(Boolean);
  return new AppError('ERR_CONFIG_MISSING', { detail: `"${key}" can be set ${places.join(', or ')}` });
}

function resolveKey(key: ConfigurationKey, readings: readonly RankedReading[]): Setting<unknown> {
  const holders = readings.flatMap(({ source, reading }) => {
    if (reading.state !== 'values' || !Object.hasOwn(reading.values, key)) return [];
    const location = reading.locations?.[key] ?? source.location;
    return [{ origin: { kind: source.kind, location }, raw: reading.values[key], fault: reading.faults?.[key] }];
  });
  const ignored = readings.flatMap(({ source: { kind, location }, reading }) =>
    reading.state === 'ignored' && reading.keys.includes(key) ? [{ kind, location }] : [],
  );
  const [winner, ...others] = holders;
  const overrides = [...ignored, ...others.map((holder) => holder.origin)];
  if (winner === undefined) return { overrides };
  const parsed =
    winner.fault === undefined ? parseValue(key, winner.raw) : { valid: false as const, rule: winner.fault };
  if (parsed.valid) return { value: parsed.value, origin: winner.origin, overrides };
  const problem = new AppError('ERR_CONFIG_INVALID', {
    detail: `"${key}" in ${winner.origin.location} ${parsed.rule}`,
  });
  return { origin: winner.origin, overrides, problem };
}

function applyDefaults(settings: Partial<Record<ConfigurationKey, Setting<unknown>>>): void {
  for (const key of configurationKeys) {
    const setting = settings[key];
    if (setting === undefined || setting.origin !== undefined) continue;
    const value = defaultOf(key, settings);
    if (value !== undefined) settings[key] = { ...setting, value, origin: { kind: 'default', location: 'default' } };
  }
}

/** `cloud` stands before the keys whose default depends on it; where it is invalid they have none. */
function defaultOf(key: ConfigurationKey, settings: Partial<Record<ConfigurationKey, Setting<unknown>>>): unknown {
  const fallback = definitionOf(key).default;
  switch (fallback?.kind) {
    case 'value':
      return fallback.value;
    case 'by-cloud': {
      const cloud = CLOUDS.find((name) => name === settings.cloud?.value);
      return cloud === undefined ? undefined : fallback.values[cloud];
    }
    default:
      return undefined;
  }
}

function unreadableSources(readings: readonly RankedReading[]): AppError[] {
  return readings.flatMap(({ source, reading }) =>
    reading.state === 'unreadable'
      ? new AppError('ERR_CONFIG_UNREADABLE', { detail: `${source.location} ${reading.reason}`, cause: reading.cause })
      : [],
  );
}

function unknownKeys(readings: readonly RankedReading[]): AppError[] {
  return readings.flatMap(({ source, reading }) =>
    reading.state === 'values'
      ? Object.keys(reading.values)
          .filter((name) => !isConfigurationKey(name))
          .map((name) => unknownKey(name, source.location))
      : [],
  );
}

function unknownKey(name: string, location: string): AppError {
  const nearest = nearestKey(name);
  const suggestion = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  return new AppError('ERR_CONFIG_INVALID', {
    detail: `"${name.slice(0, 60)}" in ${location} is no setting of this program${suggestion}`,
  });
}
