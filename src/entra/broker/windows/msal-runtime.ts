// What this program uses of Microsoft's authentication runtime, as the addon of npm's `@azure/msal-node-runtime` exports
// it. The runtime talks to the Web Account Manager, the broker of Windows.

export interface MsalRuntime {
  /** Set if the runtime couldn't start. Then every call fails. */
  readonly StartupError?: unknown;
  readonly AuthParameters: new () => AuthParameters;
  ReadAccountByIdAsync(accountId: string, correlationId: string, callback: Callback<AccountResult>): AsyncHandle;
  DiscoverAccountsAsync(clientId: string, correlationId: string, callback: Callback<AccountsResult>): AsyncHandle;
  AcquireTokenSilentlyAsync(
    parameters: AuthParameters,
    correlationId: string,
    account: RuntimeAccount,
    callback: Callback<TokenResult>,
  ): AsyncHandle;
  /** Takes the account that the user signed in to Windows with. */
  SignInSilentlyAsync(parameters: AuthParameters, correlationId: string, callback: Callback<TokenResult>): AsyncHandle;
  /** Opens a dialog if there's no other way. `window`: the `handle` of a `DialogWindow`. */
  SignInAsync(
    window: Buffer,
    parameters: AuthParameters,
    correlationId: string,
    accountHint: string,
    callback: Callback<TokenResult>,
  ): AsyncHandle;
  /** Always opens a dialog. */
  SignInInteractivelyAsync(
    window: Buffer,
    parameters: AuthParameters,
    correlationId: string,
    accountHint: string,
    callback: Callback<TokenResult>,
  ): AsyncHandle;
}

export type Callback<Result> = (result: Result) => void;

export interface AsyncHandle {
  CancelAsyncOperation(): void;
}

export interface AuthParameters {
  CreateAuthParameters(clientId: string, authority: string): void;
  SetRedirectUri(redirectUri: string): void;
  SetRequestedScopes(scopes: string): void;
  SetDecodedClaims(claims: string): void;
  /** The runtime then asks the broker for a new token, even if its own cache still has this one. */
  SetAccessTokenToRenew(accessToken: string): void;
}

export interface RuntimeResult {
  /** Throws a `RuntimeError` if the call failed. */
  CheckError(): void;
}

export interface AccountResult extends RuntimeResult {
  readonly account: RuntimeAccount;
}

export interface AccountsResult extends RuntimeResult {
  readonly accounts: readonly RuntimeAccount[];
}

export interface TokenResult extends RuntimeResult {
  readonly accessToken: string;
  /** Epoch seconds. */
  readonly expiresOn: number;
  /** A JSON Web Token. `idToken`, which this program doesn't use, has only its claims. */
  readonly rawIdToken: string;
  readonly account: RuntimeAccount;
}

export interface RuntimeAccount {
  readonly accountId: string;
  readonly homeAccountId: string;
  readonly localAccountId: string;
  /** The tenant. */
  readonly realm: string;
  readonly environment: string;
  readonly username: string;
}

/** What the runtime throws. It isn't an `Error`. */
export interface RuntimeError {
  /** An HRESULT, or a number of Entra's. */
  readonly errorCode: number;
  /** An index into `BROKER_STATUSES`. */
  readonly errorStatus: number;
  /** May name accounts. */
  readonly errorContext: string;
  readonly errorTag: number;
}
