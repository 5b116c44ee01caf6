import { parseApiKey } from '../core/api-key.ts';
import { withDeadline } from '../core/deadline.ts';
import { AppError, type ErrorCode, toAppError } from '../core/errors.ts';
import { HELPER_DEADLINES_MS, type HelperContext } from '../core/helper-context.ts';
import { isMethodAllowed, type SignInMethod } from '../core/sign-in-method.ts';
import { compareVersions, version } from '../core/version.ts';
import {
  type AccessTokenResult,
  API_KEY_NOT_CONFIGURED,
  type ClaudeCodeSession,
  type Request,
  type Results,
} from '../ipc/protocol.ts';
import { type Channel, StepAside } from '../ipc/server.ts';
import type { CallerSession } from '../platform/caller-session.ts';
import type { Account } from './credentials/account-rule.ts';
import type { EntraCredential } from './credentials/entra-credential.ts';
import { endpointToken } from './managed-identity-token.ts';
import { helperOutput } from './output.ts';
import { bearerToken, resourceToken } from './resource-access.ts';
import { agentStatus, type StatusParts } from './status.ts';
import type { AccessToken } from './tokens/held-token.ts';
import type { RecordSummary } from './tokens/refresh-token-store.ts';

export interface HandlerParts extends StatusParts {
  /** Claude Desktop's `inferenceCredentialHelperTimeoutSec` in milliseconds, if it's readable. */
  readonly desktopTimeoutMs: () => number | undefined;
  /** Says how things look from here. @throws AppError ERR_AGENT_DIAGNOSIS */
  readonly diagnose: (
    request: Extract<Request, { method: 'diagnose' }>,
    channel: Channel,
  ) => Promise<Results['diagnose']>;
  /** Leaves the socket and ends the process once answers are out. */
  readonly leave: (reason: 'stop' | 'newer-version' | 'other-bus') => void;
  /** Notes the session that asks now. `other-bus`: the keystore was looked for on another session bus. */
  readonly enter: (session: CallerSession | undefined) => 'other-bus' | undefined;
}

/** Longer than the keystore may take, the only part of a status that may wait for someone. */
const STATUS_MS = 15_000;
/** Longer than two attempts to renew a token on a network that doesn't answer. */
const TOKEN_MS = 75_000;
/** The agent answers this long before its caller gives up. */
const ANSWER_MARGIN_MS = 700;
/** Claude Desktop kills a helper at its timeout; an interactive one ends this much earlier. */
const DESKTOP_MARGIN_MS = 5_000;

/**
 * Answers each request with the credential in use, within the caller's deadline. Keeps nothing between requests;
 * anyone who waits for a person is told how long that may take.
 */
export class RequestHandler {
  readonly #parts: HandlerParts;

  constructor(parts: HandlerParts) {
    this.#parts = parts;
  }

  /**
   * @throws AppError as the client will throw it; StepAside if another agent should take over: that of a newer program,
   * or one on the caller's session bus if there's no keystore on this agent's.
   */
  async handle(request: Request, channel: Channel): Promise<Results[Request['method']]> {
    if (this.#givesWayTo(channel.peerVersion, request)) this.#stepAside('newer-version');
    const isElsewhere = this.#parts.enter(channel.session) === 'other-bus';
    try {
      return await this.#answer(request, channel);
    } catch (thrown) {
      if (isElsewhere && toAppError(thrown).code === 'ERR_KEYSTORE_UNAVAILABLE') this.#stepAside('other-bus');
      throw thrown;
    }
  }

  #stepAside(reason: 'newer-version' | 'other-bus'): never {
    this.#parts.leave(reason);
    throw new StepAside();
  }

