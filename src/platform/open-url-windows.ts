// Windows: the launcher next to the program opens a page, or Windows' own program if there is no launcher.
import { existsSync } from 'node:fs';
import type { BrowserCommand } from './opener.ts';
import { systemProgram } from './programs.ts';

/**
 * Commands that open `href`, best first. The launcher reads the address from standard input, so no command line of ours
 * shows it to other programs; the browser's own may. It also lets the browser come to the front, as far as Windows lets
 * an agent do that: docs/reference/windows.md.
 */
export function windowsOpeners(
  href: string,
  env: NodeJS.ProcessEnv,
  launcher: string = process.execPath.replace(/(?<!w)\.exe$/i, 'w.exe'),
): readonly BrowserCommand[] {
  const own = launcher !== process.execPath && existsSync(launcher);
  return [
    ...(own ? [{ file: launcher, args: ['--open'], input: href }] : []),
    { file: systemProgram('rundll32.exe', env), args: ['url.dll,FileProtocolHandler', href] },
  ];
}
