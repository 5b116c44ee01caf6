import { appendFileSync, chmodSync, closeSync, constants, existsSync, lstatSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pino, stdTimeFunctions } from 'pino';
import { AppError } from '../core/errors.ts';
import { type UnwritableFile, unwritableFile } from '../core/unwritable.ts';
import { ensurePrivateFolder } from '../platform/private-file.ts';
import { replaceFile } from '../platform/replace-file.ts';
import type { EventLog } from './event-log.ts';
import { publicFields } from './public-fields.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LogFile extends EventLog {
  /** Why the last line could not be written: the file, and the code of the error. Undefined if it was written. */
  readonly problem: UnwritableFile | undefined;
  setLevel(level: LogLevel): void;
}

/** Older files are `agent.log.1` to `agent.log.4`. */
const OLDER_FILES = 4;
const FILE_BYTES = 1024 * 1024;
const MODE = 0o600;

/**
 * The agent's log: JSON lines in `<folder>/agent.log`, readable only by this user, at most five files of 1 MiB. Owns
 * these files and rotates them; the agent opens it once, and all its parts write to it. Each line is in the file when
 * the call returns. Never throws: if a line can't be written, it's lost, `problem` says why, and the next line tries
 * again. The first one that succeeds is followed by `log-lines-lost`.
 */
export function openLog({ folder, level }: { readonly folder: string; readonly level: LogLevel }): LogFile {
  const path = join(folder, 'agent.log');
  let problem: LogFile['problem'];
  let lost = 0;
  const write = (line: string): void => {
    try {
      // A full disk may have cut off the last line.
      append(path, lost === 0 ? line : `\n${line}`);
    } catch (thrown) {
      problem = unwritableFile(path, thrown);
      lost += 1;
      return;
    }
    problem = undefined;
    if (lost === 0) return;
    const detail = `lines not written: ${lost}`;
    lost = 0;
    logger.warn({ event: 'log-lines-lost', detail });
  };
  const formatters = { level: (label: string) => ({ level: label }), log: publicFields };
  const logger = pino({ level, base: null, timestamp: stdTimeFunctions.isoTime, formatters }, { write });
  return {
    debug: (event, fields) => logger.debug({ ...fields, event }),
    info: (event, fields) => logger.info({ ...fields, event }),
    warn: (event, fields) => logger.warn({ ...fields, event }),
    error: (event, fields) => logger.error({ ...fields, event }),
    setLevel: (next) => {
      logger.level = next;
    },
    get problem() {
      return problem;
    },
  };
}

function append(path: string, line: string): void {
  ensurePrivateFolder(dirname(path));
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats !== undefined) {
    if (!stats.isFile()) throw new AppError('ERR_AGENT_UNTRUSTED', { detail: `${path} is not a file` });
    if ((stats.mode & 0o777) !== MODE) chmodSync(path, MODE);
    if (stats.size + Buffer.byteLength(line) > FILE_BYTES) rotate(path);
  }
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW = 0 } = constants;
  const descriptor = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, MODE);
  try {
    appendFileSync(descriptor, line);
  } finally {
    closeSync(descriptor);
  }
}

function rotate(path: string): void {
  for (let age = OLDER_FILES; age > 0; age -= 1) {
    const younger = age === 1 ? path : `${path}.${age - 1}`;
    if (existsSync(younger)) replaceFile(younger, `${path}.${age}`);
  }
}
