import type { Facts, Outcome } from './check.ts';

export interface Problem {
  readonly state: 'warn' | 'fail';
  readonly detail: string;
  readonly remedy: string;
}

/** Several problems as one finding, as severe as the worst of them. */
export function combine(problems: readonly Problem[], okDetail: string, facts: Facts = {}): Outcome {
  if (problems.length === 0) return { state: 'ok', detail: okDetail, facts };
  const list = (texts: readonly string[]) => [...new Set(texts)].join('; ');
  return {
    state: problems.some(({ state }) => state === 'fail') ? 'fail' : 'warn',
    detail: list(problems.map(({ detail }) => detail)),
    remedy: list(problems.map(({ remedy }) => remedy)),
    facts,
  };
}
