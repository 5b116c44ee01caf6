import { join } from 'node:path';
import { pino, stdTimeFunctions } from 'pino';
import type { UnwritableFile } from '../core/unwritable.ts';
import type { EventLog } from './event-log.ts';
import { publicFields } from './public-fields.ts';
import { RotatingFile } from './rotating-file.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LogFile extends EventLog {
  /** Why the last line couldn't be written: the file, and the code of the error. Undefined if it was written. */
  readonly problem: UnwritableFile | undefined;
  /** Why the file can't be written now; tries again if it couldn't the last time. */
  checkWritable(): UnwritableFile | undefined;
  setLevel(level: LogLevel): void;
}

/** Older files are `agent.log.1` to `agent.log.4`. */
const OLDER_FILES = 4;

/**
 * The agent's log: JSON lines in `<folder>/agent.log`, readable only by this user, at most five files of 1 MiB. Owns
 * these files and rotates them; the agent opens it once, and all its parts write to it. Each line is in the file when
 * the call returns. Never throws: if a line can't be written, it's lost, `problem` says why, and the next line tries
 * again. The first one that succeeds is followed by `log-lines-lost`.
 */
export function openLog({ folder, level }: { readonly folder: string; readonly level: LogLevel }): LogFile {
  const file = new RotatingFile(join(folder, 'agent.log'), OLDER_FILES, (lost) =>
    logger.warn({ event: 'log-lines-lost', detail: `lines not written: ${lost}` }),
  );
  const write = (line: string): void => file.append(line);
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
      return file.problem;
    },
    checkWritable: () => file.checkWritable(),
  };
}
