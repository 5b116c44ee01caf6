// The agent's real classes for one user, in a world that commands move: Entra, keystore, clock, restarts, and who asks.
// Every promise of the classes that can be seen from outside is checked at the moment it could be broken.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { EntraCredential } from '../../../src/agent/credentials/entra-credential.ts';
import type { SignInPage } from '../../../src/agent/sign-in/page-lifetime.ts';
import { PageRecall } from '../../../src/agent/sign-in/page-recall.ts';
import { AgentState } from '../../../src/agent/tokens/agent-state.ts';
import { RefreshTokenStore } from '../../../src/agent/tokens/refresh-token-store.ts';
import type { Configuration } from '../../../src/config/configuration.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { AppError, toAppError } from '../../../src/core/errors.ts';
import type { HelperContext } from '../../../src/core/helper-context.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { SignInMethod } from '../../../src/core/sign-in-method.ts';
import { parseRecord, type StoredRecord, serializeRecord } from '../../../src/entra/refresh-token-record.ts';
import type { RefreshTokenRecord, TokenGrant, TokenSource } from '../../../src/entra/token-source.ts';
import { silentLog } from '../../../src/log/event-log.ts';
import type { Return } from '../../../src/platform/wake.ts';
import { RememberedStore } from '../../../src/storage/remembered-store.ts';
import type { SecretStore } from '../../../src/storage/secret-store.ts';
import { fakeRecord, withRefreshToken } from '../../support/fakes/fake-token-source.ts';

const MINUTE = 60_000;
const LIFETIME_MS = 60 * MINUTE;
const DEADLINE_MS = 15_000;

/** How Entra answers a refresh from now on. `hangs`: when it is told to, or when the connection is given up. */
export type EntraMood = 'grants' | 'fails' | 'throttles' | 'hangs' | 'refuses';

export class World {
  mood: EntraMood = 'grants';
  keystore: 'open' | 'locked' = 'open';
  cacheTimeMs = 15 * MINUTE;
  readonly #folder = mkdtempSync(join(tmpdir(), 'model-'));
  #identity: EntraCredential;
  #records: RefreshTokenStore;
  #settings = 0;
  #minted = 0;
  /** Of the newest sign-in; a token with a lower number is of an older one. */
  #signedInAt = 0;
  #isSignedIn = false;
  /** The keystore has taken a record of the newest sign-in. */
  #isKept = false;
  #stored: Secret | undefined;
  /** By the number of a refresh token: that of the sign-in it comes from. */
  readonly #signIns = new Map<number, number>();
  #process = 0;
  /** How often a locked keystore was asked, and so may have asked the user. */
  #knocks = 0;
  #running = 0;
  #hanging: (() => void)[] = [];
  /** Monotonic time until which a failure that Entra named, or the agent's own cap, may prevent it from trying. */
  #backOffEnds = 0;
  #newestHandedOut = 0;

  constructor() {
    this.#records = this.#createRecords();
    this.#identity = this.#create();
  }

