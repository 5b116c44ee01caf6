import { AppError } from '../core/errors.ts';
import { askAgent, NoAgentError, SteppingAsideError } from '../ipc/client.ts';
import type { Connect } from '../ipc/connection.ts';
import { agentEndpoint, type Endpoint, locateAgent } from '../ipc/endpoint.ts';
import { pipeConnector } from '../ipc/pipe-connection.ts';
import { HELPER_DEADLINES_MS, type HelperContext } from '../ipc/protocol.ts';
import { productPaths } from '../platform/paths.ts';

/**
 * Asks the agent for the line that Claude Desktop reads, and starts the agent where there is none.
 * @throws AppError; ERR_AGENT_UNREACHABLE at the context's deadline, counted from the start of this process.
 */
export async function requestOutput(context: HelperContext): Promise<string> {
  const endpoint = agentEndpoint(productPaths());
  const connect = pipeConnector() ?? (await import('../ipc/net-connection.ts')).connectByNet;
  try {
    return await ask(endpoint, connect, context);
  } catch (thrown) {
    if (!(thrown instanceof NoAgentError || thrown instanceof SteppingAsideError)) throw thrown;
  }
  const { withStartedAgent } = await import('../ipc/start-agent.ts');
  return withStartedAgent(endpoint, HELPER_DEADLINES_MS[context] - elapsedMs(), () => ask(endpoint, connect, context));
}

async function ask(endpoint: Endpoint, connect: Connect, context: HelperContext): Promise<string> {
  const target = locateAgent(endpoint);
  if (target === undefined) throw new NoAgentError();
  const elapsed = elapsedMs();
  const { output } = await askAgent(
    connect,
    target,
    { method: 'helper-output', context, elapsedMs: elapsed },
    { deadlineMs: Math.max(0, HELPER_DEADLINES_MS[context] - elapsed) },
  );
  // An agent that answers with an empty line must not become a success.
  if (typeof output !== 'string' || output === '') throw new AppError('ERR_AGENT_PROTOCOL');
  return output;
}

/** Milliseconds since the operating system started this process. */
function elapsedMs(): number {
  return process.uptime() * 1000;
}
