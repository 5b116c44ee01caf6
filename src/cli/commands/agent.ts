import { lockFolder } from '../../agent-process/instance-lock.ts';
import { readLockHolder } from '../../agent-process/lock-holder.ts';
import type { AutostartEntry } from '../../autostart/autostart.ts';
import { startsThisProgram, systemAutostart } from '../../autostart/system-autostart.ts';
import { AppError } from '../../core/errors.ts';
import { localTime } from '../../core/local-time.ts';
import { productPaths } from '../../platform/paths.ts';
import { assertUsableFolder } from '../../platform/private-file.ts';
import { ask, askIfRunning } from '../agent-client.ts';
import { print, printJson } from '../terminal.ts';

/** Starts the agent unless one runs. @throws AppError ERR_AGENT_START with the agent's own reason */
export async function agentStart(): Promise<void> {
  const { agent } = await ask({ method: 'status' });
  print(`The agent runs (process ${agent.pid}, version ${agent.version}).`);
}

/** @throws AppError ERR_AGENT_NOT_RUNNING; ERR_AGENT_UNTRUSTED, ERR_STATE_UNWRITABLE if it couldn't start either */
export async function agentStatus(options: { readonly json?: boolean }): Promise<void> {
  const found = await askIfRunning({ method: 'status' });
  const [entry] = await (await systemAutostart()).entries();
  const endsWith = found && endOf(found.agent.pid);
  if (options.json === true) {
    printJson({ running: found !== undefined, agent: found?.agent, autostart: autostartFacts(entry), endsWith });
  } else {
    if (found !== undefined) {
      const { pid, version, commit, startedAt } = found.agent;
      print(`The agent runs: process ${pid}, version ${version} (${commit}), since ${localTime(startedAt)}.`);
    }
    if (endsWith !== undefined) print(`It ends with the app that it was started in (process ${endsWith}).`);
    print(`Autostart: ${autostartText(entry)}.`);
  }
  if (found !== undefined) return;
  // Otherwise the hint would promise that it starts when it's needed.
  assertUsableFolder(lockFolder(productPaths()));
  throw new AppError('ERR_AGENT_NOT_RUNNING');
}

/** The process that the agent ends with; undefined if it stays. */
function endOf(agent: number): number | undefined {
  const holder = readLockHolder(lockFolder(productPaths()));
  return holder?.pid === agent ? holder.endsWith : undefined;
}

function autostartFacts(entry: AutostartEntry | undefined): object {
  return entry === undefined
    ? { installed: false }
    : { installed: true, ...entry, thisProgram: startsThisProgram(entry.program) };
}

function autostartText(entry: AutostartEntry | undefined): string {
  if (entry === undefined) return 'none; the agent starts when Claude Desktop asks for a token';
  if (entry.switchOn !== undefined) {
    return `${entry.place} is switched off. To switch it on, ${entry.switchOn}. Until then, the agent starts when Claude Desktop asks for a token`;
  }
  if (!entry.enabled) return `${entry.place} isn't enabled; the agent starts when Claude Desktop asks for a token`;
  if (startsThisProgram(entry.program)) return `${entry.place} starts this program`;
  return `${entry.place} starts ${entry.program || 'nothing that can be read'}, not this program`;
}