  dispose(): void {
    void this.#identity.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  // What happens in the world.

  async signIn(method: SignInMethod): Promise<void> {
    const identity = this.#identity;
    const outcome = identity.signIn.request({ openBrowser: false, method }).then(
      (token) => this.#check(this.#numberOf(token.value) >= this.#signedInAt, 'a sign-in gives its own token'),
      (thrown: unknown) => this.#check(this.keystore === 'locked', `a sign-in succeeds: ${toAppError(thrown).code}`),
    );
    await this.pass(3_000);
    await outcome;
  }

  /** As another agent does it that shares the keystore, such as one on another computer with the same home. */
  signInElsewhere(): void {
    if (!this.#isSignedIn) return;
    this.#minted += 1;
    this.#signIns.set(this.#minted, this.#minted);
    this.#stored = serializeRecord(fakeRecord(`refresh-${this.#minted}`));
    this.#isKept = true;
  }

  /** As the command does it: anyone who signs out is told if the keystore can't be changed, and is signed in still. */
  async signOut(): Promise<void> {
    this.#identity.signIn.cancel();
    const outcome = this.#identity.refresher.forget().then(
      () => true,
      () => false,
    );
    await this.pass(3_000);
    if (!(await outcome)) return;
    this.#isSignedIn = false;
    this.#newestHandedOut = 0;
    await this.#expectNothingLeft('right after a sign-out');
  }

  /** Any setting but the tenant and client: the agent makes everything anew but the keystore entry. */
  changeSetting(): void {
    this.#settings += 1;
    const old = this.#identity;
    this.#identity = this.#create();
    void old.stop();
  }

  /** A new process: memory gone, files and keystore kept, and what was under way ended with the old one. */
  async restart(): Promise<void> {
    const old = this.#identity;
    const stopped = old.stop();
    await this.pass(3_000);
    void stopped;
    this.#process += 1;
    this.#running = 0;
    this.#hanging = [];
    this.#newestHandedOut = 0;
    // What the keystore never took is gone with the process.
    const record = this.#stored && parseRecord(this.#stored);
    this.#check(!this.#isKept || record?.kind === 'active', 'a sign-in that was kept outlives its process');
    this.#isSignedIn = record?.kind === 'active';
    this.#signedInAt = Math.min(this.#signedInAt, this.#ageOf(this.#stored));
    this.#records = this.#createRecords();
    this.#identity = this.#create();
  }

  land(): void {
    for (const go of this.#hanging.splice(0)) go();
  }

  /** An administrator or NTP moves the computer's clock; time itself doesn't change. */
  moveClock(ms: number): void {
    vi.setSystemTime(Date.now() + ms);
  }

  /** The computer wakes up, or has a new network address. */
  async returned(what: Return): Promise<void> {
    this.#identity.refresher.returned(what);
    await this.pass(5_000);
  }

  async pass(ms: number): Promise<void> {
    const knocks = this.#knocks;
    await vi.advanceTimersByTimeAsync(ms);
    this.#check(this.#knocks - knocks <= 8 + ms / (30 * MINUTE), 'a locked keystore is left alone');
    if (!this.#isSignedIn) await this.#expectNothingLeft('later');
  }

  async ask(context: HelperContext): Promise<void> {
    const hand = this.#identity.issuance;
    const held = this.#identity.refresher.current();
    const mustWork = this.#isSignedIn && this.mood === 'grants' && this.keystore === 'open' && this.#running === 0;
    const mayTry = performance.now() >= this.#backOffEnds;
    const answer = { state: 'open' as 'open' | 'token' | 'error', number: 0, code: '' };
    void hand.next(context, DEADLINE_MS).then(
      (token) => Object.assign(answer, { state: 'token', number: this.#numberOf(token.value) }),
      (thrown: unknown) => Object.assign(answer, { state: 'error', code: toAppError(thrown).code }),
    );
    for (let waited = 0; answer.state === 'open' && waited <= DEADLINE_MS; waited += 500) await this.pass(500);
    this.#check(answer.state !== 'open', 'every caller is answered within its deadline');
    if (answer.state === 'token') {
      this.#check(this.#isSignedIn, 'nothing is handed out after a sign-out');
      this.#check(answer.number >= this.#signedInAt, 'the token is of the newest sign-in');
      this.#check(answer.number >= this.#newestHandedOut, 'no token is older than one that was handed out');
      this.#newestHandedOut = answer.number;
    } else {
      this.#check(!(mustWork && mayTry), `a request succeeds when Entra and keystore do: ${answer.code}`);
      const isStillGood = held !== undefined && this.#identity.refresher.remainingMs(held) > 0;
      const mayBeRejected = context === 'mid-session-refresh';
      this.#check(
        !(isStillGood && this.#isSignedIn && !mayBeRejected),
        `a working token is not withheld: ${answer.code}`,
      );
    }
  }

  // The world itself.

  #createRecords(): RefreshTokenStore {
    const process = this.#process;
    const store = new RememberedStore(this.#store(process), join(this.#folder, 'keystore.json'), systemClock);
    return new RefreshTokenStore(async () => store, 'tid-1/client-1', silentLog, systemClock);
  }

  #create(): EntraCredential {
    const configuration = {
      tenantId: 'tid-1',
      clientId: 'client-1',
      credential: 'entra',
      signInMethod: 'device-code',
      browserSignInFallback: true,
      organizationName: `Contoso ${this.#settings}`,
    } as unknown as Configuration & { readonly credential: 'entra' };
    const identity = new EntraCredential(configuration, {
      clock: systemClock,
      log: silentLog,
      state: new AgentState(this.#folder, silentLog),
      random: () => 0.5,
      recordsOf: () => this.#records,
      createTokenSource: () => this.#source(),
      openPage: () => promptOfNobody(),
      openUrl: async () => true,
      recall: new PageRecall({ clock: systemClock, log: silentLog, notify: undefined }),
      desktopTtlMs: () => this.cacheTimeMs,
      managedDesktopTtlMs: () => 900_000,
      notifySignInNeeded: async () => 'unavailable',
      lastSession: () => undefined,
    });
    identity.refresher.start();
    return identity;
  }

  #source(): TokenSource {
    return {
      refresh: (record) => this.#refresh(withRefreshToken(record)),
      signInWithDeviceCode: async () => this.#signInGrant(),
      signInWithBrowser: async () => this.#signInGrant(),
      signInWithBroker: () => Promise.reject(new Error('there is no broker in this world')),
    };
  }

  #signInGrant(): TokenGrant<RefreshTokenRecord> {
    const grant = this.#grant();
    this.#signIns.set(this.#minted, this.#minted);
    this.#signedInAt = this.#minted;
    this.#isSignedIn = true;
    this.#isKept = false;
    this.#backOffEnds = 0;
    return grant;
  }

  async #refresh(record: RefreshTokenRecord): Promise<TokenGrant<RefreshTokenRecord>> {
    const process = this.#process;
    const sent = this.#numberOf(record.refreshToken);
    const isOfThisSignIn = this.#isSignedIn && sent >= this.#signedInAt;
    this.#running += isOfThisSignIn ? 1 : 0;
    this.#check(this.#running <= 1, 'one grant at a time');
    try {
      const grant = await this.#answer();
      this.#signIns.set(this.#numberOf(grant.record.refreshToken), this.#signIns.get(sent) ?? 0);
      return grant;
    } finally {
      // Nothing reaches a process that has ended.
      if (process !== this.#process) await new Promise(() => undefined);
      this.#running -= isOfThisSignIn ? 1 : 0;
    }
  }

  async #answer(): Promise<TokenGrant<RefreshTokenRecord>> {
    switch (this.mood) {
      case 'grants':
        return this.#grant();
      case 'fails':
        this.#backOffEnds = performance.now() + 5 * MINUTE;
        throw new AppError('ERR_NETWORK');
      case 'throttles':
        this.#backOffEnds = performance.now() + 60_000;
        throw new AppError('ERR_THROTTLED', { retryAfterMs: 60_000 });
      case 'refuses':
        this.#backOffEnds = performance.now() + 5 * MINUTE;
        throw new AppError('ERR_POLICY_BLOCKED');
      case 'hangs': {
        const givenUp = new Promise<'given up'>((resolve) => setTimeout(resolve, 20_000, 'given up'));
        const landed = new Promise<'landed'>((resolve) => this.#hanging.push(() => resolve('landed')));
        if ((await Promise.race([landed, givenUp])) === 'landed') return this.#grant();
        this.#backOffEnds = performance.now() + 5 * MINUTE;
        throw new AppError('ERR_NETWORK_TIMEOUT');
      }
    }
  }

  #grant(): TokenGrant<RefreshTokenRecord> {
    this.#minted += 1;
    return {
      accessToken: new Secret(`access-${this.#minted}`),
      lifetimeMs: LIFETIME_MS,
      record: fakeRecord(`refresh-${this.#minted}`),
    };
  }

  /** As a process sees it: one that has ended gets no answer, and changes nothing. */
  #store(process: number): SecretStore {
    const enter = async (): Promise<void> => {
      if (process !== this.#process) await new Promise(() => undefined);
      if (this.keystore === 'open') return;
      this.#knocks += 1;
      throw new AppError('ERR_KEYSTORE_LOCKED');
    };
    return {
      kind: 'memory',
      busy: false,
      get: async () => {
        await enter();
        return this.#stored;
      },
      set: async (_, value) => {
        await enter();
        this.#check(this.#isSignedIn, 'nothing is kept after a sign-out');
        this.#check(
          this.#ageOf(value) >= this.#ageOf(this.#stored) && this.#signInOf(value) >= this.#signInOf(this.#stored),
          'a keystore record is never replaced by an older one',
        );
        this.#stored = value;
        this.#isKept = this.#ageOf(value) >= this.#signedInAt;
      },
      delete: async () => {
        await enter();
        const existed = this.#stored !== undefined;
        this.#stored = undefined;
        this.#isKept = false;
        return existed;
      },
      clear: async () => 0,
    };
  }

  async #expectNothingLeft(when: string): Promise<void> {
    const record: StoredRecord | undefined = this.#stored && parseRecord(this.#stored);
    this.#check(record?.kind !== 'active', `nothing is kept ${when}`);
    this.#check(this.#identity.refresher.current() === undefined, `no token is in hand ${when}`);
  }

