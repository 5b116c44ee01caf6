// Random lives of an agent: whatever happens in whatever order, its promises hold. FUZZ_SEED repeats a run.
import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, it, vi } from 'vitest';
import { isLong } from '../../support/harness/long.ts';
import { type EntraMood, World } from './model-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const RUNS = isLong ? 3_000 : 60;
const seed = Number(process.env['FUZZ_SEED'] ?? (isLong ? randomInt(2 ** 31 - 1) : 20_261_129));

/** One event, and what it is called in a counterexample. */
class Event implements fc.AsyncCommand<object, World> {
  readonly #name: string;
  readonly #happen: (world: World) => Promise<void> | void;

  constructor(name: string, happen: (world: World) => Promise<void> | void) {
    this.#name = name;
    this.#happen = happen;
  }

  check(): boolean {
    return true;
  }

  async run(_: object, world: World): Promise<void> {
    await this.#happen(world);
    await world.pass(1);
    world.assertSound();
  }

  toString(): string {
    return this.#name;
  }
}

const event = (name: string, happen: (world: World) => Promise<void> | void) => fc.constant(new Event(name, happen));

const lives = fc.commands(
  [
    event('sign in by device code', (world) => world.signIn('device-code')),
    event('sign in by browser', (world) => world.signIn('browser')),
    event('sign in by another agent', (world) => world.signInElsewhere()),
    event('sign out', (world) => world.signOut()),
    ...(['interactive', 'background', 'mid-session-refresh'] as const).map((context) =>
      event(`ask (${context})`, (world) => world.ask(context)),
    ),
    ...(['grants', 'fails', 'throttles', 'hangs', 'refuses'] as const satisfies readonly EntraMood[]).map((mood) =>
      event(`Entra ${mood}`, (world) => {
        world.mood = mood;
      }),
    ),
    event('what hangs lands', (world) => world.land()),
    event('change a setting', (world) => world.changeSetting()),
    event('restart', (world) => world.restart()),
    event('lock the keystore', (world) => {
      world.keystore = 'locked';
    }),
    event('unlock the keystore', (world) => {
      world.keystore = 'open';
    }),
    event('the computer wakes up', (world) => world.returned('wake')),
    event('a new network', (world) => world.returned('network')),
    ...([1_000, 61_000, 20 * MINUTE, 50 * MINUTE, 3 * HOUR] as const).map((ms) =>
      event(`${ms / 1000} s pass`, (world) => world.pass(ms)),
    ),
    ...([-24 * HOUR, -HOUR, HOUR, 24 * HOUR] as const).map((ms) =>
      event(`the clock is moved by ${ms / HOUR} h`, (world) => world.moveClock(ms)),
    ),
  ],
  { maxCommands: isLong ? 60 : 30, size: '+1' },
);

describe('an agent that anything happens to', { timeout: isLong ? 1_800_000 : 120_000 }, () => {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'Date', 'performance'],
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('keeps its promises', () =>
    fc.assert(
      fc.asyncProperty(lives, async (commands) => {
        const world = new World();
        try {
          await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
        } finally {
          world.dispose();
        }
      }),
      { seed, numRuns: RUNS },
    ));
});
