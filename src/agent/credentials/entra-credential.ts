import type { Configuration } from '../../config/configuration.ts';
import { type Logo, readLogoFile } from '../../config/logo-file.ts';
import { allowedScope } from '../../config/resource-scope.ts';
import type { Clock } from '../../core/clock.ts';
import type { AppError } from '../../core/errors.ts';
import { isMethodAllowed } from '../../core/sign-in-method.ts';
import { isGuid } from '../../entra/cloud.ts';
import { isBrokerRecord, type TokenGrant, type TokenSource } from '../../entra/token-source.ts';
import { TrustStore } from '../../entra/transport/trust-store.ts';
import type { EventLog } from '../../log/event-log.ts';
import type { NotifyOutcome } from '../../notify/notify.ts';
import type { CallerSession } from '../../platform/caller-session.ts';
import { EndingReminder } from '../sign-in/ending.ts';
import type { OpenUrl, SignInPage, SignInPageCallbacks } from '../sign-in/page-lifetime.ts';
import type { PageRecall } from '../sign-in/page-recall.ts';
import { previousSignIn } from '../sign-in/previous-sign-in.ts';
import { SignInReminder } from '../sign-in/reminder.ts';
import { SignIn, type SignInRequest } from '../sign-in/sign-in.ts';
import { notAllowed } from '../tokens/active-record.ts';
import type { AgentState } from '../tokens/agent-state.ts';
import type { AccessToken } from '../tokens/held-token.ts';
import type { RefreshTokenStore } from '../tokens/refresh-token-store.ts';
import type { ResourceTokens } from '../tokens/resource-tokens.ts';
import type { ForeseenEnd } from '../tokens/sign-in-life.ts';
import { TokenIssuance } from '../tokens/token-issuance.ts';
import { TokenRefresher } from '../tokens/token-refresher.ts';
import { type Account, AccountRule } from './account-rule.ts';
import { credentialKey } from './credential-key.ts';

/** What the outside world provides to a credential; tests provide other parts. */
export interface EntraCredentialParts {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly state: AgentState;
  readonly random: () => number;
  /** A sign-in has succeeded, or failed with this error. */
  readonly onSignInEnd?: (error?: AppError) => void;
  /** The keystore entry of a tenant and client: the same object even if other settings change. */
  readonly recordsOf: (key: string) => RefreshTokenStore;
  readonly createTokenSource: (configuration: Configuration) => TokenSource;
  readonly openPage: (callbacks: SignInPageCallbacks) => SignInPage;
  readonly openUrl: OpenUrl;
  /** One for all credentials. */
  readonly recall: PageRecall;
  /** The address that opens Claude Desktop, if this computer has one. Never rejects. */
  readonly findClaudeUrl?: () => Promise<string | undefined>;
  /** Milliseconds that Claude Desktop uses a token, and the same if only the settings of an admin count. */
  readonly desktopTtlMs: () => number;
  readonly managedDesktopTtlMs: () => number;
  /**
   * Tells the user, in the session that asked last, that they aren't signed in anymore. Never rejects. Undefined where
   * the system has no notifications for this program.
   */
  readonly notifySignInNeeded: ((username: string, signal: AbortSignal) => Promise<NotifyOutcome>) | undefined;
  /** The same, ahead of time: that their sign-in will end. */
  readonly notifySignInEnding?: ((end: ForeseenEnd, signal: AbortSignal) => Promise<NotifyOutcome>) | undefined;
  /** The session that asked last. A notification doesn't have its own request. */
  readonly lastSession: () => CallerSession | undefined;
}

/** Margin between Claude Desktop's cache time and the life a token must have (clock differences, a long turn). */
const LIFETIME_MARGIN_MS = 120_000;

/**
 * Everything for one tenant and client, composed: the record in the keystore, the token's life, who gets it, and the
 * sign-in. A change of any setting replaces it. `stop` finishes what it started, or disowns it.
 */
export class EntraCredential {
  readonly kind = 'entra';
  readonly configuration: Configuration;
  readonly records: RefreshTokenStore;
  readonly refresher: TokenRefresher;
  readonly issuance: TokenIssuance;
  readonly signIn: SignIn;
  /** Tells the user ahead of time that the sign-in will end. */
  readonly ending: EndingReminder;
  readonly #reminder: SignInReminder | undefined;
  readonly #rule: AccountRule;
  readonly #trust: TrustStore;
  readonly #state: AgentState;
  readonly #key: string;
  readonly #loadResources: () => Promise<ResourceTokens>;
  #resources: Promise<ResourceTokens> | undefined;
  #loadedResources: ResourceTokens | undefined;
  readonly #stopped = new AbortController();

