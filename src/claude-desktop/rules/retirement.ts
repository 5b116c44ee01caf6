// What Claude Desktop refuses from a day on. https://claude.com/docs/third-party/claude-desktop/configuration-changelog
import { compareVersions } from '../../core/version.ts';
import type { Examination, LintOptions } from '../examination.ts';

/** Claude Desktop enforces retirements since this version. */
const ENFORCES_RETIREMENTS = '1.40609.0';

/** Whether the version in question refuses, at the day in question, what is retired from `refusedFrom` on. */
export function isRefused({ desktopVersion, now = new Date() }: LintOptions, refusedFrom: string): boolean {
  const enforces = desktopVersion === undefined || compareVersions(desktopVersion, ENFORCES_RETIREMENTS) >= 0;
  // The day begins at noon Pacific time.
  return enforces && now.getTime() >= Date.parse(`${refusedFrom}T20:00:00Z`);
}

interface Retirement {
  readonly key: string;
  /** Completes "<key> …", without the day. */
  readonly what: 'is' | 'has a value that is' | 'has a form that is';
  readonly refusedFrom: string;
  readonly remedy: string;
  readonly element?: string | undefined;
}

export function reportRetirement({ report, options }: Examination, retirement: Retirement): void {
  const { key, what, refusedFrom, ...details } = retirement;
  if (isRefused(options, refusedFrom)) {
    const rule = `${what} refused by Claude Desktop since ${refusedFrom}`;
    report(what === 'is' ? 'key-retired' : 'value-retired', key, { rule, ...details });
  } else {
    const rule = `${what} refused by Claude Desktop from ${refusedFrom} on`;
    report(what === 'is' ? 'key-retiring' : 'value-retiring', key, { rule, ...details });
  }
}
