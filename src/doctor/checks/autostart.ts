import { startsThisProgram, systemAutostart } from '../../autostart/system-autostart.ts';
import { logOnCommand } from '../../platform/self-command.ts';
import type { Check } from '../check.ts';
import type { DoctorContext } from '../context.ts';

const REPAIR = 'run "foundry-credential-helper agent install"';

/** Whether the system starts this program's agent. Never fails, because otherwise the helper starts it. */
export const autostartCheck: Check<DoctorContext> = {
  id: 'autostart',
  title: 'Autostart',
  async run({ env }) {
    const [entry] = await (await systemAutostart(env)).entries();
    if (entry === undefined) {
      const detail = 'no service is installed; the agent starts when Claude Desktop asks for a token';
      return { state: 'ok', detail, facts: { installed: false } };
    }
    const { kind, scope, enabled, place, program } = entry;
    const facts = { installed: true, kind, scope, enabled, place };
    if (startsThisProgram(program)) return { state: 'ok', detail: `${place} starts this program`, facts };
    return {
      state: 'warn',
      detail: `${place} starts ${program === '' ? 'nothing that can be read' : program}, not this program`,
      remedy:
        scope === 'user'
          ? REPAIR
          : `have your IT department let ${place} start ${logOnCommand().command}, or ${REPAIR}`,
      facts,
    };
  },
};
