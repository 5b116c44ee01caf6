// What all findings together say.
import type { Finding, State } from './check.ts';

export type Problem = Extract<Finding, { state: 'warn' | 'fail' }>;

const URGENCY: readonly State[] = ['fail', 'warn', 'skip', 'ok'];

/** Failures first, then warnings, then what was skipped, then the rest; each group in the order of the checks. */
export function byUrgency(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => URGENCY.indexOf(a.state) - URGENCY.indexOf(b.state));
}

/** Failures first, then warnings. */
export function problemsOf(findings: readonly Finding[]): readonly Problem[] {
  return byUrgency(findings).filter(isProblem);
}

const isProblem = (finding: Finding): finding is Problem => finding.state === 'fail' || finding.state === 'warn';

/**
 * What nobody can say is all right: checks that were skipped although they're needed, unless a failure is the reason,
 * and findings with the fact `judged: false`.
 */
export function unjudged(findings: readonly Finding[]): readonly Finding[] {
  const failed = new Set(findings.filter(({ state }) => state === 'fail').map(({ id }) => id));
  return findings.filter((finding) => {
    const { blockedBy, judged } = finding.facts ?? {};
    if (finding.state === 'fail') return false;
    if (judged === false) return true;
    return finding.state === 'skip' && finding.notNeeded !== true && !failed.has(String(blockedBy));
  });
}
