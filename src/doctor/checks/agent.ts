import type { ErrorCode } from '../../core/errors.ts';
import { localTime } from '../../core/local-time.ts';
import { describeUnwritable } from '../../core/unwritable.ts';
import { version } from '../../core/version.ts';
import type { Check } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import { failure } from '../failure.ts';
import { AgentPlace } from '../places/agent-place.ts';

/** An older agent doesn't know the request; any other failure is one of the agent itself. */
const MAY_LOOK_HERE: readonly ErrorCode[] = ['ERR_AGENT_PROTOCOL', 'ERR_AGENT_DIAGNOSIS'];

/** That it answers, or can be started, and says how things look from where it is. */
export const agentCheck: Check<DoctorContext> = {
  id: 'agent',
  title: 'Agent',
  needs: ['folders'],
  deadlineMs: 70_000,
  async run(context) {
    const { status, wasStarted } = await context.agentStatus();
    const { pid, version: agentVersion, commit, startedAt } = status.agent;
    const facts = { pid, version: agentVersion, commit, startedAt, wasStarted };
    const place = await context.agentPlace();
    const asks = place instanceof AgentPlace;
    if (!asks && !MAY_LOOK_HERE.includes(place.code)) throw place;
    const looksHere = 'so what follows is how things look from this terminal, which may differ for the agent';
    if (agentVersion !== version) {
      return {
        state: 'warn',
        detail: `the agent is version ${agentVersion}, this program ${version}${asks ? '' : `, ${looksHere}`}`,
        remedy:
          'use the newest installed foundry-credential-helper everywhere, or run "foundry-credential-helper agent stop"',
        facts,
      };
    }
    if (!asks) {
      const outcome = failure(place, { state: 'warn', facts });
      return { ...outcome, detail: `${outcome.detail}, ${looksHere}` };
    }
    const how = wasStarted
      ? "it wasn't running and has been started"
      : `it has been running since ${localTime(startedAt)}`;
    return { state: 'ok', detail: `${how} (process ${pid}, version ${agentVersion})`, facts };
  },
};

/** That it can write its state and log. */
export const filesCheck: Check<DoctorContext> = {
  id: 'agent-files',
  title: "Agent's files",
  needs: ['agent'],
  async run(context) {
    const { unwritable = [] } = (await context.agentStatus()).status;
    if (unwritable.length === 0) return { state: 'ok', detail: 'the agent can write its state and log' };
    const described = unwritable.map(describeUnwritable);
    return {
      state: 'warn',
      detail: `the agent ${described.map(({ detail }) => detail).join(', and ')}; tokens keep working`,
      remedy: [...new Set(described.map(({ remedy }) => remedy))].join('; '),
      facts: { paths: unwritable.map(({ path }) => path), codes: unwritable.map(({ code }) => code) },
    };
  },
};
