import { AppError } from '../../../src/core/errors.ts';
import { Secret } from '../../../src/core/secret.ts';
import {
  type AuthorizationResponse,
  type BrokerRecord,
  type BrokerSignInOptions,
  type BrowserSignInOptions,
  isBrokerRecord,
  type OnReachable,
  type RefreshOptions,
  type RefreshTokenRecord,
  type SignInOptions,
  type SignInRecord,
  type TokenGrant,
  type TokenSource,
} from '../../../src/entra/token-source.ts';

export function fakeRecord(refreshToken: string, username = 'ada@contoso.example'): RefreshTokenRecord {
  return {
    refreshToken: new Secret(refreshToken),
    homeAccountId: 'oid-1.tid-1',
    localAccountId: 'oid-1',
    tenantId: 'tid-1',
    environment: 'login.microsoftonline.com',
    username,
  };
}

/** The record of a sign-in that no broker keeps. @throws Error if one does */
export function withRefreshToken(record: SignInRecord): RefreshTokenRecord {
  if (isBrokerRecord(record)) throw new Error('a broker has its refresh token');
  return record;
}

/** An Entra that is scripted one answer at a time and rotates the refresh token at every use. */
export class FakeTokenSource implements TokenSource {
  readonly sent: string[] = [];
  /** The tokens that refreshes were to replace. */
  readonly replaced: string[] = [];
  /** What the next calls give: an error to throw, or a function to wait for; then ordinary grants again. */
  readonly script: (AppError | (() => Promise<void>))[] = [];
  /** The browser sign-ins that were asked for, and what their redirects brought. */
  readonly asked: BrowserSignInOptions[] = [];
  readonly responses: AuthorizationResponse[] = [];
  /** What the next requests for a code fail with. */
  readonly noCode: AppError[] = [];
  /** How many codes were asked for. */
  codes = 0;
  /** What a sign-in waits for before it gets a code. */
  before: (() => Promise<void>) | undefined;
  /** Tells the sign-in that is open whether Microsoft can be reached. */
  reachable: OnReachable | undefined;
  lifetimeMs = 3_600_000;
  refreshInMs: number | undefined;
  /** The sign-ins that a broker was asked for. */
  readonly brokered: BrokerSignInOptions[] = [];
  /** What signing in without a dialog fails with: each time, until someone changes it. */
  noSilentSignIn: AppError | undefined;
  #minted = 0;

  grant(username?: string): TokenGrant<RefreshTokenRecord> {
    this.#minted += 1;
    return {
      accessToken: new Secret(`access-${this.#minted}`),
      lifetimeMs: this.lifetimeMs,
      ...(this.refreshInMs === undefined ? {} : { refreshInMs: this.refreshInMs }),
      record: fakeRecord(`refresh-${this.#minted}`, username),
    };
  }

  async refresh(record: SignInRecord, { replaces }: RefreshOptions = {}): Promise<TokenGrant> {
    if (replaces !== undefined) this.replaced.push(replaces.reveal());
    this.sent.push(isBrokerRecord(record) ? record.brokerAccountId : record.refreshToken.reveal());
    const step = this.script.shift();
    if (step instanceof AppError) throw step;
    await step?.();
    return isBrokerRecord(record) ? this.brokerGrant(record.username) : this.grant(record.username);
  }

  async signInWithDeviceCode(options: SignInOptions): Promise<TokenGrant> {
    this.codes += 1;
    this.reachable = options.onReachable;
    await this.before?.();
    const failure = this.noCode.shift();
    if (failure !== undefined) throw failure;
    options.onAuthorization({
      userCode: 'ABCD1234',
      verificationUri: 'https://login.microsoft.com/device',
      expiresInMs: 900_000,
    });
    const step = this.script.shift();
    if (step instanceof AppError) throw step;
    await step?.();
    return this.grant();
  }

  async signInWithBrowser(options: BrowserSignInOptions): Promise<TokenGrant> {
    this.asked.push(options);
    this.reachable = options.onReachable;
    const url = `https://login.microsoftonline.com/authorize?redirect_uri=${encodeURIComponent(options.redirectUri)}`;
    this.responses.push(await options.authorize({ url, state: `state-${this.asked.length}` }));
    const step = this.script.shift();
    if (step instanceof AppError) throw step;
    await step?.();
    return this.grant();
  }

  /** Prompts if it can't sign in silently, as the real one does. The script is the dialog's. */
  async signInWithBroker(options: BrokerSignInOptions): Promise<TokenGrant<BrokerRecord>> {
    this.brokered.push(options);
    const failure = options.failedSilently ?? this.noSilentSignIn;
    if (failure === undefined) return this.brokerGrant();
    if (failure.category !== 'sign-in' || !options.mayPrompt()) throw failure;
    options.onPrompt?.();
    const step = this.script.shift();
    if (step instanceof AppError) throw step;
    await step?.();
    return this.brokerGrant();
  }

  brokerGrant(username?: string): TokenGrant<BrokerRecord> {
    const { refreshToken: _, ...account } = this.grant(username).record;
    return {
      accessToken: new Secret(`access-${this.#minted}`),
      lifetimeMs: this.lifetimeMs,
      record: { ...account, brokerAccountId: 'broker-1' },
    };
  }
}
