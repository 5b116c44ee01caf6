import type { Finding } from './check.ts';
import { checksForAgent, firstChecks, lastChecks } from './checks.ts';
import { createContext, type DoctorContext, type DoctorOptions } from './context.ts';
import { AgentPlace } from './places/agent-place.ts';
import { compareWithTerminal } from './places/compare.ts';
import { type Observer, runChecks, skipped } from './runner.ts';

export interface Diagnosis {
  readonly context: DoctorContext;
  readonly findings: readonly Finding[];
}

/** Finds out what works where the agent is. May start an agent, changes nothing else, and never prompts. */
export async function diagnose(options: DoctorOptions, observer: Observer = {}): Promise<Diagnosis> {
  const context = await createContext(options);
  const first = await runChecks(firstChecks, context, observer);
  const answers = first.some(({ id, state }) => id === 'agent' && (state === 'ok' || state === 'warn'));
  const place = answers ? await context.agentPlace() : undefined;
  const there =
    place instanceof AgentPlace
      ? await findingsOf(place, context, observer)
      : await runChecks(checksForAgent(context), context, observer, first);
  const earlier = [...first, ...there];
  const last = await runChecks(lastChecks(context), context, observer, earlier);
  return { context, findings: [...earlier, ...last] };
}

/** The agent's findings. Where it breaks off, the check under way has failed, and the others are skipped. */
async function findingsOf(place: AgentPlace, context: DoctorContext, observer: Observer): Promise<readonly Finding[]> {
  const { findings, broken } = await place.findings(compareWithTerminal(context, place.settings), observer);
  if (broken === undefined) return findings;
  const rest = checksForAgent(context).filter(({ id }) => findings.every((finding) => finding.id !== id));
  const skips = rest.map(({ id, title }): Finding => ({ id, title, ...skipped(broken) }));
  for (const skip of skips) observer.finished?.(skip);
  return [...findings, ...skips];
}
