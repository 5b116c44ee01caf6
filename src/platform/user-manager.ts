import { existsSync } from 'node:fs';
import { SESSION_VARIABLES } from './caller-session.ts';
import type { BrowserCommand } from './opener.ts';
import { findProgram } from './programs.ts';

/** What systemd-run says on stderr when it has started the command. */
export const STARTED = 'Running as unit';

/** A command, and the environment to run it with. */
export interface ManagedCommand extends BrowserCommand {
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The same command as a separate unit, if the session `env` has a systemd user manager. The manager is then its
 * parent, so the command inherits neither limits nor control group from this process, and gets the environment of the
 * user's desktop with what `env` says about the session. A scope wouldn't do: systemd-run stays the parent of what it
 * starts in one. `--wait` makes systemd-run exit as the command does.
 */
export function underUserManager({ file, args }: BrowserCommand, env: NodeJS.ProcessEnv): ManagedCommand | undefined {
  const systemdRun = findProgram('systemd-run', env);
  const folder = managerFolder(env);
  if (systemdRun === undefined || folder === undefined) return undefined;
  const absent = SESSION_VARIABLES.filter((name) => env[name] === undefined);
  return {
    file: systemdRun,
    args: [
      ...['--user', '--collect', '--wait'],
      // The default is the command line, which has the address, and goes into the journal.
      '--description=Opens a page in the browser',
      // An opener ends when the browser has started, and the browser must stay.
      ...['KillMode=process', 'StandardOutput=null', 'StandardError=null'].map(property),
      ...(absent.length === 0 ? [] : [property(`UnsetEnvironment=${absent.join(' ')}`)]),
      ...SESSION_VARIABLES.flatMap((name) => (env[name] === undefined ? [] : [`--setenv=${name}=${env[name]}`])),
      ...['--', file, ...args.map(withoutExpansion)],
    ],
    env: { ...env, XDG_RUNTIME_DIR: folder, DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder}/bus` },
  };
}

const property = (text: string): string => `--property=${text}`;

/** systemd.service(5), "Command lines": `$` begins a variable. */
const withoutExpansion = (word: string): string => word.replaceAll('$', '$$$$');

/** Where the user manager listens. */
function managerFolder({ XDG_RUNTIME_DIR: folder }: NodeJS.ProcessEnv): string | undefined {
  return folder?.startsWith('/') === true && existsSync(`${folder}/systemd/private`) ? folder : undefined;
}
