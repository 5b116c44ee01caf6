import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LOOK_EVERY_MS, WakeWatch } from '../../../src/platform/wake.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';

const MINUTE = 60_000;

beforeEach(() => vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => vi.useRealTimers());

function watch() {
  const clock = new FakeClock();
  const seen: string[] = [];
  const world = { clock, seen, addresses: ['eth0 192.0.2.1'] };
  const watcher = new WakeWatch({ clock, addresses: () => world.addresses, onReturn: (what) => seen.push(what) });
  watcher.start();
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += LOOK_EVERY_MS) {
      clock.advance(LOOK_EVERY_MS);
      vi.advanceTimersByTime(LOOK_EVERY_MS);
    }
  };
  return Object.assign(world, { watcher, pass });
}

describe('a wake', () => {
  it('is noticed at the next look where the monotonic clock stops during sleep', () => {
    const { clock, seen, pass } = watch();
    pass(10 * MINUTE);
    clock.sleep(8 * 60 * MINUTE);
    expect(seen).toEqual([]);
    pass(LOOK_EVERY_MS);
    expect(seen).toEqual(['wake']);
    pass(10 * MINUTE);
    expect(seen).toEqual(['wake']);
  });

  it('is noticed where both clocks run on, and so is a process that was stopped', () => {
    const { clock, seen, pass } = watch();
    clock.advance(5 * MINUTE);
    pass(LOOK_EVERY_MS);
    expect(seen).toEqual(['wake']);
  });

  it("isn't seen in a look that's a little late, or in a clock that's set back", () => {
    const { clock, seen, pass } = watch();
    clock.advance(29_000);
    pass(LOOK_EVERY_MS);
    clock.set(-60 * MINUTE);
    pass(2 * MINUTE);
    expect(seen).toEqual([]);
  });
});

describe('a new address', () => {
  it('is reported once, and a lost one never', () => {
    const world = watch();
    world.addresses = [];
    world.pass(5 * MINUTE);
    expect(world.seen).toEqual([]);
    world.addresses = ['wlan0 198.51.100.7'];
    world.pass(5 * MINUTE);
    expect(world.seen).toEqual(['network']);
    world.addresses = ['wlan0 198.51.100.7', 'tun0 10.0.0.5'];
    world.pass(5 * MINUTE);
    expect(world.seen).toEqual(['network', 'network']);
  });

  it('belongs to the wake in the two minutes after it', () => {
    const world = watch();
    world.addresses = [];
    world.clock.sleep(60 * MINUTE);
    world.pass(MINUTE);
    world.addresses = ['wlan0 198.51.100.7'];
    world.pass(MINUTE);
    expect(world.seen).toEqual(['wake', 'wake']);
    world.addresses = ['wlan0 198.51.100.8'];
    world.pass(2 * MINUTE);
    world.addresses = ['wlan0 198.51.100.9'];
    world.pass(2 * MINUTE);
    expect(world.seen.at(-1)).toBe('network');
  });
});

it("reads the computer's own addresses, and no longer looks after it's stopped", () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  const watcher = new WakeWatch({ clock, onReturn: (what) => seen.push(what) });
  watcher.start();
  clock.sleep(60 * MINUTE);
  vi.advanceTimersByTime(LOOK_EVERY_MS);
  expect(seen).toEqual(['wake']);
  watcher.stop();
  clock.sleep(60 * MINUTE);
  vi.advanceTimersByTime(LOOK_EVERY_MS);
  expect(seen).toEqual(['wake']);
});
