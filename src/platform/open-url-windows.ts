// On Windows, the launcher next to the program opens a page. If there's no launcher, Windows' own program does.
import { existsSync } from 'node:fs';
import type { BrowserCommand } from './opener.ts';
import { systemProgram } from './programs.ts';

/**
 * Commands that open `href`, best first. The launcher reads the address from standard input, so its command line doesn't
 * show it to other programs, but the browser's may. The launcher also lets the browser come to the front if Windows
 * permits that for an agent: docs/reference/windows.md.
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
