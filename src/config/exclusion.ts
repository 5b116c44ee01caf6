// Which values of users a managed policy overrides.
import { parseValue } from './decode.ts';
import { type ConfigurationKey, definitionOf } from './keys.ts';
import type { ConfigurationSource, SourceReading } from './sources/source.ts';

/** A source and what it held when it was read. */
export interface RankedReading {
  readonly source: ConfigurationSource;
  readonly reading: SourceReading;
}

/** `policyOnly`: the policy closes everything else. `managedOnly`: only a policy may set this key here. */
export type IgnoredBecause = 'policyOnly' | 'managedOnly';

/** Completes `ignored: …`. */
export const ignoredText: Readonly<Record<IgnoredBecause, string>> = {
  policyOnly: 'policyOnly',
  managedOnly: 'only policy can set it',
};

/** Why a value of this source for this key doesn't count; `undefined` if it does. */
export type Exclusion = (
  source: Pick<ConfigurationSource, 'kind'>,
  key: ConfigurationKey,
) => IgnoredBecause | undefined;

/**
 * A policy exists if a managed source holds anything, even if no key is this program's, and also if it can't be read:
 * then nothing works anyway, and what a user would gain must not show. The same goes for a `policyOnly` that breaks its
 * rule.
 */
export function exclusionOf(readings: readonly RankedReading[]): Exclusion {
  const hasPolicy = readings.some(({ source, reading }) => source.kind === 'managed' && reading.state !== 'absent');
  const isClosed = isPolicyOnly(readings);
  return ({ kind }, key) => {
    if (kind === 'managed') return undefined;
    if (isClosed) return 'policyOnly';
    const { onlyManaged } = definitionOf(key);
    return onlyManaged === 'always' || (onlyManaged === 'with-policy' && hasPolicy) ? 'managedOnly' : undefined;
  };
}

/** Whether the highest managed source that holds `policyOnly` says anything but a valid `false`. */
export function isPolicyOnly(readings: readonly RankedReading[]): boolean {
  for (const { source, reading } of readings) {
    if (source.kind !== 'managed' || reading.state !== 'values' || !Object.hasOwn(reading.values, 'policyOnly'))
      continue;
    const parsed = parseValue('policyOnly', reading.values['policyOnly']);
    return !parsed.valid || parsed.value !== false;
  }
  return false;
}

/** The readings with every user's source that `policyOnly` closes replaced by one that is ignored. */
export function closeUserSources(readings: readonly RankedReading[]): readonly RankedReading[] {
  if (!isPolicyOnly(readings)) return readings;
  return readings.map(({ source, reading }) =>
    source.kind === 'managed' || reading.state === 'absent'
      ? { source, reading }
      : { source, reading: ignored(reading) },
  );
}

/** Even a source that can't be read isn't a problem then. */
function ignored(reading: SourceReading): SourceReading {
  const keys = reading.state === 'values' ? Object.keys(reading.values) : [];
  return { state: 'ignored', reason: `is ignored: ${ignoredText.policyOnly}`, keys };
}
