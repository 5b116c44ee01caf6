// What the agent does for each request, within its caller's deadline.
import { parseApiKey } from '../core/api-key.ts';
import { withDeadline } from '../core/deadline.ts';
import { AppError, errorToRecord, toAppError } from '../core/errors.ts';
import { HELPER_DEADLINES_MS, type HelperContext, parseHelperContext } from '../core/helper-context.ts';
import { SIGN_IN_METHODS } from '../core/sign-in-method.ts';
import { commit, compareVersions, version } from '../core/version.ts';
import {
  type AccessTokenResult,
  type AgentStatus,
  API_KEY_NOT_CONFIGURED,
  type ClaudeCodeSession,
  type CredentialKind,
  type Request,
  type Results,
} from '../ipc/protocol.ts';
import { type Channel, StepAside } from '../ipc/server.ts';
import type { ApiKeyCredential } from './credentials/api-key-credential.ts';
import { credentialKey, type EntraCredential, partsOfKey } from './credentials/entra-credential.ts';
import { endpointToken } from './managed-identity-token.ts';
import { helperOutput } from './output.ts';
import type { CredentialState } from './tokens/agent-state.ts';
import type { AccessToken } from './tokens/token-refresher.ts';

export interface HandlerParts {
  /** What the present configuration hands out. @throws AppError ERR_CONFIG_* */
  readonly credential: () => EntraCredential | ApiKeyCredential;
  /** What is known of every tenant and client, by `credentialKey`. */
  readonly states: () => Readonly<Record<string, CredentialState>>;
  /** Claude Desktop's `inferenceCredentialHelperTimeoutSec` in milliseconds, where readable. */
  readonly desktopTimeoutMs: () => number | undefined;
  /** Leaves the socket and ends the process once answers are out. */
  readonly leave: (reason: 'stop' | 'newer-version') => void;
  readonly startedAt: Date;
}

/** The agent answers this long before its caller gives up. */
const ANSWER_MARGIN_MS = 700;
/** Claude Desktop kills a helper at its timeout; an interactive one ends this much earlier. */
const DESKTOP_MARGIN_MS = 5_000;

export class RequestHandler {
  readonly #parts: HandlerParts;

  constructor(parts: HandlerParts) {
    this.#parts = parts;
  }

  /** @throws AppError as the client will throw it; StepAside when the program that asks is newer than this agent. */
  async handle(request: Request, channel: Channel): Promise<Results[Request['method']]> {
    if (this.#givesWayTo(channel.peerVersion, request)) {
      this.#parts.leave('newer-version');
      throw new StepAside();
    }
    switch (request.method) {
      case 'helper-output':
        return { output: await this.#helperOutput(request, channel) };
      case 'access-token':
        return this.#accessToken();
      case 'endpoint-token':
        return endpointToken(this.#parts.credential(), request);
      case 'sign-in':
        return this.#signIn(request, channel);
      case 'set-api-key':
        return this.#setApiKey(request);
      case 'sign-out':
        return this.#signOut();
      case 'status':
        return this.#status();
      case 'stop':
        this.#parts.leave('stop');
        return { pid: process.pid };
    }
  }

  #givesWayTo(peerVersion: string, request: Request): boolean {
    if (compareVersions(peerVersion, version) <= 0 || request.method === 'stop') return false;
    try {
      // A sign-in that somebody is in the middle of is finished first.
      const credential = this.#parts.credential();
      return credential.kind === 'api-key' || !credential.signIn.pending;
    } catch {
      return true;
    }
  }

  async #helperOutput(request: Extract<Request, { method: 'helper-output' }>, channel: Channel): Promise<string> {
    const context = parseHelperContext(request.context);
    const elapsedMs = typeof request.elapsedMs === 'number' && request.elapsedMs > 0 ? request.elapsedMs : 0;
    const limitMs = this.#limitMs(context);
    // A token in hand is there before this turn is over, and a helper reads one line faster than two.
    const notice =
      context === 'interactive' ? setImmediate(() => channel.send({ waitMs: limitMs - elapsedMs })) : undefined;
    const leftMs = Math.max(0, limitMs - elapsedMs - ANSWER_MARGIN_MS);
    const claudeCode = parseClaudeCode(request.claudeCode);
    try {
      const credential = this.#parts.credential();
      const secret =
        credential.kind === 'api-key'
          ? await withDeadline(credential.next(context), leftMs, keystoreSilent)
          : (await tokenFor(credential, context, leftMs, claudeCode)).value;
      return helperOutput(secret, claudeCode === undefined ? credential.configuration : { outputFormat: 'token' });
    } finally {
      clearImmediate(notice);
    }
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
    refresher.touch();
    const token = await refresher.fresh({ urgent: true });
    return {
      token: token.value.reveal(),
      tokenType: 'Bearer',
      expiresOn: new Date(Date.now() + refresher.remainingMs(token)).toISOString(),
      account: { username: token.username },
    };
  }

