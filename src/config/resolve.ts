import { CLOUDS } from '../core/cloud.ts';
import { AppError } from '../core/errors.ts';
import type { ApiKeyConfiguration, Configuration, EffectiveConfiguration, Origin } from './configuration.ts';
import { parseValue } from './decode.ts';
import { closeUserSources, type Exclusion, exclusionOf, type IgnoredBecause, type RankedReading } from './exclusion.ts';
import {
  type Circumstances,
  type ConfigurationKey,
  configurationKeys,
  definitionOf,
  type KeyValue,
  purposesOf,
} from './keys.ts';
import type { ConfigurationSource, SourceReading } from './sources/source.ts';
import { type UnknownKey, unknownKey, unknownNames } from './unknown-key.ts';

/** The outcome for one key. If value, origin, and problem are all absent, no one set it and it has no default. */
export interface Setting<T> {
  readonly value?: T;
  readonly origin?: Origin;
  /** Lower-ranking places that hold the key too, without effect. */
  readonly overrides: readonly Origin[];
  /** Users' values that don't count because of a policy; absent if there are none. */
  readonly ignored?: readonly IgnoredValue<T>[];
  /** The rule that the value of `origin` breaks; completes `"key" in <origin> …`. */
  readonly brokenRule?: string;
  /** ERR_CONFIG_INVALID: the value of `origin` breaks the key's rule. No other source supplies a `value` then. */
  readonly problem?: AppError;
}

export interface IgnoredValue<T> {
  readonly origin: Origin;
  readonly because: IgnoredBecause;
  /** Absent if it breaks the key's rule. */
  readonly value?: T;
}

export interface SourceSummary {
  readonly kind: ConfigurationSource['kind'];
  readonly location: string;
  readonly state: SourceReading['state'];
  /** Why it can't be read or doesn't count; completes `<location> …`. */
  readonly reason?: string;
}

export interface Resolution {
  readonly settings: { readonly [K in ConfigurationKey]: Setting<KeyValue<K>> };
  /** Everything that prevents the product from working, most serious first: unreadable sources, then invalid values. */
  readonly problems: readonly AppError[];
  /** Warnings: keys that this version doesn't know. They change nothing. */
  readonly unknownKeys: readonly UnknownKey[];
  /** All sources, highest rank first. */
  readonly sources: readonly SourceSummary[];
}

/** Managed policy wins over the user's file, and that over the environment. */
const RANK: Readonly<Record<ConfigurationSource['kind'], number>> = { managed: 0, 'user-file': 1, environment: 2 };

/**
 * Reads all sources once. For each key the first source that holds it and may set it wins, valid or not: an invalid
 * value never falls through to a lower source. Sources of one kind keep their order. Never throws.
 */
export function resolveConfiguration(sources: readonly ConfigurationSource[]): Resolution {
  const found = [...sources]
    .sort((a, b) => RANK[a.kind] - RANK[b.kind])
    .map((source) => ({ source, reading: source.read() }));
  const settings: Partial<Record<ConfigurationKey, Setting<unknown>>> = {};
  const exclusion = exclusionOf(found);
  for (const key of configurationKeys) settings[key] = resolveKey(key, found, exclusion);
  applyDefaults(settings);
  const readings = closeUserSources(found);
  const invalid = configurationKeys.flatMap((key) => settings[key]?.problem ?? []);
  return {
    // Each value has passed its own key's schema, as the type requires.
    settings: settings as Resolution['settings'],
    problems: [...unreadableSources(readings), ...invalid],
    unknownKeys: unknownKeys(readings),
    sources: readings.map(({ source, reading }) => ({
      kind: source.kind,
      location: source.location,
      state: reading.state,
      ...('reason' in reading ? { reason: reading.reason } : {}),
    })),
  };
}

/**
 * All settings, valid, with everything that the credential in force requires.
 * @throws AppError the first problem of the resolution, or ERR_CONFIG_MISSING naming the key and where to set it.
 */
export function requireSettings(resolution: Resolution): EffectiveConfiguration {
  return resolution.settings.credential.value === 'api-key'
    ? requireApiKeyConfiguration(resolution)
    : { ...requireConfiguration(resolution), credential: 'entra' };
}

/**
 * All settings, valid, with everything that a sign-in with Entra requires, whatever `credential` says.
 * @throws AppError as `requireSettings`
 */
