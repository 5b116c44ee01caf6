// What all findings together say.
import { type Finding, leavesQuestionOpen, type State } from './check.ts';

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
 * What no one can say is all right: checks that were skipped although they're needed, unless a failure is the reason,
 * and findings with the fact `judged: false`.
 */
export function unjudged(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((finding) => {
    if (finding.state === 'fail' || !leavesQuestionOpen(finding)) return false;
    return finding.facts?.['judged'] === false || causeOf(finding, findings)?.state !== 'fail';
  });
}

/** The finding that a skipped one leads to; `undefined` if it names none. */
function causeOf({ facts }: Finding, findings: readonly Finding[]): Finding | undefined {
  const cause = findings.find(({ id }) => id === facts?.['blockedBy']);
  return cause?.state === 'skip' ? (causeOf(cause, withoutOne(cause, findings)) ?? cause) : cause;
}

/** So that a circle of causes comes to an end. */
const withoutOne = (one: Finding, findings: readonly Finding[]): readonly Finding[] =>
  findings.filter((finding) => finding !== one);
