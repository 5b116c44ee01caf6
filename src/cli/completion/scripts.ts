import { bashScript } from './bash.ts';
import type { Case } from './cases.ts';
import { fishScript } from './fish.ts';
import { powershellScript } from './powershell.ts';
import { zshScript } from './zsh.ts';

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * Each shell's script; its first lines say how to load it. The scripts hold the whole command line, so this program
 * doesn't run at each press of Tab as with @bomb.sh/tab or omelette, which also can't complete files.
 */
export const completionScripts: Readonly<Record<Shell, (cases: readonly Case[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};