  async #signIn(request: Extract<Request, { method: 'sign-in' }>, channel: Channel): Promise<Results['sign-in']> {
    const credential = this.#parts.credential();
    if (credential.kind === 'api-key') throw needsApiKey();
    const { signIn, records, configuration } = credential;
    const openBrowser = request.openBrowser === true;
    const method = SIGN_IN_METHODS.find((known) => known === request.signInMethod);
    if (!openBrowser && (method ?? configuration.signInMethod) === 'browser') throw needsBrowser();
    await assertRecordReplaceable(records);
    const outcome = signIn.request({ openBrowser, method, leaves: channel.closed });
    const unfollow = signIn.follow((progress) => channel.send({ progress }));
    try {
      const token = await outcome;
      return { account: { username: token.username }, saved: !records.unsaved };
    } finally {
      unfollow();
    }
  }

  async #setApiKey({ apiKey }: Extract<Request, { method: 'set-api-key' }>): Promise<Results['set-api-key']> {
    if (typeof apiKey !== 'string') throw new AppError('ERR_AGENT_PROTOCOL', { detail: 'no key in the request' });
    const credential = this.#parts.credential();
    if (credential.kind !== 'api-key') throw takesNoApiKey();
    await credential.keep(parseApiKey(apiKey));
    return { saved: true };
  }

  async #signOut(): Promise<Results['sign-out']> {
    const credential = this.#parts.credential();
    if (credential.kind === 'api-key') return { removed: await credential.remove(), credential: 'api-key' };
    credential.signIn.cancel();
    return { removed: await credential.refresher.forget(), credential: 'entra' };
  }

  async #status(): Promise<AgentStatus> {
    const agent = { pid: process.pid, version, commit, startedAt: this.#parts.startedAt.toISOString() };
    let kind: CredentialKind | undefined;
    try {
      const credential = this.#parts.credential();
      kind = credential.kind;
      return {
        agent,
        ...otherSignIns(this.#parts.states(), credential),
        ...(await (credential.kind === 'api-key' ? apiKeyStatus(credential) : entraStatus(credential))),
      };
    } catch (thrown) {
      const known = kind === undefined ? {} : { credential: kind };
      return { agent, ...known, signIn: 'unknown', problem: errorToRecord(toAppError(thrown)) };
    }
  }
}

/**
 * @throws AppError ERR_SIGN_IN_PENDING when the user has not finished in time, or an unattended context meets an open
 * sign-in; else as `TokenIssuance.next` and `SignIn.request`.
 */
async function tokenFor(
  credential: EntraCredential,
  context: HelperContext,
  leftMs: number,
  claudeCode: ClaudeCodeSession | undefined,
): Promise<AccessToken> {
  const startedAt = performance.now();
  try {
    return await credential.issuance.next(context, leftMs, claudeCode);
  } catch (thrown) {
    if (!needsSignIn(toAppError(thrown))) throw thrown;
    if (context !== 'interactive') throw credential.signIn.pending ? new AppError('ERR_SIGN_IN_PENDING') : thrown;
    const { claims } = toAppError(thrown);
    const outcome = credential.signIn.request({ openBrowser: true, claims });
    const patience = Math.max(0, leftMs - (performance.now() - startedAt));
    await withDeadline(outcome, patience, () => new AppError('ERR_SIGN_IN_PENDING'));
    return credential.issuance.next(context, patience);
  }
}

function parseClaudeCode(value: unknown): ClaudeCodeSession | undefined {
  if (typeof value !== 'object' || value === null || !('session' in value) || !('ttlMs' in value)) return undefined;
  const { session, ttlMs } = value;
  return { session: String(session).slice(0, 500), ttlMs: typeof ttlMs === 'number' ? ttlMs : 0 };
}

