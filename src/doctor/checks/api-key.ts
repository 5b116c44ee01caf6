import type { AgentStatus } from '../../ipc/protocol.ts';
import type { Check, Outcome } from '../check.ts';
import type { DoctorContext } from '../context.ts';

/** With `credential` api-key, in place of the sign-in: a key is kept, and the agent hands it out. It's shown nowhere. */
export const apiKeyCheck: Check<DoctorContext> = {
  id: 'api-key',
  title: 'API key',
  needs: ['configuration', 'keystore', 'agent'],
  deadlineMs: 40_000,
  async run(context) {
    const { status } = await context.agentStatus();
    const other = otherCredential(status, 'api-key');
    if (other !== undefined) return other;
    await context.heldToken();
    const { foundryResource } = context.configuration();
    return {
      state: 'ok',
      detail: foundryResource === undefined ? 'one is kept' : `one is kept for the resource "${foundryResource}"`,
    };
  },
};

/** An agent doesn't see the variables of the terminal that `doctor` runs in, nor the other way round. */
export function otherCredential(
  { credential }: AgentStatus,
  configured: NonNullable<AgentStatus['credential']>,
): Outcome | undefined {
  if (credential === undefined || credential === configured) return undefined;
  return {
    state: 'fail',
    detail: `the agent hands out ${credential === 'entra' ? 'Entra tokens' : 'an API key'}: it sees another configuration`,
    remedy: 'set "credential" in config.json or by policy, then run "agent stop"',
  };
}
