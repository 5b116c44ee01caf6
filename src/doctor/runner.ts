// Runs checks in the order of their dependencies. Never stops early: the computer it runs on is broken by definition.
import { withDeadline } from '../core/deadline.ts';
import type { Check, Finding, Outcome } from './check.ts';
import { failure } from './failure.ts';

export interface Observer {
  started?(check: Pick<Check<never>, 'id' | 'title'>): void;
  finished?(finding: Finding): void;
}

const DEADLINE_MS = 20_000;

/**
 * One finding for each check. A check is skipped if one that it needs has failed, or was skipped for any reason but that
 * nobody needs it; the finding then names the first cause. Rejects only for a list that makes no sense.
 */
export async function runChecks<C>(
  checks: readonly Check<C>[],
  context: C,
  observer: Observer = {},
): Promise<readonly Finding[]> {
  const findings = new Map<string, Finding>();
  const causes = new Map<string, Finding>();
  for (const check of inOrder(checks)) {
    const { id, title } = check;
    const blocker = check.needs?.map((need) => findings.get(need)).find(isObstacle);
    const cause = blocker && (causes.get(blocker.id) ?? blocker);
    if (cause !== undefined) causes.set(id, cause);
    else observer.started?.({ id, title });
    const finding = { id, title, ...(cause === undefined ? await attempt(check, context) : skipped(cause)) };
    findings.set(id, finding);
    observer.finished?.(finding);
  }
  return [...findings.values()];
}

function isObstacle(finding: Finding | undefined): finding is Finding {
  return finding?.state === 'fail' || (finding?.state === 'skip' && finding.notNeeded !== true);
}

function skipped(cause: Finding): Outcome {
  const verb = cause.state === 'fail' ? 'failed' : 'was skipped';
  return { state: 'skip', detail: `"${cause.title}" ${verb}`, facts: { blockedBy: cause.id } };
}

async function attempt<C>(check: Check<C>, context: C): Promise<Outcome> {
  const deadlineMs = check.deadlineMs ?? DEADLINE_MS;
  const controller = new AbortController();
  try {
    // Through a promise, so that one that throws at once is caught like the others.
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
    remedy: 'run "doctor" again; if it stays, send the output of "report" to support',
    facts: { timedOut: true },
  };
}

/** The list's own order, but each after those that it needs. @throws Error for an unknown need, a circle or a twin. */
function inOrder<C>(checks: readonly Check<C>[]): readonly Check<C>[] {
  const ordered = new Map<string, Check<C>>();
  let waiting = checks;
  while (waiting.length > 0) {
    const next = waiting.find(({ needs = [] }) => needs.every((need) => ordered.has(need)));
    if (next === undefined) throw new Error(`these checks never get their turn: ${waiting.map(({ id }) => id)}`);
    if (ordered.has(next.id)) throw new Error(`two checks have the id ${next.id}`);
    ordered.set(next.id, next);
    waiting = waiting.filter((check) => check !== next);
  }
  return [...ordered.values()];
}
