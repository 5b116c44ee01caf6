// A program: calls Microsoft's authentication runtime, and prints what it answers as JSON.
//   node msal-runtime-program.ts ADDON APPLICATION CALLS
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BROKER_STATUSES, type BrokerStatus } from '../../../src/entra/broker/broker.ts';

export interface RuntimeApplication {
  readonly clientId: string;
  readonly authority: string;
  readonly redirectUri: string;
  readonly scope: string;
}

export type RuntimeCall =
  | { readonly kind: 'accounts' }
  | { readonly kind: 'sign-in-silently' }
  /** For the account of the call before. `renew`: not the token of the call before. */
  | { readonly kind: 'acquire-silently'; readonly claims?: string; readonly renew?: true }
  | { readonly kind: 'acquire-interactively' }
  | { readonly kind: 'sign-in-interactively'; readonly loginHint: string };

/** What the runtime made of the broker's answer. */
export interface RuntimeAnswer {
  readonly status: BrokerStatus | 'ok' | 'no broker';
  readonly accessToken?: string;
  /** Epoch seconds. */
  readonly expiresOn?: number;
  readonly usernames?: readonly string[];
}

interface Account {
  readonly username: string;
}

interface Result {
  /** Throws what isn't an Error: an object with `errorStatus`. */
  CheckError(): void;
  readonly accounts?: readonly Account[];
  readonly account?: Account;
  readonly accessToken?: string;
  readonly expiresOn?: number;
}

interface Parameters {
  CreateAuthParameters(clientId: string, authority: string): void;
  SetRedirectUri(uri: string): void;
  SetRequestedScopes(scopes: string): void;
  SetDecodedClaims(claims: string): void;
  SetAccessTokenToRenew(token: string): void;
}

type Callback = (result: Result) => void;

interface Runtime {
  readonly StartupError?: object;
  readonly AuthParameters: new () => Parameters;
  DiscoverAccountsAsync(clientId: string, correlationId: string, callback: Callback): void;
  SignInSilentlyAsync(parameters: Parameters, correlationId: string, callback: Callback): void;
  AcquireTokenSilentlyAsync(parameters: Parameters, correlationId: string, who: Account, callback: Callback): void;
  AcquireTokenInteractivelyAsync(
    window: Buffer,
    parameters: Parameters,
    correlationId: string,
    who: Account,
    callback: Callback,
  ): void;
  SignInInteractivelyAsync(
    window: Buffer,
    parameters: Parameters,
    correlationId: string,
    hint: string,
    callback: Callback,
  ): void;
}

const NO_WINDOW = Buffer.alloc(8);
/** The runtime's threads crash now and then if the process ends right after a call. */
const SETTLE_MS = 100;

async function main([addon = '', application = '', calls = '']: readonly string[]): Promise<void> {
  const module = { exports: {} };
  process.dlopen(module, addon);
  const runtime = module.exports as Runtime;
  const answers =
    runtime.StartupError === undefined
      ? await callAll(runtime, JSON.parse(application) as RuntimeApplication, JSON.parse(calls) as RuntimeCall[])
      : [{ status: 'no broker' } satisfies RuntimeAnswer];
  writeSync(1, JSON.stringify(answers));
  await sleep(SETTLE_MS);
  process.exit();
}

async function callAll(
  runtime: Runtime,
  application: RuntimeApplication,
  calls: readonly RuntimeCall[],
): Promise<readonly RuntimeAnswer[]> {
  const answers: RuntimeAnswer[] = [];
  let last: Result | undefined;
  for (const call of calls) {
    try {
      last = await resultOf(runtime, application, call, last);
      answers.push(toAnswer(last));
    } catch (thrown) {
      answers.push({ status: statusOf(thrown) });
    }
  }
  return answers;
}

function resultOf(
  runtime: Runtime,
  application: RuntimeApplication,
  call: RuntimeCall,
  last?: Result,
): Promise<Result> {
  const id = crypto.randomUUID();
  const parameters = parametersOf(runtime, application, call, last);
  const account = last?.account ?? last?.accounts?.[0];
  return new Promise((resolve, reject) => {
    const done = (result: Result): void => {
      try {
        result.CheckError();
        resolve(result);
      } catch (thrown) {
        reject(thrown);
      }
    };
    if (call.kind === 'accounts') runtime.DiscoverAccountsAsync(application.clientId, id, done);
    else if (call.kind === 'sign-in-silently') runtime.SignInSilentlyAsync(parameters, id, done);
    else if (call.kind === 'sign-in-interactively') {
      runtime.SignInInteractivelyAsync(NO_WINDOW, parameters, id, call.loginHint, done);
    } else if (account === undefined) reject(new Error('no account'));
    else if (call.kind === 'acquire-silently') runtime.AcquireTokenSilentlyAsync(parameters, id, account, done);
    else runtime.AcquireTokenInteractivelyAsync(NO_WINDOW, parameters, id, account, done);
  });
}

function parametersOf(
  { AuthParameters }: Runtime,
  { clientId, authority, redirectUri, scope }: RuntimeApplication,
  call: RuntimeCall,
  last?: Result,
): Parameters {
  const parameters = new AuthParameters();
  parameters.CreateAuthParameters(clientId, authority);
  parameters.SetRedirectUri(redirectUri);
  parameters.SetRequestedScopes(scope);
  if (call.kind !== 'acquire-silently') return parameters;
  if (call.claims !== undefined) parameters.SetDecodedClaims(call.claims);
  if (call.renew && last?.accessToken !== undefined) parameters.SetAccessTokenToRenew(last.accessToken);
  return parameters;
}

function toAnswer({ accessToken, expiresOn, account, accounts = [] }: Result): RuntimeAnswer {
  const usernames = (account === undefined ? accounts : [account]).map(({ username }) => username);
  if (accessToken === undefined || expiresOn === undefined) return { status: 'ok', usernames };
  return { status: 'ok', accessToken, expiresOn, usernames };
}

function statusOf(thrown: unknown): RuntimeAnswer['status'] {
  const status =
    typeof thrown === 'object' && thrown !== null && 'errorStatus' in thrown ? thrown.errorStatus : undefined;
  if (typeof status !== 'number') throw thrown;
  return BROKER_STATUSES[status] ?? 'Unexpected';
}

await main(process.argv.slice(2));
