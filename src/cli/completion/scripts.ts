// Completion scripts that know the whole command line by themselves: nothing of ours runs at each press of Tab, as it
// does with the packages for this (@bomb.sh/tab, omelette), which moreover complete no files.
import { bashScript } from './bash.ts';
import type { CommandNode } from './command-tree.ts';
import { fishScript } from './fish.ts';
import { powershellScript } from './powershell.ts';
import { zshScript } from './zsh.ts';

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

const scripts: Readonly<Record<Shell, (tree: readonly CommandNode[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};

/** The script for one shell; how to load it stands in its first lines. */
export function completionScript(shell: Shell, tree: readonly CommandNode[]): string {
  return scripts[shell](tree);
}