  /** Of a record: the number of its refresh token; a record without one is as old as none. */
  #ageOf(secret: Secret | undefined): number {
    const record = secret && parseRecord(secret);
    return record?.kind === 'active' ? this.#numberOf(withRefreshToken(record.record).refreshToken) : 0;
  }

  #signInOf(secret: Secret | undefined): number {
    return this.#signIns.get(this.#ageOf(secret)) ?? 0;
  }

  #numberOf(secret: Secret): number {
    return Number(secret.reveal().replace(/\D/g, ''));
  }

  /** Thrown into the command that runs, or kept for it where a promise would swallow it. */
  #broken: string | undefined;

  #check(holds: boolean, promise: string): void {
    if (!holds) this.#broken ??= promise;
  }

  /** @throws Error naming the first promise that was broken */
  assertSound(): void {
    if (this.#broken !== undefined) throw new Error(`Broken: ${this.#broken}`);
  }
}

function promptOfNobody(): SignInPage {
  return {
    start: async () => undefined,
    newUrl: () => 'http://127.0.0.1:1/p/1',
    redirectUri: () => 'http://127.0.0.1:1/callback',
    redirect: () => Promise.reject(new AppError('ERR_INTERNAL')),
    lastSeen: () => undefined,
    lastVisible: () => undefined,
    close: async () => undefined,
  };
}
