// Everything that belongs to one tenant and client: keystore record, token, hand-out and sign-in.
import type { Configuration } from '../config/configuration.ts';
import { type Logo, readLogoFile } from '../config/logo-file.ts';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { EventLog } from '../core/event-log.ts';
import type { TokenGrant, TokenSource } from '../entra/token-source.ts';
import type { NotifyOutcome } from '../notify/notify.ts';
import type { AgentState } from './agent-state.ts';
import { HandOut } from './hand-out.ts';
import type { Prompt, PromptCallbacks } from './prompt-window.ts';
import type { RecordStore } from './record-store.ts';
import { Reminder } from './reminder.ts';
import { SignIn } from './sign-in.ts';
import { TokenKeeper } from './token-keeper.ts';

/** What the outside world gives to an identity; tests give other parts. */
export interface IdentityParts {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly state: AgentState;
  readonly random: () => number;
  /** The keystore entry of a tenant and client: the same object even if other settings change. */
  readonly recordsOf: (key: string) => RecordStore;
  readonly createTokenSource: (configuration: Configuration) => TokenSource;
  readonly openPrompt: (callbacks: PromptCallbacks) => Prompt;
  readonly openUrl: (url: string) => Promise<boolean>;
  readonly desktopTtlMs: () => number;
  /** A sign-in or a refresh is done. */
  readonly onGrant: () => void;
  /** Tells the user that nobody is signed in any more, until the signal aborts. Never rejects. */
  readonly notifySignInNeeded: (username: string, signal: AbortSignal) => Promise<NotifyOutcome>;
}

/** Margin between Claude Desktop's cache time and the life a token must have (clock differences, a long turn). */
const LIFETIME_MARGIN_MS = 120_000;

export class Identity {
  readonly kind = 'entra';
  readonly configuration: Configuration;
  readonly records: RecordStore;
  readonly keeper: TokenKeeper;
  readonly handOut: HandOut;
  readonly signIn: SignIn;
  readonly #reminder: Reminder;

  constructor(configuration: Configuration, parts: IdentityParts) {
    const { clock, log, state, random, desktopTtlMs } = parts;
    const key = identityKey(configuration);
    const source = parts.createTokenSource(configuration);
    this.configuration = configuration;
    this.records = parts.recordsOf(key);
    this.#reminder = new Reminder({
      ...{ key, state, clock, log },
      notify: parts.notifySignInNeeded,
      isPrompting: () => this.signIn.pending,
      signIn: () => this.signIn.request({ openBrowser: true }),
    });
    this.keeper = new TokenKeeper({
      key,
      source,
      records: this.records,
      state,
      clock,
      log,
      random,
      onGrant: parts.onGrant,
      onSignInNeeded: (username) => this.#reminder.needed(username),
      onSignInChanged: () => void this.#reminder.withdraw(),
      assertAccepted: (username) => this.#assertAccepted(username),
      minimumLifetimeMs: () => minimumLifetimeMs(configuration, desktopTtlMs()),
    });
    this.handOut = new HandOut({ keeper: this.keeper, clock, log, desktopTtlMs });
    this.signIn = new SignIn({
      source,
      clock,
      log,
      adopt: (grant) => this.#adopt(grant),
      openPrompt: parts.openPrompt,
      openUrl: parts.openUrl,
      method: configuration.signInMethod,
      isBrowserAllowed: configuration.signInMethod === 'browser' || configuration.browserSignInFallback,
      organizationName: configuration.organizationName,
      readLogo: () => readLogo(configuration.organizationLogo, log),
      accountHint: configuration.accountHint,
      wantedClaims: () => state.get(key).claims,
      keepClaims: (claims) => state.update(key, { claims }),
    });
  }

  async stop(): Promise<void> {
    await Promise.all([this.signIn.stop(), this.#reminder.stop()]);
    await this.keeper.stop();
  }

  async #adopt(grant: TokenGrant) {
    this.#assertAccepted(grant.record.username);
    return this.keeper.adopt(grant);
  }

  /** User names are compared as Entra does, without regard to case. */
  #assertAccepted(username: string): void {
    const { accountHint } = this.configuration;
    if (accountHint !== undefined && accountHint.toLowerCase() !== username.toLowerCase()) {
      throw new AppError('ERR_SIGN_IN_OTHER_ACCOUNT', { detail: `${username} instead of ${accountHint}` });
    }
  }
}

/** A logo that cannot be shown is no reason to keep anybody from signing in. */
function readLogo(path: string | undefined, log: EventLog): Logo | undefined {
  if (path === undefined) return undefined;
  const reading = readLogoFile(path);
  if (reading.state === 'logo') return reading.logo;
  log.warn('logo-not-shown', { reason: reading.reason });
  return undefined;
}

/** The tenant and client that a key stands for. */
export function partsOfKey(key: string): { readonly tenantId: string; readonly clientId: string } {
  const [tenantId = '', clientId = ''] = key.split('/');
  return { tenantId, clientId };
}

/** One keystore entry and one place in the state file per tenant and client. */
export function identityKey({ tenantId, clientId }: Pick<Configuration, 'tenantId' | 'clientId'>): string {
  return `${tenantId.toLowerCase()}/${clientId.toLowerCase()}`;
}

function minimumLifetimeMs(configuration: Configuration, desktopTtlMs: number): number {
  const { minimumTokenLifetimeSeconds: seconds } = configuration;
  return seconds === undefined ? desktopTtlMs + LIFETIME_MARGIN_MS : seconds * 1000;
}