export function requireConfiguration(resolution: Resolution): Configuration {
  return validValues(resolution, { credential: 'entra' }) as Configuration;
}

/**
 * All settings, valid, with everything that an API key requires; Entra's aren't needed.
 * @throws AppError as `requireSettings`
 */
export function requireApiKeyConfiguration(resolution: Resolution): ApiKeyConfiguration {
  return validValues(resolution, { credential: 'api-key' }) as ApiKeyConfiguration;
}

/** The keys that the callers' types promise are those that `purposesOf` names. */
function validValues(resolution: Resolution, circumstances: Circumstances): object {
  const [problem] = resolution.problems;
  if (problem !== undefined) throw problem;
  const values: Partial<Record<ConfigurationKey, unknown>> = {};
  for (const key of configurationKeys) {
    const { value } = resolution.settings[key];
    if (value !== undefined) values[key] = value;
    else if (purposesOf(key, circumstances).includes('sign-in')) throw missing(key, resolution);
  }
  return values;
}

/** What `purposesOf` needs to know about the settings in force. */
export const circumstancesOf = ({ settings: { credential, baseUrl } }: Resolution): Circumstances => ({
  credential: credential.value,
  baseUrl: baseUrl.value,
});

function missing(key: ConfigurationKey, resolution: Resolution): AppError {
  if (resolution.settings.policyOnly.value === true) {
    return new AppError('ERR_CONFIG_MISSING', { detail: `"${key}" can be set by policy only` });
  }
  const file = resolution.sources.find(({ kind }) => kind === 'user-file')?.location;
  const variable = definitionOf(key).environment?.[0];
  const policy = resolution.sources.some(({ kind }) => kind === 'managed') && 'by policy';
  const places = [policy, file && `in ${file}`, variable && `as ${variable}`].filter(Boolean);
  return new AppError('ERR_CONFIG_MISSING', { detail: `"${key}" can be set ${places.join(', or ')}` });
}

interface Holder {
  readonly origin: Origin & Pick<ConfigurationSource, 'kind'>;
  readonly raw: unknown;
  readonly fault: string | undefined;
}

function holdersOf(key: ConfigurationKey, readings: readonly RankedReading[]): readonly Holder[] {
  return readings.flatMap(({ source, reading }) => {
    if (reading.state !== 'values' || !Object.hasOwn(reading.values, key)) return [];
    const location = reading.locations?.[key] ?? source.location;
    return [{ origin: { kind: source.kind, location }, raw: reading.values[key], fault: reading.faults?.[key] }];
  });
}

function resolveKey(key: ConfigurationKey, readings: readonly RankedReading[], exclusion: Exclusion): Setting<unknown> {
  const holders = holdersOf(key, readings);
  const ignored = holders.flatMap((holder) => ignoredValue(key, holder, exclusion) ?? []);
  const setting = winningValue(
    key,
    holders.filter(({ origin }) => exclusion(origin, key) === undefined),
    readings,
  );
  return ignored.length === 0 ? setting : { ...setting, ignored };
}

function ignoredValue(
  key: ConfigurationKey,
  { origin, raw }: Holder,
  exclusion: Exclusion,
): IgnoredValue<unknown> | undefined {
  const because = exclusion(origin, key);
  if (because === undefined) return undefined;
  const parsed = parseValue(key, raw);
  return { origin, because, ...(parsed.valid ? { value: parsed.value } : {}) };
}

function winningValue(
  key: ConfigurationKey,
  holders: readonly Holder[],
  readings: readonly RankedReading[],
): Setting<unknown> {
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
  return { origin: winner.origin, overrides, brokenRule: parsed.rule, problem };
}

function applyDefaults(settings: Partial<Record<ConfigurationKey, Setting<unknown>>>): void {
  for (const key of configurationKeys) {
    const setting = settings[key];
    if (setting === undefined || setting.origin !== undefined) continue;
    const value = defaultOf(key, settings);
    if (value !== undefined) settings[key] = { ...setting, value, origin: { kind: 'default', location: 'default' } };
  }
}

/** `cloud` precedes the keys whose default depends on it. If it's invalid, they have no default. */
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

function unknownKeys(readings: readonly RankedReading[]): UnknownKey[] {
  return readings.flatMap(({ source: { location }, reading }) =>
    reading.state === 'values' ? unknownNames(reading.values).map((name) => unknownKey(name, location)) : [],
  );
}
