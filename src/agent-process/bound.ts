// Windows: an agent that is started inside a packaged app, such as Claude Desktop, must end with it. Otherwise its
// process keeps the app's container alive, and the app's next version can't start until the user signs out of Windows.
import { AppError } from '../core/errors.ts';
import { isAlive } from '../platform/process-watch.ts';
import { packageContainer, type WindowsOrigin, windowsOrigin } from '../platform/windows-origin.ts';

/** Passes the process's number to the agent. Private to a start: `agentEnvironment` and `takeBound` remove it. */
export const ENDS_WITH = 'FOUNDRY_CREDENTIAL_HELPER_ENDS_WITH';

interface Starter {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly origin: () => Promise<WindowsOrigin | undefined>;
  readonly parentPid: () => number;
}

const thisStarter: Starter = {
  platform: process.platform,
  env: process.env,
  origin: windowsOrigin,
  parentPid: () => process.ppid,
};

/**
 * The process that an agent started by this one must end with; undefined if it may stay. Without the launcher,
 * no one knows what's around this process, so what Claude Desktop has started is bound to the process that started it.
 * @throws AppError ERR_AGENT_START if the Claude Desktop that asks has ended meanwhile
 */
export async function boundForAgent(starter: Starter = thisStarter): Promise<number | undefined> {
  if (starter.platform !== 'win32') return undefined;
  const isFromDesktop = starter.env['CLAUDE_HELPER_CONTEXT'] !== undefined;
  const origin = await starter.origin();
  const container = packageContainer(origin);
  if (container !== undefined) return container.pid;
  if (!isFromDesktop) return undefined;
  const parentPid = starter.parentPid();
  if (origin === undefined ? !isAlive(parentPid) : origin.ancestors.length < 2)
    throw new AppError('ERR_AGENT_START', { detail: 'the program that asks has ended' });
  return origin === undefined ? parentPid : undefined;
}

/** The process that this agent must end with, and forgets it. */
export function takeBound(env: NodeJS.ProcessEnv = process.env): number | undefined {
  const pid = Number(env[ENDS_WITH] ?? '');
  delete env[ENDS_WITH];
  return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
}
