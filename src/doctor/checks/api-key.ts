import type { Check } from '../check.ts';
import type { DoctorContext } from '../context.ts';

/** With `credential` api-key, in place of the sign-in: a key is kept, and the agent hands it out. It's shown nowhere. */
export const apiKeyCheck: Check<DoctorContext> = {
  id: 'api-key',
  title: 'API key',
  needs: ['configuration', 'keystore', 'agent'],
  deadlineMs: 40_000,
  async run(context) {
    await context.heldToken();
    const { foundryResource } = context.configuration();
    return {
      state: 'ok',
      detail: foundryResource === undefined ? 'one is stored' : `one is stored for the resource "${foundryResource}"`,
    };
  },
};
