// The process that diagnoses for the agent: it has the agent's environment, and so meets what the agent meets.
import { checksForAgent } from '../checks.ts';
import { createContext, type DoctorOptions } from '../context.ts';
import { runChecks } from '../runner.ts';
import type { Part } from './parts.ts';
import { viewSettings } from './settings-view.ts';

/** Reports the settings, then each finding. Never prompts. */
export async function diagnoseForAgent(
  options: DoctorOptions & { readonly key: string },
  report: (part: Part) => void,
): Promise<void> {
  const { resolution, ...context } = await createContext(options);
  report({ settings: viewSettings(resolution, options.env, options.key) });
  const whole = { ...context, resolution };
  await runChecks(checksForAgent(whole), whole, {
    started: ({ id, title }) => report({ started: { id, title } }),
    finished: (finding) => report({ finding }),
  });
}
