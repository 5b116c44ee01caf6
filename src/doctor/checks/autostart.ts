import type { AutostartEntry } from '../../autostart/autostart.ts';
import { startsThisProgram, systemAutostart } from '../../autostart/system-autostart.ts';
import { logOnCommand } from '../../platform/self-command.ts';
import type { Check, Outcome } from '../check.ts';
import type { DoctorContext } from '../context.ts';

const REPAIR = 'run "foundry-credential-helper agent install"';

/** Whether the system starts this program's agent. Never fails, because otherwise the helper starts it. */
export const autostartCheck: Check<DoctorContext> = {
  id: 'autostart',
  title: 'Autostart',
  async run({ env }) {
    const [entry] = await (await systemAutostart(env)).entries();
    return judgeEntry(entry);
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
  if (startsThisProgram(program)) return { state: 'ok', detail: `${place} starts this program`, facts };
  return {
    state: 'warn',
    detail: `${place} starts ${program === '' ? 'nothing that can be read' : program}, not this program`,
    remedy:
      scope === 'user' ? REPAIR : `have your IT department let ${place} start ${logOnCommand().command}, or ${REPAIR}`,
    facts,
  };
}
