import { existsSync } from 'node:fs';
import { isPackaged } from './packaged.ts';

/** How to run this very program again: the binary itself, or Node with the source's entry when run from source. */
export function selfCommand(args: readonly string[]): { readonly command: string; readonly args: string[] } {
  const entry = isPackaged() ? [] : [process.argv[1] ?? ''];
  return { command: process.execPath, args: [...entry, ...args] };
}

/**
 * The program that runs the agent. Windows opens a console window for ours wherever its parent has none; the twin beside
 * it, `<name>w.exe`, is the same program without one. Where nobody put it there, the program itself has to do.
 */
export function agentCommand(
  self = selfCommand(['agent', 'run']),
  platform: NodeJS.Platform = process.platform,
): ReturnType<typeof selfCommand> {
  const twin = self.command.replace(/\.exe$/i, 'w.exe');
  const isThere = platform === 'win32' && twin !== self.command && existsSync(twin);
  return isThere ? { ...self, command: twin } : self;
}
