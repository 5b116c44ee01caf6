// The one place that writes for people: results to stdout, everything else to stderr.
import { describeFailure } from '../core/errors.ts';

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Versioned JSON for scripts; the shapes are documented in docs/commands.md. */
export function printJson(value: object): void {
  print(JSON.stringify({ version: 1, ...value }, undefined, 2));
}

/** Two columns, the first padded. */
export function printTable(rows: readonly (readonly [string, string])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) print(`${name.padEnd(width)}  ${value}`);
}

/** Whether a person looks at the stream on a terminal that can draw. `CI` is how build services say that nobody does. */
export function canDraw({ isTTY }: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  return isTTY === true && env['TERM'] !== 'dumb' && env['CI'] === undefined;
}

/** POSIX: LC_ALL, else LC_CTYPE, else LANG names the character set. Windows' and macOS's terminals know UTF-8. */
export function isUnicode(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): boolean {
  if (platform !== 'linux') return true;
  return /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
}

/** Writes what went wrong and sets the exit code that errors.ts gives it. */
export function reportFailure(thrown: unknown): void {
  const { exit, text } = describeFailure(thrown);
  process.stderr.write(text);
  process.exitCode = exit;
}