/** What a new sign-in can mend; a locked keystore, or a record that a newer version wrote, it cannot. */
function needsSignIn({ category, code }: AppError): boolean {
  return category === 'sign-in' || code === 'ERR_KEYSTORE_DAMAGED' || code === 'ERR_DEVICE_CODE_BLOCKED';
}

/** Nobody signs in only to learn that it cannot be kept. @throws AppError ERR_KEYSTORE_* */
async function assertRecordReplaceable(records: EntraCredential['records']): Promise<void> {
  const stored = await records.load();
  if (stored?.kind === 'newer') {
    throw new AppError('ERR_KEYSTORE_RECORD', { detail: 'a newer version of this program wrote it' });
  }
}

function needsBrowser(): AppError {
  const detail =
    'the browser method needs a browser on this computer, so it goes neither with --no-browser nor over SSH; use --method device-code';
  return new AppError('ERR_USAGE', { detail });
}

/** A keystore that does not answer is waiting for somebody to unlock it. */
function keystoreSilent(): AppError {
  return new AppError('ERR_KEYSTORE_LOCKED', { detail: 'no answer' });
}

function needsApiKey(): AppError {
  const detail = '"credential" is "api-key", so nobody signs in; give the key with "login --api-key"';
  return new AppError('ERR_USAGE', { detail });
}

function takesNoApiKey(): AppError {
  return new AppError('ERR_USAGE', { detail: API_KEY_NOT_CONFIGURED });
}

/** Sign-ins of other tenants and clients, which are kept beside the present one. */
function otherSignIns(
  states: Readonly<Record<string, CredentialState>>,
  credential: EntraCredential | ApiKeyCredential,
): Pick<AgentStatus, 'others'> {
  const present = credential.kind === 'entra' ? credentialKey(credential.configuration) : undefined;
  const others = Object.entries(states).flatMap(([key, { username, lastGrantAt }]) =>
    key === present || username === undefined || lastGrantAt === undefined
      ? []
      : [{ ...partsOfKey(key), account: { username }, lastUsedAt: new Date(lastGrantAt).toISOString() }],
  );
  return others.length === 0 ? {} : { others };
}

async function apiKeyStatus(apiKey: ApiKeyCredential): Promise<Omit<AgentStatus, 'agent'>> {
  const isKept = (await apiKey.load()) !== undefined;
  return {
    credential: 'api-key',
    ...(isKept ? { signIn: 'signed-in' } : { signIn: 'signed-out', problem: { code: 'ERR_API_KEY_MISSING' } }),
  };
}

function refusal(check: () => void): Pick<AgentStatus, 'problem'> {
  try {
    check();
    return {};
  } catch (thrown) {
    return { problem: errorToRecord(toAppError(thrown)) };
  }
}

async function entraStatus({
  refresher,
  records,
  signIn,
  configuration,
}: EntraCredential): Promise<Omit<AgentStatus, 'agent'>> {
  const { tenantId, clientId } = configuration;
  const token = refresher.current();
  const until = refresher.backOff;
  const base = {
    credential: 'entra' as const,
    tenantId,
    clientId,
    ...(until === undefined
      ? {}
      : { backOff: { attempt: until.attempt, until: new Date(until.until).toISOString() }, problem: until.error }),
    ...(token === undefined
      ? {}
      : {
          token: {
            expiresOn: new Date(Date.now() + refresher.remainingMs(token)).toISOString(),
            remainingSeconds: Math.floor(refresher.remainingMs(token) / 1000),
          },
        }),
    ...(records.unsaved ? { unsaved: true } : {}),
  };
  const stored = await records.load();
  switch (stored?.kind) {
    case 'active':
      return {
        ...base,
        signIn: signIn.pending ? 'pending' : 'signed-in',
        account: { username: stored.record.username },
        ...refusal(() => refresher.assertAccepted(stored.record.username)),
      };
    case 'ended':
      return {
        ...base,
        signIn: signIn.pending ? 'pending' : 'ended',
        account: { username: stored.account.username },
        endedAt: new Date(stored.at).toISOString(),
        problem: { code: stored.code },
      };
    case 'damaged':
      return { ...base, signIn: 'unknown', problem: { code: 'ERR_KEYSTORE_DAMAGED' } };
    case 'newer':
      return { ...base, signIn: 'unknown', problem: { code: 'ERR_KEYSTORE_RECORD' } };
    default:
      return { ...base, signIn: signIn.pending ? 'pending' : 'signed-out' };
  }
}
