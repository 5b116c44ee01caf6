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

/** Writes what went wrong and sets the exit code that errors.ts gives it. */
export function reportFailure(thrown: unknown): void {
  const { exit, text } = describeFailure(thrown);
  process.stderr.write(text);
  process.exitCode = exit;
}
