/**
 * Public text and figures only: `--json` and the report for support show them. `blockedBy` is the id of the check that
 * reports why this one was skipped. `judged: false` means that the question is still open.
 */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export type Outcome =
  | { readonly state: 'ok'; readonly detail: string; readonly facts?: Facts }
  | {
      readonly state: 'skip';
      readonly detail: string;
      /** The configuration has no use for what this checks, so checks that need it still run. */
      readonly notNeeded?: true;
      readonly facts?: Facts;
    }
  | { readonly state: 'warn' | 'fail'; readonly detail: string; readonly remedy: string; readonly facts?: Facts };

export type State = Outcome['state'];

/** One question about this computer. */
export interface Check<C> {
  /** Stable: scripts match on it, and docs/reference/doctor.md describes it. */
  readonly id: string;
  readonly title: string;
  /** Ids of checks whose failure this one would only repeat. */
  readonly needs?: readonly string[];
  /** Milliseconds, by default 20 s; after that the check has failed. */
  readonly deadlineMs?: number;
  /** What it throws becomes a finding. Stops if possible when the signal aborts. */
  run(context: C, signal: AbortSignal): Promise<Outcome> | Outcome;
}

export type Finding = Outcome & { readonly id: string; readonly title: string };

/** For a check that would only repeat what another one reports, whether that one comes before or after it. */
export function skippedBecauseOf(id: string, detail: string): Outcome {
  return { state: 'skip', detail, facts: { blockedBy: id } };
}

/** For a question that can't be answered from here, although nothing is wrong. */
export function notJudged(detail: string): Outcome {
  return { state: 'skip', detail, facts: { judged: false } };
}

/** Whether a finding leaves its question open, so that no one may call it fine. */
export function leavesQuestionOpen(finding: Outcome): boolean {
  return (finding.state === 'skip' && finding.notNeeded !== true) || finding.facts?.['judged'] === false;
}

/** For what only a sign-in needs. */
export function notNeededWithApiKey(): Outcome {
  return { state: 'skip', detail: 'not needed: "credential" is an API key', notNeeded: true };
}
