import { version } from '../../core/version.ts';
import type { Check } from '../check.ts';
import type { DoctorContext } from '../context.ts';

/** That it answers, or can be started. */
export const agentCheck: Check<DoctorContext> = {
  id: 'agent',
  title: 'Agent',
  deadlineMs: 70_000,
  async run(context) {
    const { status, wasStarted } = await context.agentStatus();
    const { pid, version: agentVersion, commit, startedAt } = status.agent;
    const facts = { pid, version: agentVersion, commit, startedAt, wasStarted };
    if (agentVersion !== version) {
      return {
        state: 'warn',
        detail: `the agent is version ${agentVersion}, this program ${version}`,
        remedy: 'use the newest installed foundry-credential-helper everywhere, or run "agent stop"',
        facts,
      };
    }
    const how = wasStarted ? 'it was not running and has been started' : `it runs since ${startedAt}`;
    return { state: 'ok', detail: `${how} (process ${pid}, version ${agentVersion})`, facts };
  },
};
