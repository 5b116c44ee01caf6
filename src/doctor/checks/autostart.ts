import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Check, Outcome } from '../check.ts';
import type { DoctorContext } from '../context.ts';

const UNIT = 'foundry-credential-helper.service';

/** Whether the system starts the agent, and this program's. Without it the helper does, so that nothing here fails. */
export const autostartCheck: Check<DoctorContext> = {
  id: 'autostart',
  title: 'Autostart',
  run({ env }) {
    if (process.platform !== 'linux') {
      return { state: 'skip', detail: `not looked at on ${process.platform} by this version` };
    }
    return systemdOutcome(unitFolders(env));
  },
};

/** systemd.unit(5), "User Unit Search Path", highest rank first. */
function unitFolders(env: NodeJS.ProcessEnv): readonly string[] {
  const home = env['HOME'] ?? '/';
  return [
    join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'systemd/user'),
    '/etc/systemd/user',
    join(env['XDG_DATA_HOME'] || join(home, '.local/share'), 'systemd/user'),
    '/usr/local/lib/systemd/user',
    '/usr/lib/systemd/user',
    '/lib/systemd/user',
  ];
}

function systemdOutcome(folders: readonly string[]): Outcome {
  const unit = folders.map((folder) => join(folder, UNIT)).find((path) => readText(path) !== undefined);
  if (unit === undefined) {
    const detail = 'no service is installed; the agent starts when Claude Desktop asks for a token';
    return { state: 'ok', detail, facts: { installed: false } };
  }
  const facts = { installed: true, unit };
  const program = /^ExecStart=[@:+!-]*("([^"]*)"|\S+)/m.exec(readText(unit) ?? '');
  const path = program?.[2] ?? program?.[1] ?? '';
  if (realPath(path) !== realPath(process.execPath)) {
    return {
      state: 'warn',
      detail: `${unit} starts ${path === '' ? 'nothing' : path}, not this program`,
      remedy: `let ExecStart name ${process.execPath}, then run "systemctl --user daemon-reload"`,
      facts,
    };
  }
  return { state: 'ok', detail: `the systemd unit ${unit} starts this program`, facts };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
