import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { AppError } from '../core/errors.ts';
import { note, writeMessageLayout } from './terminal.ts';

/** The most characters to read from a pipe. */
const MAX_INPUT_LENGTH = 64 * 1024;

/**
 * Reads a secret from standard input, since every user can read argv: from a pipe all of it, on a terminal one line, or
 * all lines of one paste, without showing them.
 * @throws AppError ERR_SIGN_IN_CANCELLED when the user presses Ctrl-C or Ctrl-D
 */
export function readSecret(prompt: string): Promise<string> {
  return process.stdin.isTTY ? readHidden(prompt) : readAll();
}

async function readAll(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MAX_INPUT_LENGTH) break;
  }
  return text;
}

function readHidden(prompt: string): Promise<string> {
  // Readline's echo goes here. The terminal itself is in raw mode and echoes nothing.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines: string[] = [];
  return new Promise<string>((resolve, reject) => {
    const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
    reader.on('line', (line) => {
      lines.push(line);
      // All lines of one paste arrive together, so none is dropped.
      setImmediate(() => reader.close());
    });
    reader.on('SIGINT', () => reader.close());
    reader.on('close', () => {
      note('');
      if (lines.length === 0) reject(new AppError('ERR_SIGN_IN_CANCELLED'));
      else resolve(lines.join('\n'));
    });
    writeMessageLayout(prompt);
  });
}
