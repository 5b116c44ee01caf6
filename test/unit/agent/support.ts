// A refresher with everything it needs, on a clock that tests move.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { AgentState } from '../../../src/agent/tokens/agent-state.ts';
import { RefreshTokenStore } from '../../../src/agent/tokens/refresh-token-store.ts';
import { TokenRefresher } from '../../../src/agent/tokens/token-refresher.ts';
import { serializeRecord } from '../../../src/entra/refresh-token-record.ts';
import { isBrokerRecord } from '../../../src/entra/token-source.ts';
import { type EventLog, silentLog } from '../../../src/log/event-log.ts';
import { RememberedStore } from '../../../src/storage/remembered-store.ts';
import type { SecretStore } from '../../../src/storage/secret-store.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { FakeTokenSource, fakeRecord } from '../../support/fakes/fake-token-source.ts';
import { MemorySecretStore } from '../../support/fakes/memory-secret-store.ts';

export const KEY = 'tid-1/client-1';
export const MINUTE = 60_000;

export class LogProbe implements EventLog {
  readonly events: string[] = [];
  readonly lines: string[] = [];
  debug = (event: string, fields?: object): void => this.#add(event, fields);
  info = (event: string, fields?: object): void => this.#add(event, fields);
  warn = (event: string, fields?: object): void => this.#add(event, fields);
  error = (event: string, fields?: object): void => this.#add(event, fields);

  #add(event: string, fields: object = {}): void {
    this.events.push(event);
    this.lines.push(JSON.stringify({ event, ...fields }));
  }
}

/** The agent's state file in a folder that goes with the test. */
export function createState(): AgentState {
  const folder = mkdtempSync(join(tmpdir(), 'state-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return new AgentState(folder, silentLog);
}

export interface Bench {
  readonly folder: string;
  readonly clock: FakeClock;
  readonly source: FakeTokenSource;
  readonly store: MemorySecretStore;
  readonly log: LogProbe;
  state: AgentState;
  records: RefreshTokenStore;
  refresher: TokenRefresher;
  minimumLifetimeMs: number;
  /** Whose sign-in was found to be over, oldest first. */
  readonly signInNeeded: string[];
  signInChanges: number;
  /** As a new agent process would begin: memory gone, files and keystore kept. */
  restart(): void;
}

/**
 * `open` opens the keystore for one process; without it each gets the same one in memory. `hasBroker`: the settings are
 * those of a computer whose broker signs the user in.
 */
export function createBench(open?: () => SecretStore, { hasBroker = false } = {}): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'refresher-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = new FakeClock();
  const source = new FakeTokenSource();
  const store = new MemorySecretStore();
  const log = new LogProbe();
  const parts = () => {
    const state = new AgentState(folder, silentLog);
    const remembered = new RememberedStore(open?.() ?? store, join(folder, 'keystore.json'), clock);
    const records = new RefreshTokenStore(async () => remembered, KEY, log, clock);
    const refresher = new TokenRefresher({
      assertAccepted: () => undefined,
      isUsable: (record) => !hasBroker || isBrokerRecord(record),
      signInSilently: hasBroker
        ? () => source.signInWithBroker({ signal: new AbortController().signal, mayPrompt: () => false })
        : undefined,
      onSignInNeeded: (account) => void bench.signInNeeded.push(account),
      onSignInChanged: () => {
        bench.signInChanges += 1;
      },
      key: KEY,
      source,
      records,
      state,
      clock,
      log,
      minimumLifetimeMs: () => bench.minimumLifetimeMs,
      random: () => 0.5,
    });
    // Not awaited: a refresh that a test lets hang never ends.
    onTestFinished(() => void refresher.stop());
    return { state, records, refresher };
  };
  const bench: Bench = {
    folder,
    clock,
    source,
    store,
    log,
    minimumLifetimeMs: 17 * MINUTE,
    signInNeeded: [],
    signInChanges: 0,
    restart: () => Object.assign(bench, parts()),
    ...({} as { state: AgentState; records: RefreshTokenStore; refresher: TokenRefresher }),
  };
  bench.restart();
  return bench;
}

export async function signedIn(bench: Bench): Promise<Bench> {
  await bench.store.set(KEY, serializeRecord(fakeRecord('refresh-0')));
  return bench;
}
