// What the agent does for each request, within its caller's deadline.
import type { Configuration } from '../config/configuration.ts';
import { withDeadline } from '../core/deadline.ts';
import { AppError, errorToRecord, toAppError } from '../core/errors.ts';
import { commit, compareVersions, version } from '../core/version.ts';
import {
  type AccessTokenResult,
  type AgentStatus,
  HELPER_DEADLINES_MS,
  type HelperContext,
  parseHelperContext,
  type Request,
  type Results,
  SIGN_IN_METHODS,
} from '../ipc/protocol.ts';
import { type Channel, StepAside } from '../ipc/server.ts';
import type { Identity } from './identity.ts';
import { helperOutput } from './output.ts';
import type { AccessToken } from './token-keeper.ts';

export interface HandlerParts {
  /** The identity that the present configuration names. @throws AppError ERR_CONFIG_* */
  readonly identity: () => Identity;
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
      case 'sign-in':
        return this.#signIn(request, channel);
      case 'sign-out':
        return { removed: await this.#signOut() };
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
      return !this.#parts.identity().signIn.pending;
    } catch {
      return true;
    }
  }

  async #helperOutput(request: Extract<Request, { method: 'helper-output' }>, channel: Channel): Promise<string> {
    const context = parseHelperContext(request.context);
    const elapsedMs = typeof request.elapsedMs === 'number' && request.elapsedMs > 0 ? request.elapsedMs : 0;
    const limitMs = this.#limitMs(context);
    if (context === 'interactive') channel.send({ waitMs: limitMs - elapsedMs });
    const leftMs = Math.max(0, limitMs - elapsedMs - ANSWER_MARGIN_MS);
    const identity = this.#parts.identity();
    assertSupported(identity.configuration);
    const token = await tokenFor(identity, context, leftMs);
    return helperOutput(token, identity.configuration);
  }

  #limitMs(context: HelperContext): number {
    const desktopMs = this.#parts.desktopTimeoutMs();
    if (desktopMs === undefined) return HELPER_DEADLINES_MS[context];
    // A timeout shorter than the margin still leaves time for an answer.
    const desktopLimitMs = Math.max(desktopMs - DESKTOP_MARGIN_MS, desktopMs / 2);
    return context === 'interactive' ? desktopLimitMs : Math.min(HELPER_DEADLINES_MS[context], desktopLimitMs);
  }

  async #accessToken(): Promise<AccessTokenResult> {
    const { keeper, configuration } = this.#parts.identity();
    assertSupported(configuration);
    keeper.touch();
    const token = await keeper.fresh({ urgent: true });
    return {
      token: token.value.reveal(),
      expiresOn: new Date(Date.now() + keeper.remainingMs(token)).toISOString(),
      account: { username: token.username },
    };
  }

  async #signIn(request: Extract<Request, { method: 'sign-in' }>, channel: Channel): Promise<Results['sign-in']> {
    const { signIn, records, configuration } = this.#parts.identity();
    assertSupported(configuration);
    const openBrowser = request.openBrowser === true;
    const method = SIGN_IN_METHODS.find((known) => known === request.signInMethod);
    if (!openBrowser && (method ?? configuration.signInMethod) === 'browser') throw needsBrowser();
    await assertRecordReplaceable(records);
    const outcome = signIn.request({ openBrowser, method });
    const unfollow = signIn.follow((progress) => channel.send({ progress }));
    try {
      const token = await outcome;
      return { account: { username: token.username }, saved: !records.unsaved };
    } finally {
      unfollow();
    }
  }

  async #signOut(): Promise<boolean> {
    const { signIn, keeper } = this.#parts.identity();
    signIn.cancel();
    return keeper.forget();
  }

  async #status(): Promise<AgentStatus> {
    const agent = { pid: process.pid, version, commit, startedAt: this.#parts.startedAt.toISOString() };
    try {
      return { agent, ...(await identityStatus(this.#parts.identity())) };
    } catch (thrown) {
      return { agent, signIn: 'unknown', problem: errorToRecord(toAppError(thrown)) };
    }
  }
}

/**
 * @throws AppError ERR_SIGN_IN_PENDING when the user has not finished in time, or an unattended context meets an open
 * sign-in; else as `HandOut.next` and `SignIn.request`.
 */
async function tokenFor(identity: Identity, context: HelperContext, leftMs: number): Promise<AccessToken> {
  const startedAt = performance.now();
  try {
    return await identity.handOut.next(context, leftMs);
  } catch (thrown) {
    if (!needsSignIn(toAppError(thrown))) throw thrown;
    if (context !== 'interactive') throw identity.signIn.pending ? new AppError('ERR_SIGN_IN_PENDING') : thrown;
    const { claims } = toAppError(thrown);
    const outcome = identity.signIn.request({ openBrowser: true, claims });
    const patience = Math.max(0, leftMs - (performance.now() - startedAt));
    await withDeadline(outcome, patience, () => new AppError('ERR_SIGN_IN_PENDING'));
    return identity.handOut.next(context, patience);
  }
}

/** What a new sign-in can mend; a locked keystore, or a record that a newer version wrote, it cannot. */
function needsSignIn({ exit, code }: AppError): boolean {
  return exit === 4 || code === 'ERR_KEYSTORE_DAMAGED' || code === 'ERR_DEVICE_CODE_BLOCKED';
}

/** Nobody signs in only to learn that it cannot be kept. @throws AppError ERR_KEYSTORE_* */
async function assertRecordReplaceable(records: Identity['records']): Promise<void> {
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

/** What the configuration can ask for but this version does not do yet is said, not ignored. */
function assertSupported({ credential }: Configuration): void {
  if (credential !== 'entra') throw unsupported('credential', credential);
}

function unsupported(key: string, value: string): AppError {
  return new AppError('ERR_CONFIG_INVALID', { detail: `"${key}": "${value}" is not available in version ${version}` });
}

async function identityStatus({
  keeper,
  records,
  signIn,
  configuration,
}: Identity): Promise<Omit<AgentStatus, 'agent'>> {
  const { tenantId, clientId } = configuration;
  const token = keeper.current();
  const until = keeper.backOff;
  const base = {
    tenantId,
    clientId,
    ...(until === undefined
      ? {}
      : { backOff: { attempt: until.attempt, until: new Date(until.until).toISOString() }, problem: until.error }),
    ...(token === undefined
      ? {}
      : {
          token: {
            expiresOn: new Date(Date.now() + keeper.remainingMs(token)).toISOString(),
            remainingSeconds: Math.floor(keeper.remainingMs(token) / 1000),
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
