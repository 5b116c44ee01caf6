// Questions to a person on a terminal, or to a script that pipes in one answer per line. Prompt packages can't do that.
import { createInterface } from 'node:readline';
import { AppError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { note } from './terminal.ts';

type Checked<T> = { readonly valid: true; readonly value: T } | { readonly valid: false; readonly rule: string };

export interface Dialog {
  /**
   * Asks until the answer is valid; an empty one means `suggestion`.
   * @throws AppError ERR_CANCELLED, or from a pipe ERR_CONFIG_INVALID: the next line answers another question
   */
  ask<T>(question: string, suggestion: string, check: (text: string) => Checked<T>): Promise<T>;
  /** @throws AppError as `ask` */
  confirm(question: string, suggestion: boolean): Promise<boolean>;
  close(): void;
}

export function openDialog(): Dialog {
  const { stdin: input, stderr: output } = process;
  const isTerminal = input.isTTY === true && output.isTTY === true;
  const lines = createInterface({ input, output, terminal: isTerminal });
  const reader = lineReader(lines);

  async function ask<T>(question: string, suggestion: string, check: (text: string) => Checked<T>): Promise<T> {
    for (;;) {
      // Readline writes this itself.
      const prompt = printable(suggestion === '' ? `${question}: ` : `${question} [${suggestion}]: `);
      if (isTerminal) {
        lines.setPrompt(prompt);
        lines.prompt();
      } else note(prompt);
      const line = (await reader.next(question)).trim();
      const checked = check(line === '' ? suggestion : line);
      if (checked.valid) return checked.value;
      if (!isTerminal)
        throw new AppError('ERR_CONFIG_INVALID', { detail: `the answer to "${question}" ${checked.rule}` });
      note(`Your answer ${checked.rule}.`);
    }
  }

  return {
    ask,
    confirm: (question, suggestion) =>
      ask(`${question} (yes or no)`, suggestion ? 'yes' : 'no', (text) => {
        if (/^y(?:es)?$/i.test(text)) return { valid: true, value: true };
        return /^no?$/i.test(text) ? { valid: true, value: false } : { valid: false, rule: 'must be yes or no' };
      }),
    close: () => lines.close(),
  };
}

/** Lines that arrive before they are asked for are kept: `rl.question` would lose them. */
function lineReader(lines: ReturnType<typeof createInterface>): { next(question: string): Promise<string> } {
  const arrived: string[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  lines.on('line', (line) => {
    arrived.push(line);
    wake?.();
  });
  lines.on('close', () => {
    ended = true;
    wake?.();
  });
  // Only a terminal in raw mode sends this; a real signal ends the program as usual.
  lines.on('SIGINT', () => {
    note('');
    lines.close();
  });
  return {
    async next(question) {
      while (arrived.length === 0) {
        if (ended) throw new AppError('ERR_CANCELLED', { detail: `no answer to "${question}"` });
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return arrived.shift() ?? '';
    },
  };
}
