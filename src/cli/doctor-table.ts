import { styleText } from 'node:util';
import { printable } from '../core/printable.ts';
import type { Finding, State } from '../doctor/check.ts';
import { type Problem, problemsOf, unjudged } from '../doctor/verdict.ts';
import { columnsOf, wrap } from './wrap.ts';

const LABELS = {
  ok: ['ok', 'green'],
  warn: ['WARN', 'yellow'],
  fail: ['FAIL', 'red'],
  skip: ['skip', 'gray'],
} as const satisfies Record<State, readonly [string, string]>;

const LABEL_WIDTH = 6;
const TITLE_WIDTH = 30;
const INDENT = ' '.repeat(LABEL_WIDTH);
const CLEAR_LINE = '\r\u001b[2K';
const AGAIN = 'then run "foundry-credential-helper doctor" again';

/**
 * Shows to a person what `doctor` finds: each result as soon as it's known, then the problems with their remedies, and
 * last what to do next. Lines are broken between words. Without a terminal there's no color, no progress, and each text
 * is one line, for grep.
 */
export class DoctorTable {
  readonly #stream: NodeJS.WriteStream;
  readonly #write: (text: string) => void;
  readonly #findings: Finding[] = [];

  /** @param write writes to that stream */
  constructor(stream: NodeJS.WriteStream, write: (text: string) => void) {
    this.#stream = stream;
    this.#write = write;
  }

  started = ({ title }: { readonly title: string }): void => {
    const columns = this.#columns;
    // A longer line would wrap, and clearing a line clears only its last row.
    if (columns !== undefined) this.#write(wrap(`${INDENT}${title} …`, { columns: columns - 1 })[0] ?? '');
  };

  finished = (finding: Finding): void => {
    this.#findings.push(finding);
    const isProblem = finding.state === 'warn' || finding.state === 'fail';
    if (this.#columns !== undefined) this.#write(CLEAR_LINE);
    // Without a terminal no one watches, so a problem is only written once.
    else if (isProblem) return;
    this.#writeRow(finding, isProblem ? 'see below' : finding.detail);
  };

  /** Writes the problems, warnings first, and the summary. */
  finish({ mentionsReport = true } = {}): void {
    const problems = problemsOf(this.#findings);
    for (const problem of problems.toReversed()) this.#writeProblem(problem);
    this.#write('\n');
    for (const sentence of this.#summary(problems)) this.#writeLines('', sentence);
    const hint = 'For support: "foundry-credential-helper report" writes all of this and the log into one file.';
    if (mentionsReport && problems.some(({ state }) => state === 'fail')) this.#writeLines('', hint);
  }

  #summary(problems: readonly Problem[]): readonly string[] {
    const total = `${this.#findings.length} checks`;
    const open = unjudged(this.#findings);
    const failures = problems.filter(({ state }) => state === 'fail');
    const warnings = problems.filter(({ state }) => state === 'warn');
    const rest = open.length === 0 ? [] : [`Couldn't be checked: ${titles(open)}.`];
    if (failures.length > 0) return [this.#fixFirst('red', 'problem', failures), ...warned(warnings), ...rest];
    if (open.length > 0) {
      return [`${this.#findings.length - open.length} of ${total} found no problem.`, ...warned(warnings), ...rest];
    }
    if (warnings.length > 0) return [this.#fixFirst('yellow', 'warning', warnings)];
    return [`${this.#style('green', 'No problems found')} (${total}).`];
  }

  #fixFirst(color: 'red' | 'yellow', noun: string, problems: readonly Problem[]): string {
    const count = this.#style(color, `${plural(problems.length, noun)}:`);
    const begin = problems.length === 1 ? 'fix' : 'first fix';
    return `${count} ${begin} "${problems[0]?.title}" (see above), ${AGAIN}.`;
  }

  #writeProblem(problem: Problem): void {
    if (this.#columns === undefined) this.#writeRow(problem, problem.detail);
    else {
      this.#write('\n');
      this.#writeLines(this.#label(problem.state), printable(problem.title));
      this.#writeLines(INDENT, printable(problem.detail));
    }
    this.#writeLines(INDENT + this.#style('bold', 'remedy: '), printable(problem.remedy));
  }

  #writeRow({ state, title }: Finding, text: string): void {
    const name = title.length >= TITLE_WIDTH ? `${title} ` : title.padEnd(TITLE_WIDTH);
    this.#writeLines(this.#label(state) + printable(name), printable(text));
  }

  #label(state: State): string {
    const [label, color] = LABELS[state];
    return this.#style(color, label) + ' '.repeat(LABEL_WIDTH - label.length);
  }

  #style(format: Parameters<typeof styleText>[0], text: string): string {
    return this.#columns === undefined ? text : styleText(format, text, { stream: this.#stream });
  }

  #writeLines(head: string, text: string): void {
    const lines = wrap(text, { head, columns: this.#columns, indentBelow: LABEL_WIDTH });
    this.#write(`${lines.join('\n')}\n`);
  }

  /** Of the terminal now, because a person may resize it. */
  get #columns(): number | undefined {
    return columnsOf(this.#stream);
  }
}

function warned(warnings: readonly Problem[]): readonly string[] {
  return warnings.length === 0 ? [] : [`${plural(warnings.length, 'warning')}: ${titles(warnings)}.`];
}

const titles = (findings: readonly Finding[]): string => findings.map(({ title }) => `"${title}"`).join(', ');

const plural = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
