import { isPackaged } from './packaged.ts';

/** How to run this very program again: the binary itself, or Node with the source's entry when run from source. */
export function selfCommand(args: readonly string[]): { readonly command: string; readonly args: string[] } {
  const entry = isPackaged() ? [] : [process.argv[1] ?? ''];
  return { command: process.execPath, args: [...entry, ...args] };
}
