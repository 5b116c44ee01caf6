import type { AppError } from '../core/errors.ts';
import type { EventLog } from '../log/event-log.ts';

const PERIOD_MS = 60_000;
const NOTED_PER_PERIOD = 5;

/**
 * Notes in the log which peers were refused: the first few of a minute one by one, the others as a number when the minute
 * is over. A flood must not cost the agent its time, or push everything else out of the log.
 */
export class RefusedPeers {
  readonly #log: Pick<EventLog, 'warn'>;
  #period: NodeJS.Timeout | undefined;
  #count = 0;

  constructor(log: Pick<EventLog, 'warn'>) {
    this.#log = log;
  }

  note({ code, detail }: Pick<AppError, 'code' | 'detail'>): void {
    this.#period ??= setTimeout(() => this.#endPeriod(), PERIOD_MS).unref();
    this.#count += 1;
    if (this.#count <= NOTED_PER_PERIOD) this.#log.warn('peer-refused', { code, detail });
  }

  #endPeriod(): void {
    const left = this.#count - NOTED_PER_PERIOD;
    this.#period = undefined;
    this.#count = 0;
    if (left > 0) this.#log.warn('peers-refused', { detail: `more within a minute: ${left}` });
  }
}
