import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { AUDIT_EVENTS, type AuditEvent } from './audit-log.ts';

export interface SystemLogOptions {
  readonly platform?: NodeJS.Platform;
  /** Absolute path of logger(1), which Linux and macOS have; on Windows, of the launcher next to the program. */
  readonly logger?: string;
  /** Where journald listens, if it runs. */
  readonly journal?: string;
  /** Called once when a line can't be passed on. */
  readonly onFailure: () => void;
}

const NAME = 'foundry-credential-helper';
/** Lines that wait. A log that hangs must not make the agent grow. */
const MAX_WAITING = 200;
const TIMEOUT_MS = 5_000;

/**
 * Passes lines of the audit log on to the system's log while it's on: to journald with fields, otherwise to syslog,
 * macOS's unified log, or Windows' Application log. One at a time, through standard input. The agent never waits for
 * it: if it fails, only the audit log has the line.
 */
export class SystemLog {
  isOn = false;
  readonly #options: Required<SystemLogOptions>;
  readonly #waiting: { readonly event: AuditEvent; readonly line: string }[] = [];
  #isBusy = false;
  #hasFailed = false;

  constructor({
    platform = process.platform,
    logger = platform === 'win32' ? process.execPath.replace(/\.exe$/i, 'w.exe') : '/usr/bin/logger',
    journal = '/run/systemd/journal/socket',
    onFailure,
  }: SystemLogOptions) {
    this.#options = { platform, logger, journal, onFailure };
  }

  send(event: AuditEvent, line: string): void {
    if (!this.isOn) return;
    if (this.#waiting.length >= MAX_WAITING) {
      this.#failed();
      return;
    }
    this.#waiting.push({ event, line });
    if (!this.#isBusy) this.#next();
  }

  #next(): void {
    const entry = this.#waiting.shift();
    this.#isBusy = entry !== undefined;
    if (entry === undefined) return;
    try {
      this.#pass(entry.event, entry.line);
    } catch {
      // spawn throws some of the system's errors instead of emitting them.
      this.#failed();
      this.#next();
    }
  }

  #pass(event: AuditEvent, line: string): void {
    const { args, input } = this.#command(event, line);
    const stdio = ['pipe', 'ignore', 'ignore'] as const;
    const child = spawn(this.#options.logger, args, { cwd: '/', env: {}, stdio: [...stdio], timeout: TIMEOUT_MS });
    // A program that doesn't exist has an error and then closes too, if it ever started.
    child.on('error', () => {
      this.#failed();
      if (child.pid === undefined) this.#next();
    });
    child.on('close', (code) => {
      if (child.pid === undefined) return;
      if (code !== 0) this.#failed();
      this.#next();
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  }

  /**
   * logger(1) of util-linux and of macOS; systemd.journal-fields(7); installers/windows/launcher.c. The line is JSON,
   * so it has no line break.
   */
  #command(event: AuditEvent, line: string): { readonly args: readonly string[]; readonly input: string } {
    if (this.#options.platform === 'win32') {
      return { args: ['--report-event', String(AUDIT_EVENTS[event])], input: line };
    }
    if (this.#options.platform !== 'linux' || !existsSync(this.#options.journal)) {
      return { args: ['-t', NAME, '-p', 'auth.info'], input: `${line}\n` };
    }
    const fields = {
      MESSAGE: line,
      MESSAGE_ID: 'b0c4e2f6c1c94d0a8a5e3f7d92641e0b',
      SYSLOG_IDENTIFIER: NAME,
      SYSLOG_FACILITY: '4',
      PRIORITY: '6',
      FCH_EVENT: event,
      FCH_EVENT_ID: String(AUDIT_EVENTS[event]),
    };
    const lines = Object.entries(fields).map(([name, value]) => `${name}=${value}\n`);
    return { args: ['--journald'], input: lines.join('') };
  }

  #failed(): void {
    if (!this.#hasFailed) this.#options.onFailure();
    this.#hasFailed = true;
  }
}
