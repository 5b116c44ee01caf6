// The only place where commands write: results to stdout, everything else to stderr. Nothing that a command quotes can
// move the cursor, change colors, turn the direction of text, or add a line, whatever the command does.
import { isatty } from 'node:tty';
import { isCode } from '../core/errno.ts';
import { describeFailure } from '../core/errors.ts';
import { jsonText, printable, printableLayout } from '../core/printable.ts';
import { STDERR, STDOUT, writeDiagnostic, writeOutput } from '../platform/write-output.ts';
import { columnsOf, wrap } from './wrap.ts';

/** How long a command waits for a reader that takes nothing, for each text. */
const PATIENCE_MS = 10_000;
const MESSAGE_PATIENCE_MS = 1_000;

/**
 * Writes a result with its line breaks and colors: other people's words in it must be `printable` already. If its
 * reader is gone, as in `status | head -1`, ends the process quietly.
 * @throws AppError ERR_OUTPUT_UNWRITABLE
 */
export function writeLayout(layout: string): void {
  const text = printableLayout(layout);
  if (isatty(STDOUT)) {
    // Windows' console takes Unicode from the stream only.
    process.stdout.write(text);
    return;
  }
  try {
    writeOutput(STDOUT, text, PATIENCE_MS);
  } catch (thrown) {
    if (thrown instanceof Error && isCode(thrown.cause, 'EPIPE')) process.exit();
    throw thrown;
  }
}

/** As `writeLayout`, to stderr. Never throws: a message that no one can read doesn't stop a command. */
export function writeMessageLayout(layout: string): void {
  const text = printableLayout(layout);
  if (isatty(STDERR)) process.stderr.write(text);
  else writeDiagnostic(text, MESSAGE_PATIENCE_MS);
}

/** One line of a result, whatever is in it. @throws AppError as `writeLayout` */
export function print(line: string): void {
  writeLayout(`${printable(line)}\n`);
}

/** One line on stderr, whatever is in it. */
export function note(line: string): void {
  writeMessageLayout(`${printable(line)}\n`);
}

/** Versioned JSON for scripts; the shapes are documented in docs/reference/commands.md. */
export function printJson(value: object): void {
  writeLayout(`${jsonText({ version: 1, ...value }, 2)}\n`);
}

/** Text of a result after `head`, whatever is in it. On a terminal, lines are broken between words and aligned. */
export function printText(head: string, text: string): void {
  const lines = wrap(printable(text), { head: printable(head), columns: columnsOf(process.stdout), indentBelow: 4 });
  writeLayout(`${lines.join('\n')}\n`);
}

/** Two columns, the first padded. Leaves out rows without a value. */
export function printTable(rows: readonly (readonly [string, string | undefined])[]): void {
  const shown = rows.flatMap(([name, value]) => (value === undefined ? [] : [[printable(name), value] as const]));
  const width = Math.max(...shown.map(([name]) => name.length));
  for (const [name, value] of shown) printText(`${name.padEnd(width)}  `, value);
}

/** Whether a person reads the stream on a terminal that can draw. Build services set `CI` to say that no one does. */
export function canDraw({ isTTY }: { readonly isTTY?: boolean }): boolean {
  return isTTY === true && process.env['TERM'] !== 'dumb' && process.env['CI'] === undefined;
}

/**
 * POSIX: the first of LC_ALL, LC_CTYPE, and LANG names the character set. Windows' and macOS's terminals know UTF-8.
 */
export function isUnicode(): boolean {
  const { env, platform } = process;
  return platform !== 'linux' || /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
}

/** Writes what went wrong and sets the exit code that errors.ts gives it. */
export function reportFailure(thrown: unknown): void {
  const { exit, text } = describeFailure(thrown);
  writeMessageLayout(text);
  process.exitCode = exit;
}