  async #answer(request: Request, channel: Channel): Promise<Results[Request['method']]> {
    switch (request.method) {
      case 'helper-output':
        return this.#helperOutput(request, channel);
      case 'access-token':
        return withNotice(channel, TOKEN_MS, () => this.#accessToken());
      case 'endpoint-token':
        return withNotice(channel, TOKEN_MS, () => endpointToken(this.#parts.credential(), request));
      case 'resource-token':
        return withNotice(channel, TOKEN_MS, () => resourceToken(this.#parts.credential(), request));
      case 'sign-in':
        return this.#signIn(request, channel);
      case 'set-api-key':
        return this.#setApiKey(request);
      case 'sign-out':
        return this.#signOut();
      case 'status':
        return withNotice(channel, STATUS_MS, () => agentStatus(this.#parts));
      case 'diagnose':
        return this.#parts.diagnose(request, channel);
      case 'stop':
        this.#parts.leave('stop');
        return { pid: process.pid };
    }
  }

  #givesWayTo(peerVersion: string, request: Request): boolean {
    if (compareVersions(peerVersion, version) <= 0 || request.method === 'stop') return false;
    try {
      // Someone is in the middle of a sign-in. Finish that first.
      const credential = this.#parts.credential();
      return credential.kind === 'api-key' || !credential.signIn.pending;
    } catch {
      return true;
    }
  }

  async #helperOutput(
    request: Extract<Request, { method: 'helper-output' }>,
    channel: Channel,
  ): Promise<Results['helper-output']> {
    const { context, elapsedMs, claudeCode } = request;
    const limitMs = this.#limitMs(context);
    const leftMs = Math.max(0, limitMs - elapsedMs - ANSWER_MARGIN_MS);
    const answer = async (): Promise<Results['helper-output']> => {
      const credential = this.#parts.credential();
      const secret =
        credential.kind === 'api-key'
          ? await withDeadline(credential.next(context), leftMs, keystoreSilent)
          : (await tokenFor(credential, context, leftMs, claudeCode, channel.session)).value;
      return helperOutput(secret, claudeCode === undefined ? credential.configuration : { outputFormat: 'token' });
    };
    return context === 'interactive' ? withNotice(channel, limitMs - elapsedMs, answer) : answer();
  }

  #limitMs(context: HelperContext): number {
    const desktopMs = this.#parts.desktopTimeoutMs();
    if (desktopMs === undefined) return HELPER_DEADLINES_MS[context];
    // A timeout shorter than the margin still leaves time for an answer.
    const desktopLimitMs = Math.max(desktopMs - DESKTOP_MARGIN_MS, desktopMs / 2);
    return context === 'interactive' ? desktopLimitMs : Math.min(HELPER_DEADLINES_MS[context], desktopLimitMs);
  }

  async #accessToken(): Promise<AccessTokenResult> {
    const credential = this.#parts.credential();
    if (credential.kind === 'api-key') return { token: (await credential.require()).reveal(), tokenType: 'api-key' };
    const { refresher } = credential;
    refresher.noteRequest();
    return bearerToken(await refresher.get({ urgent: true }), refresher);
  }

  async #signIn(request: Extract<Request, { method: 'sign-in' }>, channel: Channel): Promise<Results['sign-in']> {
    const credential = this.#parts.credential();
    if (credential.kind === 'api-key') throw needsApiKey();
    const { signIn, records, configuration } = credential;
    const { openBrowser, signInMethod: method } = request;
    const used = method ?? configuration.signInMethod;
    if (!isMethodAllowed(used, configuration)) throw methodNotAllowed(used);
    // Without a resource, the sign-in has its own.
    const claims = request.resource === undefined ? undefined : credential.claimsFor(request.resource);
    if (!openBrowser && used === 'browser') throw needsBrowser();
    // Before the keystore, which may wait for the user: what says nothing counts as an agent that hangs.
    channel.send({ progress: { state: 'starting' } });
    const stored = await replaceableRecord(records);
    // The settings mean anyone who is signed in already, if they accept that account.
    if (stored?.kind === 'active') bindIfAccepted(credential, stored.account);
    const asked = { openBrowser, method, signal: channel.closed, session: channel.session };
    const outcome = claims === undefined ? signIn.request(asked) : credential.signInWith(claims, asked);
    const unfollow = signIn.follow((progress) => channel.send({ progress }));
    try {
      const token = await outcome;
      return { account: { username: token.username }, saved: !records.unsaved };
    } finally {
      unfollow();
    }
  }

  async #setApiKey({ apiKey }: Extract<Request, { method: 'set-api-key' }>): Promise<Results['set-api-key']> {
    const credential = this.#parts.credential();
    if (credential.kind !== 'api-key') throw takesNoApiKey();
    await credential.keep(parseApiKey(apiKey));
    return { saved: true };
  }

  async #signOut(): Promise<Results['sign-out']> {
    const credential = this.#parts.credential();
    if (credential.kind === 'api-key') return { removed: await credential.remove(), credential: 'api-key' };
    const broker = credential.signsInSilently ? { broker: true as const } : {};
    return { removed: await credential.signOut(), credential: 'entra', ...broker };
  }
}

/**
 * Says that the answer may take this many milliseconds, because the requester takes an agent that says nothing for one
 * that hangs. An immediate answer, such as a current token, comes without that.
 */
async function withNotice<T>(channel: Channel, waitMs: number, answer: () => Promise<T>): Promise<T> {
  const notice = setImmediate(() => channel.send({ waitMs }));
  try {
    return await answer();
  } finally {
    clearImmediate(notice);
  }
}

/**
 * @throws AppError ERR_SIGN_IN_PENDING if the user hasn't finished in time, or if a sign-in is open and the context is
 * unattended; otherwise as `TokenIssuance.next` and `SignIn.request`.
 */
