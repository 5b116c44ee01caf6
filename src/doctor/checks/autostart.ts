import type { AutostartEntry } from '../../autostart/autostart.ts';
import { startsThisProgram } from '../../autostart/system-autostart.ts';
import { logOnCommand } from '../../platform/self-command.ts';
import type { Check, Outcome } from '../check.ts';
import type { DoctorContext } from '../context.ts';

const REPAIR = 'run "foundry-credential-helper agent install"';

/** Windows: only a task can start the agent outside Claude Desktop's package. Undefined if an enabled one is there. */
export function taskProblem(entry: AutostartEntry | undefined): Outcome | undefined {
  if (entry === undefined) {
    const detail = 'no scheduled task starts the agent; if Windows allows it, the helper creates one';
    return { state: 'warn', detail, remedy: REPAIR, facts: { installed: false } };
  }
  const { kind, scope, enabled, place } = entry;
  const facts = { installed: true, kind, scope, enabled, place };
  if (!enabled) {
    const remedy = scope === 'user' ? REPAIR : `have your IT department enable ${place}, or ${REPAIR}`;
    return { state: 'warn', detail: `${place} is disabled, so it doesn't start the agent`, remedy, facts };
  }
  if (kind === 'scheduled-task') return undefined;
  return { state: 'warn', detail: `${place} starts the agent only when you sign in to Windows`, remedy: REPAIR, facts };
}

/** Whether the system starts this program's agent. Never fails, because otherwise the helper starts it. */
export const autostartCheck: Check<DoctorContext> = {
  id: 'autostart',
  title: 'Autostart',
  async run({ autostart }) {
    const [entry] = await autostart();
    const problem = process.platform === 'win32' ? taskProblem(entry) : undefined;
    return problem ?? judgeEntry(entry);
  },
};

/** What the effective entry means for the user. */
export function judgeEntry(entry: AutostartEntry | undefined): Outcome {
  if (entry === undefined) {
    const detail = 'no service is installed; the agent starts when Claude Desktop asks for a token';
    return { state: 'ok', detail, facts: { installed: false } };
  }
  const { kind, scope, enabled, place, program, switchOn } = entry;
  const facts = { installed: true, kind, scope, enabled, place };
  if (switchOn !== undefined) {
    const detail = `${place} is switched off, so the agent starts only when Claude Desktop asks for a token`;
    return { state: 'warn', detail, remedy: switchOn, facts };
  }
  // Packages enable theirs for every user; where an admin has changed that, it's not the user's to repair.
  if (!enabled) {
    const detail = `${place} isn't enabled, so the agent starts only when Claude Desktop asks for a token`;
    return scope === 'system' ? { state: 'ok', detail, facts } : { state: 'warn', detail, remedy: REPAIR, facts };
  }
  if (startsThisProgram(program)) return { state: 'ok', detail: `${place} starts this program`, facts };
  return {
    state: 'warn',
    detail: `${place} starts ${program === '' ? 'nothing that can be read' : program}, not this program`,
    remedy:
      scope === 'user' ? REPAIR : `have your IT department let ${place} start ${logOnCommand().command}, or ${REPAIR}`,
    facts,
  };
}
