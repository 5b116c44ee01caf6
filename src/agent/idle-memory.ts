// After a sign-in or a refresh V8 keeps several MB for a next one that comes in an hour; an idle agent gives them back.
import { setFlagsFromString } from 'node:v8';
import { causeOf, type EventLog } from '../log/event-log.ts';

/** Whoever asked has been answered by then, and a page that follows the sign-in is done. */
const PAUSE_MS = 5_000;
/** Requests leave a little each; a busy hour of them as much as a sign-in. */
const REQUESTS_WORTH_IT = 200;

/** V8 is made for programs that compute all day; an agent answers for a millisecond and waits. */
const FLAGS = [
  // V8 never gives back what its young generation has grown by.
  '--semi-space-growth-factor=1',
  // Optimized code is no sooner there than an agent's day is over; the threads that make it keep a megabyte each.
  '--no-opt',
  // What has not run since the last collection is compiled anew should it run again, in a millisecond or two.
  '--bytecode-old-age=1',
  // It would collect again and again in an agent that does nothing; the collection below is enough.
  '--no-memory-reducer',
];

/** For the whole process, from now on. */
export function preferLittleMemory(): void {
  for (const flag of FLAGS) setFlagsFromString(flag);
}

export class IdleMemory {
  readonly #log: EventLog;
  #timer: NodeJS.Timeout | undefined;
  #requests = 0;

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** To be called at each request. */
  answered(): void {
    this.#requests += 1;
    if (this.#requests % REQUESTS_WORTH_IT === 0) this.worked();
  }

  /** To be called after work that takes much memory; a moment later what it left is collected (some 25 ms). */
  worked(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      collectGarbage().catch((thrown: unknown) => this.#log.debug('memory-not-collected', { cause: causeOf(thrown) }));
    }, PAUSE_MS).unref();
  }
}

/** By the inspector's protocol, without opening a port: V8's documented way to ask for a collection of everything. */
async function collectGarbage(): Promise<void> {
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.collectGarbage');
  } finally {
    session.disconnect();
  }
}
