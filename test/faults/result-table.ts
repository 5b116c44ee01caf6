// What the long form prints at its end.
import { isLongForm } from './row.ts';

export interface TableLine {
  readonly step: string;
  readonly signal: string;
  readonly exit: number | null;
  readonly code: string;
  readonly ms: number;
  readonly refreshToken: string;
  readonly next: string;
}

const lines: TableLine[] = [];

export function addToTable(line: TableLine): void {
  lines.push(line);
}

/** One line for each row that ran in this test file. */
export function printTable(): void {
  if (!isLongForm) return;
  const text = [['step', 'signal', 'exit', 'code', 'ms', 'refresh token', 'next run']].concat(
    lines.map(({ step, signal, exit, code, ms, refreshToken, next }) => [
      step,
      signal,
      `${exit}`,
      code || '-',
      `${ms}`,
      refreshToken,
      next,
    ]),
  );
  const widths = (text[0] ?? []).map((_, column) => Math.max(...text.map((cells) => cells[column]?.length ?? 0)));
  const rendered = text.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  process.stdout.write(`\n${rendered.join('\n')}\n${lines.length} rows\n`);
}
