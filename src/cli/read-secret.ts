// Reads one secret that a person types or pastes, or a script pipes in; never from argv, which every user may read.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { AppError } from '../core/errors.ts';
import { note, writeMessage } from './terminal.ts';

/** Characters of a pipe that are read at most; what comes then is no secret of one line. */
const MAX_INPUT_LENGTH = 64 * 1024;

/**
 * Everything that standard input gives: from a pipe until its end, on a terminal the line (and whatever was pasted with
 * it) without showing it.
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
  // What readline would echo goes nowhere; the terminal itself is in raw mode meanwhile and echoes nothing either.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines: string[] = [];
  return new Promise<string>((resolve, reject) => {
    const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
    reader.on('line', (line) => {
      lines.push(line);
      // All lines of one paste come in one go: a second line is not silently dropped.
      setImmediate(() => reader.close());
    });
    reader.on('SIGINT', () => reader.close());
    reader.on('close', () => {
      note('');
      if (lines.length === 0) reject(new AppError('ERR_SIGN_IN_CANCELLED'));
      else resolve(lines.join('\n'));
    });
    writeMessage(prompt);
  });
}
