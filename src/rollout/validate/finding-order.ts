import type { Finding, Severity } from '../../claude-desktop/finding.ts';

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

/** Errors first, then warnings, then notes; otherwise as they were. */
export function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

/** How many there are of each severity, for people: `2 errors, 1 warning`. Empty if there are none. */
export function countFindings(findings: readonly Finding[]): string {
  const counts = SEVERITIES.flatMap((severity) => {
    const count = findings.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : `${count} ${severity}${count === 1 ? '' : 's'}`;
  });
  return counts.join(', ');
}
