// The XDG autostart file, for sessions without systemd: Desktop Application Autostart Specification.

import { OVERWRITE_FREED_MEMORY } from '../platform/freed-memory.ts';
import type { EntryFormat } from './entry-file.ts';

export const DESKTOP_FILE = 'foundry-credential-helper.desktop';

export function desktopEntryText(program: string): string {
  return `[Desktop Entry]
Type=Application
Name=Foundry Credential Helper
Comment=Keeps the sign-in to Microsoft Foundry for Claude Desktop
Exec=env ${OVERWRITE_FREED_MEMORY} ${quote(program)} agent run
NoDisplay=true
Terminal=false
`;
}

export const desktopEntryFormat: EntryFormat = {
  kind: 'xdg-autostart',
  programOf: programOfDesktopEntry,
  // How GNOME's and KDE's settings switch an entry off.
  isEnabled: (text) => !/^(?:Hidden=true|X-GNOME-Autostart-enabled=false)\s*$/m.test(text),
};

/** The program that the entry starts; empty if it names none. */
export function programOfDesktopEntry(text: string): string {
  const match = /^Exec=(?:env [^\s"]+ )?(?:"((?:[^"\\]|\\.)*)"|(\S+))/m.exec(
    text.replace(/^Exec=.*$/m, (line) => line.replaceAll('\\\\', '\\')),
  );
  const quoted = match?.[1] ?? match?.[2] ?? '';
  return quoted.replace(/\\(["`$\\])/g, '$1').replaceAll('%%', '%');
}

/** Desktop Entry Specification, "The Exec key": quote first, then escape once more as in every string. */
function quote(path: string): string {
  const quoted = path
    .replace(/["`$\\]/g, '\\$&')
    .replaceAll('%', '%%')
    .replaceAll('\\', '\\\\');
  return `"${quoted}"`;
}
