// Stands in for Microsoft's authentication runtime, whose successes can't be had without Windows' own broker. It has the
// interface of the runtime's addon, calls back later as that does, and throws what that throws: objects, not errors.
import type {
  AsyncHandle,
  AuthParameters,
  Callback,
  MsalRuntime,
  RuntimeAccount,
  RuntimeError,
  TokenResult,
} from '../../../src/entra/broker/windows/msal-runtime.ts';

/** A call that the runtime got, without its callback. */
export interface RuntimeCall {
  readonly name: string;
  readonly correlationId: string;
  /** By setter, without `Set` or `Create`. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly account?: RuntimeAccount | undefined;
  readonly window?: Buffer;
  readonly hint?: string;
}

/** Answers a call: a token, an error that the result reports, or `hangs`. `throws`: the call itself throws. */
export type RuntimeAnswer =
  | { readonly token: Partial<Omit<TokenResult, 'CheckError'>>; readonly error?: Partial<RuntimeError> }
  | { readonly error: Partial<RuntimeError> }
  | { readonly throws: unknown }
  | 'hangs';

export const ADA: RuntimeAccount = {
  accountId: 'ada-in-windows',
  homeAccountId: 'ada-object.contoso-tenant',
  localAccountId: 'ada-object',
  realm: 'contoso-tenant',
  environment: 'login.windows.net',
  username: 'Ada@contoso.com',
};

export function runtimeError(error: Partial<RuntimeError>): RuntimeError {
  return { errorCode: 0, errorStatus: 0, errorContext: '', errorTag: 0, ...error };
}

/** @param answers for calls that get tokens, in order; the last one also for all later calls */
export class FakeMsalRuntime implements MsalRuntime {
  readonly calls: RuntimeCall[] = [];
  readonly accounts: RuntimeAccount[] = [ADA];
  canceled = 0;
  /** For the two calls that only read accounts. */
  accountsError: Partial<RuntimeError> | undefined;
  readonly AuthParameters = RecordingParameters;
  readonly #answers: RuntimeAnswer[];
  readonly #handle: AsyncHandle = {
    CancelAsyncOperation: () => {
      this.canceled += 1;
    },
  };

  constructor(...answers: RuntimeAnswer[]) {
    this.#answers = answers;
  }

  DiscoverAccountsAsync(
    _clientId: string,
    correlationId: string,
    callback: Parameters<MsalRuntime['DiscoverAccountsAsync']>[2],
  ): AsyncHandle {
    this.calls.push({ name: 'DiscoverAccounts', correlationId, parameters: {} });
    return this.#later(() => callback({ CheckError: this.#check(this.accountsError), accounts: this.accounts }));
  }

  ReadAccountByIdAsync(
    accountId: string,
    correlationId: string,
    callback: Parameters<MsalRuntime['ReadAccountByIdAsync']>[2],
  ): AsyncHandle {
    const account = this.accounts.find((one) => one.accountId === accountId);
    this.calls.push({ name: 'ReadAccountById', correlationId, parameters: {}, account });
    const error = this.accountsError ?? (account === undefined ? { errorStatus: 16 } : undefined);
    return this.#later(() => callback({ CheckError: this.#check(error), account: account ?? ADA }));
  }

  AcquireTokenSilentlyAsync(
    parameters: AuthParameters,
    correlationId: string,
    account: RuntimeAccount,
    callback: Callback<TokenResult>,
  ): AsyncHandle {
    return this.#answer({ name: 'AcquireTokenSilently', correlationId, account }, parameters, callback);
  }

  SignInSilentlyAsync(parameters: AuthParameters, correlationId: string, callback: Callback<TokenResult>): AsyncHandle {
    return this.#answer({ name: 'SignInSilently', correlationId }, parameters, callback);
  }

  SignInAsync(
    window: Buffer,
    parameters: AuthParameters,
    correlationId: string,
    hint: string,
    callback: Callback<TokenResult>,
  ): AsyncHandle {
    return this.#answer({ name: 'SignIn', correlationId, window, hint }, parameters, callback);
  }

  SignInInteractivelyAsync(
    window: Buffer,
    parameters: AuthParameters,
    correlationId: string,
    hint: string,
    callback: Callback<TokenResult>,
  ): AsyncHandle {
    return this.#answer({ name: 'SignInInteractively', correlationId, window, hint }, parameters, callback);
  }

  #answer(
    call: Omit<RuntimeCall, 'parameters'>,
    parameters: AuthParameters,
    callback: Callback<TokenResult>,
  ): AsyncHandle {
    this.calls.push({ ...call, parameters: (parameters as RecordingParameters).values });
    const answer = (this.#answers.length > 1 ? this.#answers.shift() : this.#answers[0]) ?? 'hangs';
    if (answer === 'hangs') return this.#handle;
    if ('throws' in answer) throw answer.throws;
    return this.#later(() =>
      callback({
        CheckError: this.#check(answer.error),
        accessToken: '',
        expiresOn: 0,
        rawIdToken: '',
        account: ADA,
        ...('token' in answer ? answer.token : {}),
      }),
    );
  }

  #later(work: () => void): AsyncHandle {
    setImmediate(work);
    return this.#handle;
  }

  #check(error: Partial<RuntimeError> | undefined): () => void {
    return () => {
      if (error !== undefined) throw runtimeError(error);
    };
  }
}

class RecordingParameters implements AuthParameters {
  readonly values: Record<string, readonly string[]> = {};

  CreateAuthParameters(clientId: string, authority: string): void {
    this.values['AuthParameters'] = [clientId, authority];
  }
  SetRedirectUri(uri: string): void {
    this.values['RedirectUri'] = [uri];
  }
  SetRequestedScopes(scopes: string): void {
    this.values['RequestedScopes'] = [scopes];
  }
  SetDecodedClaims(claims: string): void {
    this.values['DecodedClaims'] = [claims];
  }
  SetAccessTokenToRenew(token: string): void {
    this.values['AccessTokenToRenew'] = [token];
  }
}
