// The broker of Windows, the Web Account Manager, through Microsoft's authentication runtime.
import { Secret } from '../../../core/secret.ts';
import { type DialogWindow, openDialogWindow } from '../../../platform/dialog-window.ts';
import { type Broker, type BrokerAccount, BrokerFailure, type BrokerRequest, type BrokerToken } from '../broker.ts';
import { usableAccounts } from '../choose-account.ts';
import { brokerRedirectUri } from '../redirect-uri.ts';
import { loadRuntime } from './load-runtime.ts';
import type {
  AccountResult,
  AccountsResult,
  AuthParameters,
  MsalRuntime,
  RuntimeAccount,
  TokenResult,
} from './msal-runtime.ts';
import { callRuntime, callSilently, failureOf } from './runtime-call.ts';

/**
 * Loads Microsoft's runtime, once per process, and returns the broker. The runtime stays loaded: it has its own
 * threads, and can't be unloaded.
 * @throws BrokerFailure `Missing` if this build doesn't include the runtime, or its files were removed or changed
 */
export async function openWindowsBroker(): Promise<Broker> {
  return new WindowsBroker(loadRuntime(), openDialogWindow);
}

/** Over a runtime that has started. */
export class WindowsBroker implements Broker {
  readonly #runtime: MsalRuntime;
  readonly #openWindow: () => Promise<DialogWindow>;

  /** @param openWindow opens the window that a dialog belongs to */
  constructor(runtime: MsalRuntime, openWindow: () => Promise<DialogWindow>) {
    this.#runtime = runtime;
    this.#openWindow = openWindow;
  }

  /** The Web Account Manager doesn't say which one is the computer's own. */
  async accounts(request: BrokerRequest): Promise<readonly BrokerAccount[]> {
    return usableAccounts((await this.#discover(request)).map(accountOf), request.authority);
  }

  async acquireSilently(
    request: BrokerRequest,
    { brokerAccountId }: Pick<BrokerAccount, 'brokerAccountId'>,
    replaces?: Secret,
  ): Promise<BrokerToken> {
    const { signal, correlationId } = request;
    const account = await callSilently(
      signal,
      (callback) => this.#runtime.ReadAccountByIdAsync(brokerAccountId, correlationId, callback),
      (result: AccountResult) => result.account,
    );
    return this.#acquire(request, account, replaces);
  }

  async signInSilently(request: BrokerRequest, loginHint?: string): Promise<BrokerToken> {
    const account = loginHint === undefined ? undefined : await this.#findAccount(request, loginHint);
    if (account !== undefined) return this.#acquire(request, account);
    const parameters = this.#parameters(request);
    return callSilently(
      request.signal,
      (callback) => this.#runtime.SignInSilentlyAsync(parameters, request.correlationId, callback),
      tokenOf,
    );
  }

  async signInInteractively(request: BrokerRequest, loginHint = '', selectAccount = false): Promise<BrokerToken> {
    const parameters = this.#parameters(request);
    const window = await this.#openWindow();
    try {
      return await callRuntime(
        request.signal,
        (callback) => {
          const { correlationId } = request;
          // The first one always starts with the list of accounts.
          return selectAccount
            ? this.#runtime.SignInInteractivelyAsync(window.handle, parameters, correlationId, loginHint, callback)
            : this.#runtime.SignInAsync(window.handle, parameters, correlationId, loginHint, callback);
        },
        tokenOf,
      );
    } finally {
      window.close();
    }
  }

  #discover({ clientId, correlationId, signal }: BrokerRequest): Promise<readonly RuntimeAccount[]> {
    return callSilently(
      signal,
      (callback) => this.#runtime.DiscoverAccountsAsync(clientId, correlationId, callback),
      (result: AccountsResult) => result.accounts.filter(isIdentified),
    );
  }

  async #findAccount(request: BrokerRequest, loginHint: string): Promise<RuntimeAccount | undefined> {
    const wanted = loginHint.toLowerCase();
    const accounts = await this.#discover(request);
    const usable = usableAccounts(accounts.map(accountOf), request.authority);
    const named = usable.find(({ username }) => username.toLowerCase() === wanted);
    return accounts.find(({ accountId }) => accountId === named?.brokerAccountId);
  }

  #acquire(request: BrokerRequest, account: RuntimeAccount, replaces?: Secret): Promise<BrokerToken> {
    const parameters = this.#parameters(request, replaces);
    return callSilently(
      request.signal,
      (callback) => this.#runtime.AcquireTokenSilentlyAsync(parameters, request.correlationId, account, callback),
      tokenOf,
    );
  }

  #parameters({ clientId, authority, scope, claims }: BrokerRequest, replaces?: Secret): AuthParameters {
    try {
      const parameters = new this.#runtime.AuthParameters();
      parameters.CreateAuthParameters(clientId, authority);
      parameters.SetRedirectUri(brokerRedirectUri('win32', clientId));
      parameters.SetRequestedScopes(scope);
      if (claims !== undefined) parameters.SetDecodedClaims(claims);
      if (replaces !== undefined) parameters.SetAccessTokenToRenew(replaces.reveal());
      return parameters;
    } catch (thrown) {
      throw failureOf(thrown);
    }
  }
}

function tokenOf({ accessToken, expiresOn, rawIdToken, account }: TokenResult): BrokerToken {
  if (typeof accessToken !== 'string' || accessToken === '') throw malformed('no access token');
  if (!Number.isFinite(expiresOn) || expiresOn <= 0) throw malformed('an access token without an end');
  return {
    accessToken: new Secret(accessToken),
    expiresAt: expiresOn * 1000,
    ...(rawIdToken ? { idToken: new Secret(rawIdToken) } : {}),
    account: accountOf(account),
  };
}

function accountOf(account: RuntimeAccount): BrokerAccount {
  if (!isIdentified(account)) throw malformed('an account without an identifier');
  const { accountId, homeAccountId, localAccountId, realm, environment, username } = account;
  return { brokerAccountId: accountId, homeAccountId, localAccountId, tenantId: realm, environment, username };
}

/** Also false if there's none: the runtime's types are only what Microsoft promises. */
function isIdentified(account: RuntimeAccount): boolean {
  const texts = [account?.accountId, account?.homeAccountId, account?.environment];
  return texts.every((text) => typeof text === 'string' && text !== '') && typeof account.username === 'string';
}

function malformed(detail: string): BrokerFailure {
  return new BrokerFailure('Malformed', { detail });
}
