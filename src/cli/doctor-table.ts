import { stripVTControlCharacters, styleText } from 'node:util';
import { printable } from '../core/printable.ts';
import type { Finding, State } from '../doctor/check.ts';

const LABELS = {
  ok: ['ok', 'green'],
  warn: ['WARN', 'yellow'],
  fail: ['FAIL', 'red'],
  skip: ['skip', 'gray'],
} as const satisfies Record<State, readonly [string, string]>;

const LABEL_WIDTH = 6;
const TITLE_WIDTH = 30;
const NARROWEST = 60;
const WIDEST = 120;
/** If the terminal doesn't say. */
const USUAL = 80;
const CLEAR_LINE = '\r\u001b[2K';

/**
 * Shows each finding to a person as soon as it's known, with the remedy below. Without a terminal there's no color and
 * no progress, and each text is one line, for grep.
 */
export class DoctorTable {
  readonly #stream: NodeJS.WriteStream;
  readonly #write: (text: string) => void;
  readonly #isTerminal: boolean;
  readonly #findings: Finding[] = [];

  /** @param write writes to that stream */
  constructor(stream: NodeJS.WriteStream, write: (text: string) => void) {
    this.#stream = stream;
    this.#write = write;
    this.#isTerminal = stream.isTTY === true && process.env['TERM'] !== 'dumb';
  }

  started = ({ title }: { readonly title: string }): void => {
    if (this.#isTerminal) this.#write(`${' '.repeat(LABEL_WIDTH)}${title} …`);
  };

  finished = (finding: Finding): void => {
    this.#findings.push(finding);
    if (this.#isTerminal) this.#write(CLEAR_LINE);
    const [label, colour] = LABELS[finding.state];
    const head = this.#style(colour, label.padEnd(LABEL_WIDTH)) + finding.title.padEnd(TITLE_WIDTH);
    this.#writeWrapped(finding.title.length >= TITLE_WIDTH ? `${head} ` : head, printable(finding.detail));
    if ('remedy' in finding)
      this.#writeWrapped(' '.repeat(LABEL_WIDTH) + this.#style('bold', 'remedy: '), printable(finding.remedy));
  };

  /** Writes the summary. */
  finish(): void {
    const named = (state: State) => this.#findings.filter((finding) => finding.state === state);
    const [failed, warned] = [named('fail'), named('warn')];
    const titles = (findings: readonly Finding[]) => findings.map(({ title }) => title).join(', ');
    const summary =
      failed.length > 0
        ? `${this.#style('red', `${failed.length} of ${this.#findings.length} checks failed:`)} ${titles(failed)}.`
        : `${this.#style('green', 'Nothing stands in the way')} (${this.#findings.length} checks).`;
    const warnings = warned.length === 0 ? '' : ` ${count(warned.length, 'warning')}: ${titles(warned)}.`;
    this.#write('\n');
    this.#writeWrapped('', `${summary}${warnings}`);
    const hint = 'For support: "foundry-credential-helper report" writes all of this and the log into one file.';
    if (failed.length > 0) this.#writeWrapped('', hint);
  }

  #style(format: Parameters<typeof styleText>[0], text: string): string {
    return this.#isTerminal ? styleText(format, text, { stream: this.#stream }) : text;
  }

  /** Writes `text` after `head`, with further lines aligned below it. */
  #writeWrapped(head: string, text: string): void {
    const indent = stripVTControlCharacters(head).length;
    const width = this.#isTerminal
      ? Math.min(Math.max(this.#stream.columns || USUAL, NARROWEST), WIDEST) - indent
      : Infinity;
    this.#write(`${head}${wrap(text, width).join(`\n${' '.repeat(indent)}`)}\n`);
  }
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && stripVTControlCharacters(`${line} ${word}`).length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
