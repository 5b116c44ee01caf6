// The text of the systemd user unit. Packages bring the same text from installers/linux; a test compares them.

import { OVERWRITE_FREED_MEMORY } from '../platform/freed-memory.ts';

export const UNIT = 'foundry-credential-helper.service';

/** systemd.unit(5) and systemd.service(5). `program` must be an absolute path without control characters. */
export function unitText(program: string): string {
  return `# systemd user unit: keeps the agent running from log-in on. Without it the helper starts the agent when it is needed.
[Unit]
Description=Foundry credential helper agent
# The keystore and the browser belong to the graphical session.
PartOf=graphical-session.target
After=graphical-session.target

[Service]
ExecStart=${quote(program)} agent run
Restart=on-failure
RestartSec=1
# Its folder, socket, or lock can't be used: trying again doesn't help.
RestartPreventExitStatus=6
# glibc overwrites freed memory, which may have held a token.
Environment=${OVERWRITE_FREED_MEMORY}
# A browser that the agent had to start itself stays open when the agent ends. Settings that such a browser would
# inherit, such as NoNewPrivileges, LimitCORE, or UMask, don't belong here.
KillMode=process

[Install]
WantedBy=graphical-session.target
`;
}

/** The program that a unit's first `ExecStart` names; empty if it names none. */
export function programOfUnit(text: string): string {
  const match = /^ExecStart=[@:+!-]*(?:"((?:[^"\\]|\\.)*)"|(\S+))/m.exec(text);
  const quoted = match?.[1] ?? match?.[2] ?? '';
  return quoted.replace(/\\(["\\])/g, '$1').replaceAll('%%', '%');
}

/** systemd.syntax(7), "Quoting"; `%` begins a specifier. systemd expands no variables in the program's own path. */
function quote(path: string): string {
  const escaped = path.replace(/["\\]/g, '\\$&').replaceAll('%', '%%');
  return /^[\w./%-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}
