// What the long form prints at its end.
import { isLong } from '../../support/harness/long.ts';

export interface TableLine {
  readonly step: string;
  readonly signal: string;
  exit: number | null;
  code: string;
  ms: number;
  refreshToken: string;
  next: string;
  /** All of it came as wanted. */
  survived: boolean;
}

const startedAt = performance.now();
const lines: TableLine[] = [];

/** The row's line, to be filled in; it counts as lost until it says otherwise. */
export function beginLine(step: string, signal: string): TableLine {
  const line = { step, signal, exit: null, code: '', ms: 0, refreshToken: '', next: '', survived: false };
  lines.push(line);
  return line;
}

/** A line for each row that ran in this test file, and one for each step. */
export function printTable(): void {
  if (!isLong) return;
  const rows = lines
    .toSorted((a, b) => a.step.localeCompare(b.step))
    .map(({ step, signal, exit, code, ms, refreshToken, next, survived }) => [
      step,
      signal,
      exit === null ? '-' : `${exit}`,
      code || '-',
      `${ms}`,
      refreshToken,
      next,
      survived ? '' : 'LOST',
    ]);
  const steps = [...new Set(lines.map(({ step }) => step))].map((step) => [
    step,
    ...figures(lines.filter((line) => line.step === step)),
  ]);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  process.stdout.write(
    [
      '',
      rendered([['step', 'signal', 'exit', 'code', 'ms', 'refresh token', 'next run', ''], ...rows]),
      '',
      rendered([['step', 'tried', 'survived', 'lost'], ...steps, ['all', ...figures(lines)]]),
      `${seconds} s\n`,
    ].join('\n'),
  );
}

function figures(some: readonly TableLine[]): string[] {
  const survived = some.filter((line) => line.survived).length;
  return [some.length, survived, some.length - survived].map(String);
}

function rendered(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((cells) => line(cells).trimEnd()).join('\n');
}
