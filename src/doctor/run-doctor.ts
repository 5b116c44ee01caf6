import type { Finding } from './check.ts';
import { allChecks } from './checks.ts';
import { createContext, type DoctorContext, type DoctorOptions } from './context.ts';
import { type Observer, runChecks } from './runner.ts';

export interface Diagnosis {
  readonly context: DoctorContext;
  readonly findings: readonly Finding[];
}

/** Finds out what works. Changes nothing but that an agent may be started, and never prompts. */
export async function diagnose(options: DoctorOptions, observer: Observer = {}): Promise<Diagnosis> {
  // Node would take any certificate for Microsoft's; the agent does not, so neither may the diagnosis.
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  const context = await createContext(options);
  return { context, findings: await runChecks(allChecks(context), context, observer) };
}