  constructor(configuration: Configuration, parts: EntraCredentialParts) {
    const { clock, log, state, desktopTtlMs } = parts;
    const key = credentialKey(configuration);
    const source = parts.createTokenSource(configuration);
    this.configuration = configuration;
    this.#state = state;
    this.#key = key;
    this.#loadResources = () => this.#createResources(parts, source);
    this.#trust = new TrustStore(configuration.caFile);
    this.records = parts.recordsOf(key);
    this.#rule = new AccountRule({
      ...configuration,
      bound: () => state.get(key).account,
      bind: (account) => state.update(key, { account }),
    });
    this.#reminder = this.#createReminder(parts, key);
    this.ending = this.#createEndingReminder(parts, key);
    this.refresher = this.#createRefresher(parts, source);
    this.issuance = new TokenIssuance({ refresher: this.refresher, clock, log, desktopTtlMs });
    this.signIn = this.#createSignIn(parts, source);
  }

  async stop(): Promise<void> {
    this.ending.stop();
    this.#stopped.abort();
    await Promise.all([this.signIn.stop(), this.#reminder?.stop()]);
    await (await this.#resources)?.stop();
    await this.refresher.stop();
  }

  #createRefresher(parts: EntraCredentialParts, source: TokenSource): TokenRefresher {
    const { configuration } = this;
    const { clock, log, state, random, desktopTtlMs, managedDesktopTtlMs } = parts;
    const key = this.#key;
    const defaultTtlMs = configuration.policyOnly ? managedDesktopTtlMs : desktopTtlMs;
    return new TokenRefresher({
      key,
      source,
      records: this.records,
      state,
      clock,
      log,
      random,
      onSignInNeeded: (username) => {
        this.ending.withdraw();
        this.#reminder?.needed(username);
      },
      onSignInChanged: () => {
        this.ending.withdraw();
        void this.#reminder?.withdraw();
      },
      assertAccepted: (record) => this.assertAccepted(record),
      isUsable: (record) => this.allowsKeptBy(isBrokerRecord(record)),
      signInSilently:
        configuration.signInMethod === 'broker'
          ? () => this.#signInSilently(source, state.get(key).claims, parts)
          : undefined,
      minimumLifetimeMs: () => minimumLifetimeMs(configuration, defaultTtlMs()),
    });
  }

  #createSignIn(parts: EntraCredentialParts, source: TokenSource): SignIn {
    const { configuration } = this;
    const { clock, log, state, random } = parts;
    const key = this.#key;
    return new SignIn({
      source,
      clock,
      log,
      adopt: (grant) => this.#adopt(grant),
      onEnd: (error) => {
        if (error !== undefined) state.noteFailure({ client: 'sign-in' }, error, clock.now());
        parts.onSignInEnd?.(error);
      },
      openPage: parts.openPage,
      openUrl: parts.openUrl,
      recall: parts.recall,
      random,
      ...(parts.findClaudeUrl === undefined ? {} : { findClaudeUrl: parts.findClaudeUrl }),
      method: configuration.signInMethod,
      isBrowserAllowed: configuration.signInMethod === 'browser' || configuration.browserSignInFallback,
      organizationName: configuration.organizationName,
      readLogo: () => readLogo(configuration.organizationLogo, log),
      // Entra and the user know names only.
      accountHint: isGuid(configuration.accountHint) ? undefined : configuration.accountHint,
      previous: () => previousSignIn(this.records.knownEnd ?? this.refresher.lastRefusal),
      wantedClaims: () => state.get(key).claims,
      currentAccount: () => state.get(key).username,
      foreseenEnd: () => this.refresher.foreseenEnd,
      keepClaims: (claims) => state.update(key, { claims }),
    });
  }

  #createReminder({ state, clock, log, notifySignInNeeded, lastSession }: EntraCredentialParts, key: string) {
    if (notifySignInNeeded === undefined) return undefined;
    return new SignInReminder({
      ...{ key, state, clock, log },
      notify: notifySignInNeeded,
      isPrompting: () => this.signIn.pending,
      signIn: () => this.signIn.request({ openBrowser: true, session: lastSession() }),
    });
  }

  /**
   * The claims that Entra asked for when it last refused a token for a resource.
   * @throws AppError ERR_RESOURCE_NOT_ALLOWED
   */
  claimsFor(resource: string): string | undefined {
    const scope = allowedScope(resource, this.configuration);
    return this.#state.get(this.#key).resources?.[scope]?.claims;
  }

  /** Signs in with a resource's claims. If that fails, the next sign-in for Foundry doesn't ask for them. */
  signInWith(claims: string, request: SignInRequest): Promise<AccessToken> {
    const { claims: own } = this.#state.get(this.#key);
    return this.signIn.request({ ...request, claims }).catch((thrown: unknown) => {
      this.#state.update(this.#key, { claims: own });
      throw thrown;
    });
  }

  /** Whether a token for another resource was asked for since the sign-in. */
  get hasResources(): boolean {
    return this.#state.get(this.#key).resources !== undefined;
  }

  /** The tokens for other resources, which an agent without them never loads. */
  resources(): Promise<ResourceTokens> {
    this.#resources ??= this.#loadResources();
    return this.#resources;
  }

  /** @returns whether there was a sign-in @throws AppError ERR_KEYSTORE_*; then nothing changed */
  async signOut(): Promise<boolean> {
    this.signIn.cancel();
    const removed = await this.refresher.forget();
    this.#dropResources();
    return removed;
  }

  async #createResources({ clock, log, state, random }: EntraCredentialParts, source: TokenSource) {
    const { ResourceTokens } = await import('../tokens/resource-tokens.ts');
    this.#loadedResources = new ResourceTokens({
      ...{ key: this.#key, state, source, records: this.records, clock, log, random },
      allowed: this.configuration.allowedResources ?? [],
      assertAccepted: (record) => {
        if (!this.allowsKeptBy(isBrokerRecord(record))) throw notAllowed();
        this.assertAccepted(record);
      },
      backOff: () => this.refresher.backOff,
      // If the whole sign-in is over, this ends it as usual; if not, it's none the worse.
      onDead: () => void this.refresher.refresh({ urgent: false }).catch(() => undefined),
    });
    return this.#loadedResources;
  }

  #dropResources(): void {
    this.#state.update(this.#key, { resources: undefined });
    this.#loadedResources?.drop();
  }

  #createEndingReminder({ state, clock, log, notifySignInEnding, lastSession }: EntraCredentialParts, key: string) {
    return new EndingReminder({
      ...{ key, state, clock, log },
      notify: notifySignInEnding,
      isPrompting: () => this.signIn.pending,
      renew: () =>
        void this.signIn.request({ openBrowser: true, session: lastSession(), renews: true }).catch(() => undefined),
      offer: (end, session) => this.signIn.offerRenewal(end, session ?? lastSession()),
    });
  }

  /** Signs in with the computer's account, if its broker can do that without the user. */
  async #signInSilently(
    source: TokenSource,
    claims: string | undefined,
    { log, onSignInEnd }: EntraCredentialParts,
  ): Promise<TokenGrant> {
    const grant = await source.signInWithBroker({ signal: this.#stopped.signal, claims, mayPrompt: () => false });
    this.assertAccepted(grant.record);
    this.#dropResources();
    log.info('signed-in', { context: 'broker' });
    onSignInEnd?.();
    return grant;
  }

  async #adopt(grant: TokenGrant) {
    this.assertAccepted(grant.record);
    const adopted = this.refresher.adopt(grant);
    this.#dropResources();
    return adopted;
  }

  /** Whether the settings allow sign-ins that the system's broker keeps, or those that this program keeps. */
  allowsKeptBy(isBroker: boolean): boolean {
    return isMethodAllowed(isBroker ? 'broker' : 'browser', this.configuration);
  }

  /** Whether a broker may sign the user in without being asked to. */
  get signsInSilently(): boolean {
    return this.configuration.signInMethod === 'broker';
  }

  /** Checks that the settings let this account be used, and from then on mean it. @throws AppError as `AccountRule` */
  assertAccepted(account: Account): void {
    this.#rule.assertAccepted(account);
    this.#rule.bind(account);
  }

  /** Checks what a refresh needs before it connects. @throws AppError ERR_CONFIG_* if it can't use "caFile" */
  assertReady(): void {
    this.#trust.context(undefined);
  }
}

/** The user can sign in without the logo, so a fault in it only goes to the log. */
function readLogo(path: string | undefined, log: EventLog): Logo | undefined {
  if (path === undefined) return undefined;
  const reading = readLogoFile(path);
  if (reading.state === 'logo') return reading.logo;
  log.warn('logo-not-shown', { reason: reading.reason });
  return undefined;
}

function minimumLifetimeMs(configuration: Configuration, desktopTtlMs: number): number {
  const { minimumTokenLifetimeSeconds: seconds } = configuration;
  return seconds === undefined ? desktopTtlMs + LIFETIME_MARGIN_MS : seconds * 1000;
}
