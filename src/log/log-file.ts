import { chmodSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { pino } from 'pino';
import { createStream } from 'rotating-file-stream';
import { type Clock, systemClock } from '../core/clock.ts';
import { withDeadline } from '../core/deadline.ts';
import { ensurePrivateFolder, isCode } from '../platform/private-file.ts';
import type { EventLog, LogFields } from './event-log.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LogFileOptions {
  /** Made, or checked, as a private folder. */
  readonly folder: string;
  readonly level: LogLevel;
  readonly clock?: Clock;
  /** What is written to; by default `<folder>/agent.log` with rotation. May throw. */
  readonly openStream?: () => Writable;
}

export interface LogFile extends EventLog {
  setLevel(level: LogLevel): void;
  /** Writes what is pending, for at most 2 s. Later lines are dropped. Never rejects. */
  close(): Promise<void>;
}

/** The current file and four older ones: `agent.log.1` to `agent.log.4`. */
const OLDER_FILES = 4;
const FILE_SIZE = '1M';
const MODE = 0o600;
const MAX_TEXT = 500;
const MAX_PENDING_BYTES = 1024 * 1024;
const RETRY_MS = 30_000;
const CLOSE_MS = 2000;

/** The allow-list of `LogFields` for run time, where types no longer keep anything out. */
const FIELD_TYPES = {
  code: 'string',
  detail: 'string',
  correlationId: 'string',
  durationMs: 'number',
  delayMs: 'number',
  attempt: 'number',
  context: 'string',
  origin: 'string',
  host: 'string',
  status: 'number',
  pid: 'number',
  peerVersion: 'string',
  version: 'string',
  platform: 'string',
  hashSeed: 'string',
  reason: 'string',
  lifetimeMs: 'number',
  key: 'string',
  location: 'string',
  cause: 'string',
} as const satisfies Record<keyof LogFields, 'string' | 'number'>;

/**
 * The agent's log: JSON lines in `<folder>/agent.log`, 0600, 1 MiB a file, five files. Never throws, neither here nor
 * later: with a full disk or an unusable folder lines are lost, it is tried again every 30 s, and the first line that
 * comes through is followed by `log-lines-lost`.
 */
export function openLog(options: LogFileOptions): LogFile {
  const { folder, level, clock = systemClock } = options;
  const sink = new LineSink({
    openStream: options.openStream ?? (() => openRotatingFile(folder)),
    clock,
    onRecovered: (lost) => write('warn', 'log-lines-lost', { detail: `lines not written: ${lost}` }),
  });
  // A stream of ours instead of a pino transport: those are worker threads, which a single binary has no file for.
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  );
  const write = (severity: 'debug' | 'info' | 'warn' | 'error', event: string, fields?: LogFields): void => {
    logger[severity]({ event: shorten(String(event)), ...publicFields(fields) });
  };
  return {
    debug: (event, fields) => write('debug', event, fields),
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
    error: (event, fields) => write('error', event, fields),
    setLevel: (next) => {
      logger.level = next;
    },
    close: () => sink.close(),
  };
}

/** Only fields of the list and only of their type: a Secret or any other object never gets in. */
function publicFields(fields: LogFields = {}): Record<string, string | number> {
  const result: Record<string, string | number> = {};
  for (const [name, type] of Object.entries(FIELD_TYPES)) {
    const value: unknown = fields[name as keyof LogFields];
    if (type === 'string' && typeof value === 'string') result[name] = shorten(value);
    if (type === 'number' && typeof value === 'number' && Number.isFinite(value)) result[name] = value;
  }
  return result;
}

/**
 * A line of the log with nothing but its time, level, event and the fields of the list: what else somebody may have put
 * into the file stays out. `undefined` for what is no such line.
 */
export function publicLogLine(line: string): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { time, level, event } = parsed as Readonly<Record<string, unknown>>;
  if (![time, level, event].every((value) => typeof value === 'string' && /^[\w:.-]{1,64}$/.test(value)))
    return undefined;
  return JSON.stringify({ time, level, event, ...publicFields(parsed) });
}

const shorten = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);

function openRotatingFile(folder: string): Writable {
  ensurePrivateFolder(folder);
  const path = join(folder, 'agent.log');
  makePrivate(path);
  return createStream('agent.log', { path: folder, size: FILE_SIZE, rotate: OLDER_FILES, mode: MODE });
}

/** Rotation renames, so a file that was once made with another mode would keep it for ever. */
function makePrivate(path: string): void {
  try {
    const stats = lstatSync(path);
    if (!stats.isFile()) throw new Error('agent.log is not a file');
    if (process.getuid !== undefined && stats.uid !== process.getuid()) throw new Error("agent.log is another user's");
    chmodSync(path, MODE);
  } catch (thrown) {
    if (!isCode(thrown, 'ENOENT')) throw thrown;
  }
}

interface LineSinkOptions {
  readonly openStream: () => Writable;
  readonly clock: Clock;
  onRecovered(lost: number): void;
}

/** Takes lines and never fails: counts what it could not write, and opens the stream anew after a while. */
class LineSink {
  readonly #options: LineSinkOptions;
  #stream: Writable | undefined;
  #retryAt = Number.NEGATIVE_INFINITY;
  #lost = 0;
  #isClosed = false;

  constructor(options: LineSinkOptions) {
    this.#options = options;
  }

  write(line: string): void {
    const stream = this.#open();
    // A disk that hangs must not fill the memory.
    if (stream === undefined || stream.writableLength > MAX_PENDING_BYTES) {
      this.#lost += 1;
      return;
    }
    stream.write(line, (error) => {
      if (error) this.#lost += 1;
      else this.#reportLost();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const stream = this.#stream;
    if (stream === undefined || stream.closed) return;
    const ended = new Promise<void>((resolve) => {
      stream.once('close', resolve);
      stream.end();
    });
    await withDeadline(ended, CLOSE_MS, () => new Error('the log could not be closed in time')).catch(() => undefined);
  }

  #open(): Writable | undefined {
    if (this.#isClosed) return undefined;
    if (this.#stream !== undefined) return this.#stream;
    if (this.#options.clock.monotonic() < this.#retryAt) return undefined;
    try {
      const stream = this.#options.openStream();
      stream.on('error', () => this.#drop(stream));
      this.#stream = stream;
    } catch {
      this.#drop(undefined);
    }
    return this.#stream;
  }

  #drop(stream: Writable | undefined): void {
    if (this.#stream !== stream) return;
    this.#stream = undefined;
    this.#retryAt = this.#options.clock.monotonic() + RETRY_MS;
  }

  #reportLost(): void {
    if (this.#lost === 0) return;
    const lost = this.#lost;
    this.#lost = 0;
    this.#options.onRecovered(lost);
  }
}
