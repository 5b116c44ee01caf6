import { type Finding, finding } from '../../claude-desktop/finding.ts';
import { type ConfigurationKey, configurationKeys, purposesOf } from '../../config/keys.ts';
import { circumstancesOf, type IgnoredValue, type Resolution } from '../../config/resolve.ts';
import type { AppError } from '../../core/errors.ts';
import { unknownSetting } from './lint-own.ts';

export interface ConfigurationReview {
  readonly findings: readonly Finding[];
  /** ERR_CONFIG_UNREADABLE: sources of which nothing can be said. */
  readonly unreadable: readonly AppError[];
}

/** This computer's own configuration as it is in force, from all its sources. */
export function lintConfiguration(resolution: Resolution): ConfigurationReview {
  const { settings, sources, problems, unknownKeys } = resolution;
  const unreadable = problems.filter(({ code }) => code === 'ERR_CONFIG_UNREADABLE');
  const unknown = unknownKeys.map(({ key, location, nearest }) => unknownSetting(location, key, nearest));
  const broken = configurationKeys.flatMap((key) => {
    const { brokenRule, origin } = settings[key];
    return brokenRule === undefined
      ? []
      : finding('setting-invalid', origin?.location ?? '', { key, rule: brokenRule });
  });
  const ignored = configurationKeys.flatMap((key) => ignoredFindings(key, settings[key].ignored));
  const place = settings.policyOnly.value === true ? 'managed' : 'user-file';
  const whereToSet = sources.find(({ kind }) => kind === place)?.location ?? '';
  const missing = configurationKeys
    .filter((key) => purposesOf(key, circumstancesOf(resolution)).includes('sign-in'))
    .filter((key) => settings[key].origin === undefined)
    .map((key) => finding('setting-missing', whereToSet, { key }));
  // A source that can't be read may well hold what seems to be missing.
  return { findings: [...unknown, ...broken, ...ignored, ...(unreadable.length === 0 ? missing : [])], unreadable };
}

/** A policy that closes everything else isn't a fault of what it closes, such as a variable of all programs. */
function ignoredFindings(
  key: ConfigurationKey,
  ignored: readonly IgnoredValue<unknown>[] | undefined = [],
): readonly Finding[] {
  return ignored.map(({ origin, because }) =>
    finding('managed-only', origin.location, {
      key,
      ...(because === 'policyOnly' ? { severity: 'note', rule: 'is ignored: policyOnly' } : {}),
    }),
  );
}
