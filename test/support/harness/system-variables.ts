import { delimiter } from 'node:path';

/** What programs need from Windows itself, anyone who the user is. */
const WINDOWS = ['SystemRoot', 'SystemDrive', 'windir', 'ComSpec', 'PATHEXT', 'ProgramFiles', 'ProgramData'];

/** The variables of this computer, not of its user, that programs in a sandbox need: `bin` comes first on PATH. */
export function systemVariables(
  bin: string,
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  const path = [bin, env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter);
  const names = platform === 'win32' ? WINDOWS : [];
  const kept = names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return { PATH: path, ...Object.fromEntries(kept) };
}
