import { type Finding, finding } from '../../claude-desktop/finding.ts';
import { configurationKeys, definitionOf } from '../../config/keys.ts';
import type { Resolution } from '../../config/resolve.ts';
import type { AppError } from '../../core/errors.ts';

/** What resolve.ts says of one key: `"key" in <location> <rule>`. */
const DETAIL = /^"(?<key>[^"]*)" in (?<file>.*?) (?<rule>(?:must|is no setting) .*)$/s;

export interface ConfigurationReview {
  readonly findings: readonly Finding[];
  /** ERR_CONFIG_UNREADABLE: sources of which nothing can be said. */
  readonly unreadable: readonly AppError[];
}

/** This computer's own configuration as it stands, from all its sources. */
export function lintConfiguration(resolution: Resolution): ConfigurationReview {
  const unreadable = resolution.problems.filter(({ code }) => code === 'ERR_CONFIG_UNREADABLE');
  const broken = resolution.problems
    .filter((problem) => !unreadable.includes(problem))
    .map(({ detail = '' }) => {
      const { key, file = '', rule = detail } = DETAIL.exec(detail)?.groups ?? {};
      return finding(rule.startsWith('is no setting') ? 'setting-unknown' : 'setting-invalid', file, key, rule);
    });
  const userFile = resolution.sources.find(({ kind }) => kind === 'user-file')?.location ?? '';
  const missing = configurationKeys
    .filter((key) => definitionOf(key).requiredFor?.includes('sign-in') === true)
    .filter((key) => resolution.settings[key].origin === undefined)
    .map((key) => finding('setting-missing', userFile, key));
  // A source that cannot be read may well hold what seems to be missing.
  return { findings: unreadable.length === 0 ? [...broken, ...missing] : broken, unreadable };
}
