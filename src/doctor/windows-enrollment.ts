import { systemProgram } from '../platform/programs.ts';
import { decodeOutput, type RunProgram, runProgram } from '../platform/run-program.ts';

const PATIENCE_MS = 5_000;

/** How Windows knows an organization. */
export interface WindowsEnrollment {
  /** `joined`: the computer signs people in with Entra. `registered`: someone added a work account to it. */
  readonly state: 'joined' | 'registered' | 'none';
  /** On a joined computer: whether Windows has the sign-in that tokens come from. */
  readonly hasPrimaryToken: boolean;
}

/**
 * What `dsregcmd /status` says: https://learn.microsoft.com/entra/identity/devices/troubleshoot-device-dsregcmd. Any user
 * can run it, and it asks no server. Undefined if it can't be run or doesn't say.
 */
export async function windowsEnrollment(
  env: NodeJS.ProcessEnv,
  run: RunProgram = runProgram,
): Promise<WindowsEnrollment | undefined> {
  const { exitCode, stdout } = await run(systemProgram('dsregcmd.exe', env), ['/status'], PATIENCE_MS);
  return exitCode === 0 ? readEnrollment(decodeOutput(stdout)) : undefined;
}

/** Reads what `dsregcmd /status` printed. Names in it aren't read. */
export function readEnrollment(text: string): WindowsEnrollment | undefined {
  const isJoined = flag(text, 'AzureAdJoined');
  const isRegistered = flag(text, 'WorkplaceJoined');
  if (isJoined === undefined && isRegistered === undefined) return undefined;
  return {
    state: isJoined === true ? 'joined' : isRegistered === true ? 'registered' : 'none',
    hasPrimaryToken: flag(text, 'AzureAdPrt') === true,
  };
}

function flag(text: string, name: string): boolean | undefined {
  const value = new RegExp(`^\\s*${name}\\s*:\\s*(YES|NO)\\s*$`, 'm').exec(text)?.[1];
  return value === undefined ? undefined : value === 'YES';
}
