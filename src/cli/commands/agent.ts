import { ask, askIfRunning, notRunning } from '../agent-client.ts';
import { print, printJson } from '../terminal.ts';

/** Starts the agent unless one runs. @throws AppError ERR_AGENT_START with the agent's own reason */
export async function agentStart(): Promise<void> {
  const { agent } = await ask({ method: 'status' });
  print(`The agent runs (process ${agent.pid}, version ${agent.version}).`);
}

/** Stops the agent; no agent is no error. The sign-in stays in the keystore. */
export async function agentStop(): Promise<void> {
  const stopped = await askIfRunning({ method: 'stop' });
  print(stopped === undefined ? 'No agent runs.' : `The agent stops (process ${stopped.pid}).`);
}

/** @throws AppError ERR_AGENT_UNREACHABLE when none runs */
export async function agentStatus(options: { readonly json?: boolean }): Promise<void> {
  const found = await askIfRunning({ method: 'status' });
  if (options.json === true)
    printJson({ running: found !== undefined, ...(found === undefined ? {} : { agent: found.agent }) });
  if (found === undefined) throw notRunning();
  const { pid, version, commit, startedAt } = found.agent;
  if (options.json !== true)
    print(`The agent runs: process ${pid}, version ${version} (${commit}), since ${startedAt}.`);
}
