import { existsSync } from 'node:fs';
import { isPackaged } from './packaged.ts';

/** How to run this program again: the binary itself or, when run from source, Node with the source's entry point. */
export function selfCommand(args: readonly string[]): { readonly command: string; readonly args: string[] } {
  const entry = isPackaged() ? [] : [process.argv[1] ?? ''];
  return { command: process.execPath, args: [...entry, ...args] };
}

/**
 * The command that starts the agent when the user logs on. Windows would then open a console window for this program,
 * so its launcher `<name>w.exe` is used if it's in the same folder.
 */
export function logOnCommand(
  self = selfCommand(['agent', 'run']),
  platform: NodeJS.Platform = process.platform,
): ReturnType<typeof selfCommand> {
  const launcher = self.command.replace(/\.exe$/i, 'w.exe');
  const isThere = platform === 'win32' && launcher !== self.command && existsSync(launcher);
  return isThere ? { ...self, command: launcher } : self;
}
