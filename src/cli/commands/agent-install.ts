import { lockFolder } from '../../agent-process/instance-lock.ts';
import { readLockHolder } from '../../agent-process/lock-holder.ts';
import type { AutostartEntry } from '../../autostart/autostart.ts';
import { startsThisProgram, systemAutostart } from '../../autostart/system-autostart.ts';
import { AppError } from '../../core/errors.ts';
import { isPackaged } from '../../platform/packaged.ts';
import { productPaths } from '../../platform/paths.ts';
import { logOnCommand } from '../../platform/self-command.ts';
import { stopAndSay } from '../agent-client.ts';
import { print } from '../terminal.ts';
import { agentStart } from './agent.ts';

/** Has the system start the agent at log-in, and starts it now. @throws AppError ERR_AUTOSTART, ERR_AGENT_START */
export async function agentInstall(): Promise<void> {
  if (!isPackaged()) throw new AppError('ERR_AUTOSTART', { detail: 'only the built program can be installed' });
  const autostart = await systemAutostart();
  const entries = await autostart.entries();
  const system = entries.find((entry) => isSystemEntry(entry) && startsThisProgram(entry.program));
  if (system !== undefined) {
    for (const place of await autostart.uninstall()) print(`Removed ${place}: it isn't needed.`);
    print(`${system.place} starts this program for every user: nothing to install.`);
    if (system.switchOn !== undefined) print(`Note: it's switched off for you. To switch it on, ${system.switchOn}.`);
  } else {
    const own = entries.find(({ scope }) => scope === 'user');
    const { changed, place, note } = await autostart.install(logOnCommand().command);
    print(installed(changed, place, own));
    if (note !== undefined) print(`Note: ${note}.`);
  }
  // One that stays replaces one that ends with Claude Desktop.
  if (readLockHolder(lockFolder(productPaths()))?.endsWith !== undefined) await stopAndSay();
  await agentStart();
}

/** An entry that was switched off counts too: the user's own has the same name, so it would be off too. */
function isSystemEntry({ scope, enabled, switchOn }: AutostartEntry): boolean {
  return scope === 'system' && (enabled || switchOn !== undefined);
}

function installed(changed: boolean, place: string, before: AutostartEntry | undefined): string {
  if (!changed) return `${place} starts this program already: nothing was changed.`;
  if (before === undefined || startsThisProgram(before.program))
    return `Installed ${place}: it starts the agent at log-in.`;
  return `Corrected ${place}: it started ${before.program || 'nothing that can be read'}.`;
}

/**
 * Removes the user's autostart and stops the agent; `purge` also removes all that's kept for this user but
 * `config.json`.
 * @throws AppError ERR_AUTOSTART; with `purge` as `purge`
 */
export async function agentUninstall(options: { readonly purge?: boolean }): Promise<void> {
  const autostart = await systemAutostart();
  const removed = await autostart.uninstall();
  for (const place of removed) print(`Removed ${place}.`);
  const [left] = (await autostart.entries()).filter(({ scope }) => scope === 'system');
  if (removed.length === 0) print('You have no autostart entry.');
  if (left !== undefined) print(`${left.place} starts the agent for every user; only an admin can remove it.`);
  await stopAndSay();
  if (options.purge !== true) return;
  const { purge } = await import('../purge.ts');
  await purge();
}
