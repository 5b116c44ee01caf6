// This Windows' autostart, and how a helper has the agent started by it.
import { withDeadline } from '../core/deadline.ts';
import { loadNativeAddon } from '../platform/native-addon.ts';
import { productPaths } from '../platform/paths.ts';
import { systemProgram } from '../platform/programs.ts';
import { createRegistry } from '../platform/registry.ts';
import { decodeOutput, runProgram } from '../platform/run-program.ts';
import { logOnCommand } from '../platform/self-command.ts';
import { packageContainer, parseWhoami, windowsOrigin } from '../platform/windows-origin.ts';
import { Schtasks } from './schtasks.ts';
import { WindowsAutostart } from './windows-autostart.ts';
import { isSameWindowsProgram } from './windows-program.ts';

const WHOAMI_MS = 5_000;
/** For up to five short programs, each of which a virus scanner may check first. They usually take half a second. */
const START_MS = 8_000;

export function windowsAutostart(env: NodeJS.ProcessEnv = process.env, schtasks = new Schtasks()): WindowsAutostart {
  return new WindowsAutostart({
    schtasks,
    sid: userSid,
    registry: async () => createRegistry(await loadNativeAddon('registry')),
    stateFolder: productPaths(env).state,
    ownPrograms: [logOnCommand().command, process.execPath],
  });
}

/** The launcher knows it. Without one, `whoami` does, which security software may watch. */
async function userSid(): Promise<string | undefined> {
  const origin = await windowsOrigin();
  if (origin !== undefined) return origin.sid;
  const { stdout } = await runProgram(systemProgram('whoami.exe'), ['/user', '/fo', 'csv', '/nh'], WHOAMI_MS);
  return parseWhoami(decodeOutput(stdout));
}

/**
 * Runs the scheduled task that starts this program. Inside Claude Desktop's package, where an agent of this process's
 * own couldn't stay, it creates one first if there's none and the system allows it.
 */
export function startByTask(): Promise<boolean> {
  return withDeadline(startTask(), START_MS, () => new Error('the task scheduler is slow'));
}

async function startTask(): Promise<boolean> {
  const autostart = windowsAutostart(process.env, new Schtasks({ timeoutMs: START_MS }));
  const entries = await autostart.taskEntries();
  const own = entries.find(({ enabled, program }) => enabled && isSameWindowsProgram(program, process.execPath));
  if (own !== undefined) return autostart.start(own);
  // A task that someone has turned off, or that starts another copy of this program, is someone's decision.
  if (entries.length > 0 || packageContainer(await windowsOrigin()) === undefined) return false;
  const created = await autostart.createOnce(logOnCommand().command);
  return created !== undefined && autostart.start(created);
}
