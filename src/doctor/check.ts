// One small question about this computer, and what a check may say.

/** Public text and figures only: they stand in `--json` and in the report that is mailed to support. */
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

export interface Check<C> {
  /** Stable: scripts match on it, and docs/doctor.md describes it. */
  readonly id: string;
  readonly title: string;
  /** Ids of checks without whose success this one would only repeat their fault. */
  readonly needs?: readonly string[];
  /** Milliseconds; then it counts as failed. Default 20 s. */
  readonly deadlineMs?: number;
  /** May throw: that is a finding too. Stops working when the signal aborts, as well as it can. */
  run(context: C, signal: AbortSignal): Promise<Outcome> | Outcome;
}

export type Finding = Outcome & { readonly id: string; readonly title: string };

/** For what only a sign-in needs. */
export function notNeededWithApiKey(): Outcome {
  return { state: 'skip', detail: 'not needed: "credential" is an API key', notNeeded: true };
}
