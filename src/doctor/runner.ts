import { withDeadline } from '../core/deadline.ts';
import type { Check, Finding, Outcome } from './check.ts';
import { failure } from './failure.ts';

export interface Observer {
  started?(check: Pick<Check<never>, 'id' | 'title'>): void;
  finished?(finding: Finding): void;
}

const DEADLINE_MS = 20_000;

/**
 * One finding for each check, in the list's order: a check comes after those that it needs. A check is skipped if one
 * that it needs has failed, or was skipped although it's needed; the finding then names the first cause. Never rejects.
 * @param earlier findings of checks that others may need
 */
export async function runChecks<C>(
  checks: readonly Check<C>[],
  context: C,
  observer: Observer = {},
  earlier: readonly Finding[] = [],
): Promise<readonly Finding[]> {
  const findings = new Map<string, Finding>();
  const known = new Map(earlier.map((finding) => [finding.id, finding]));
  const causes = new Map(earlier.flatMap((finding) => causeAmong(known, finding)));
  for (const check of checks) {
    const { id, title } = check;
    const blocker = check.needs?.map((need) => findings.get(need) ?? known.get(need)).find(isObstacle);
    const cause = blocker && (causes.get(blocker.id) ?? blocker);
    if (cause !== undefined) causes.set(id, cause);
    else observer.started?.({ id, title });
    const finding = { id, title, ...(cause === undefined ? await attempt(check, context) : skipped(cause)) };
    findings.set(id, finding);
    observer.finished?.(finding);
  }
  return [...findings.values()];
}

/** The first cause for which an earlier check was skipped. */
function causeAmong(known: ReadonlyMap<string, Finding>, { id, facts }: Finding): [string, Finding][] {
  const cause = known.get(String(facts?.['blockedBy']));
  return cause === undefined ? [] : [[id, cause]];
}

function isObstacle(finding: Finding | undefined): finding is Finding {
  return finding?.state === 'fail' || (finding?.state === 'skip' && finding.notNeeded !== true);
}

/** Because another check has failed or was skipped. */
export function skipped(cause: Finding): Outcome {
  const verb = cause.state === 'fail' ? 'failed' : 'was skipped';
  return { state: 'skip', detail: `"${cause.title}" ${verb}`, facts: { blockedBy: cause.id } };
}

/** Runs one check within its deadline. Never rejects. */
export async function attempt<C>(check: Pick<Check<C>, 'deadlineMs' | 'run'>, context: C): Promise<Outcome> {
  const deadlineMs = check.deadlineMs ?? DEADLINE_MS;
  const controller = new AbortController();
  try {
    // Inside a promise, so a check that throws synchronously is caught too.
    const work = Promise.resolve().then(() => check.run(context, controller.signal));
    return await withDeadline(work, deadlineMs, () => new CheckTimeout());
  } catch (thrown) {
    return thrown instanceof CheckTimeout ? timedOut(deadlineMs) : failure(thrown);
  } finally {
    controller.abort();
  }
}

class CheckTimeout extends Error {}

function timedOut(deadlineMs: number): Outcome {
  return {
    state: 'fail',
    detail: `no result within ${Math.round(deadlineMs / 1000)} s`,
    remedy:
      'run "foundry-credential-helper doctor" again; if it happens again, run "foundry-credential-helper report" and send the file that it writes to support',
    facts: { timedOut: true },
  };
}
