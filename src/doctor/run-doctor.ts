import type { Finding } from './check.ts';
import { allChecks } from './checks.ts';
import { createContext, type DoctorContext, type DoctorOptions } from './context.ts';
import { type Observer, runChecks } from './runner.ts';

export interface Diagnosis {
  readonly context: DoctorContext;
  readonly findings: readonly Finding[];
}

/** Finds out what works. May start an agent, changes nothing else, and never prompts. */
export async function diagnose(options: DoctorOptions, observer: Observer = {}): Promise<Diagnosis> {
  // With it Node would accept any certificate. The agent doesn't, so the diagnosis must not either.
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  const context = await createContext(options);
  return { context, findings: await runChecks(allChecks(context), context, observer) };
}
