import type { Resolution } from '../config/resolve.ts';
import type { EventLog } from '../log/event-log.ts';

/** A limit, so that a file of another kind doesn't fill the log. */
const MAX_LINES = 20;

/** Writes a warning for each setting that this version doesn't know, once for each change of the configuration. */
export class UnknownSettings {
  readonly #log: EventLog;
  #reported: Resolution['unknownKeys'] = [];

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** Costs nothing while the configuration is the same object. Keys that are already in the log aren't repeated. */
  report({ unknownKeys }: Resolution): void {
    if (unknownKeys === this.#reported) return;
    const isSame = JSON.stringify(unknownKeys) === JSON.stringify(this.#reported);
    this.#reported = unknownKeys;
    if (isSame) return;
    for (const { key, location } of unknownKeys.slice(0, MAX_LINES)) {
      this.#log.warn('setting-unknown', { key, location });
    }
  }
}