async function tokenFor(
  credential: EntraCredential,
  context: HelperContext,
  leftMs: number,
  claudeCode: ClaudeCodeSession | undefined,
  session: CallerSession | undefined,
): Promise<AccessToken> {
  const startedAt = performance.now();
  const { brokerFailures } = credential.refresher;
  try {
    const token = await credential.issuance.next(context, leftMs, claudeCode);
    credential.ending.used(context, session);
    return token;
  } catch (thrown) {
    const error = toAppError(thrown);
    const isMissing = credential.refresher.isWithoutSignIn;
    if (!needsSignIn(error) && !staysRefused(error, credential) && !isMissing) throw thrown;
    if (context !== 'interactive') throw credential.signIn.pending ? new AppError('ERR_SIGN_IN_PENDING') : thrown;
    const { claims } = error;
    // An earlier failure, repeated inside the back-off, may be outdated.
    const failedSilently = credential.refresher.brokerFailures > brokerFailures ? error : undefined;
    const outcome = credential.signIn.request({ openBrowser: true, claims, session, failedSilently });
    const patience = Math.max(0, leftMs - (performance.now() - startedAt));
    await withDeadline(outcome, patience, () => new AppError('ERR_SIGN_IN_PENDING'));
    return credential.issuance.next(context, patience);
  }
}

/**
 * Whether a new sign-in can help. It can't unlock a keystore or read a newer version's record. A missing entry may be
 * hidden: then the keystore asks to be unlocked when the sign-in is stored.
 */
function needsSignIn({ category, code }: AppError): boolean {
  return category === 'sign-in' || REPAIRABLE.has(code);
}

/**
 * Whether Entra has refused a sign-in that is kept more than once in a row, for a reason that another sign-in may
 * change: another account, a device that complies by now, or a consent. Without this, someone would have to know that
 * they can sign out.
 */
function staysRefused({ category, code }: AppError, { refresher }: EntraCredential): boolean {
  return category === 'policy' && !FOR_ADMIN.has(code) && (refresher.backOff?.attempt ?? 0) > 1;
}

/** Entra refuses the application or what it asks for, for every user. */
const FOR_ADMIN = new Set<ErrorCode>([
  'ERR_TOKEN_PROTECTION',
  'ERR_ENTRA_APP_DISABLED',
  'ERR_ENTRA_SERVICE_MISSING',
  'ERR_ENTRA_SERVICE_DISABLED',
  'ERR_ENTRA_RESOURCE_DISABLED',
]);

const REPAIRABLE = new Set<ErrorCode>(['ERR_KEYSTORE_DAMAGED', 'ERR_KEYSTORE_MISSING', 'ERR_DEVICE_CODE_BLOCKED']);

/** The record that a sign-in will replace, before the user is asked. @throws AppError ERR_KEYSTORE_* if it can't be */
async function replaceableRecord(records: EntraCredential['records']): Promise<RecordSummary | undefined> {
  const stored = await records.summary().catch(missingIsReplaced);
  if (stored?.kind === 'newer') {
    throw new AppError('ERR_KEYSTORE_RECORD', { detail: 'a newer version of this program wrote it' });
  }
  return stored;
}

function bindIfAccepted(credential: EntraCredential, account: Account): void {
  try {
    credential.assertAccepted(account);
  } catch {
    // Another account is about to sign in.
  }
}

/** An entry that was deleted in the keyring program; one that is hidden is unlocked when the sign-in is written. */
function missingIsReplaced(thrown: unknown): undefined {
  if (toAppError(thrown).code !== 'ERR_KEYSTORE_MISSING') throw thrown;
}

function needsBrowser(): AppError {
  const detail =
    "the browser method needs a browser on this computer, so it doesn't work with --no-browser or over SSH; use --method device-code";
  return new AppError('ERR_USAGE', { detail });
}

function methodNotAllowed(method: SignInMethod): AppError {
  const detail =
    method === 'broker'
      ? 'the broker is used only if "signInMethod" is "broker"'
      : `"signInMethod" is "broker", so ${method === 'browser' ? 'the browser can be used only if "browserSignInFallback" is true' : "a device code can't be used"}`;
  return new AppError('ERR_USAGE', { detail });
}

function keystoreSilent(): AppError {
  return new AppError('ERR_KEYSTORE_WAITING', { detail: "it hasn't answered yet" });
}

function needsApiKey(): AppError {
  const detail =
    '"credential" is "api-key", so there\'s no sign-in; store the key with "foundry-credential-helper login --api-key"';
  return new AppError('ERR_USAGE', { detail });
}

function takesNoApiKey(): AppError {
  return new AppError('ERR_USAGE', { detail: API_KEY_NOT_CONFIGURED });
}
