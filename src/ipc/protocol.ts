// What helper, command line and agent say to each other: one JSON object a line, at most 64 KiB, version 1.
import type { ErrorRecord } from '../core/errors.ts';
import type { HelperContext } from '../core/helper-context.ts';
import type { LastFailure } from '../core/last-failure.ts';
import type { SignInMethod } from '../core/sign-in-method.ts';
import type { UnwritableFile } from '../core/unwritable.ts';
import type { CallerSession } from '../platform/caller-session.ts';

export const PROTOCOL_VERSION = 1;

/** Ten times the largest Entra token seen; a peer that sends more is cut off before it is buffered. */
export const MAX_FRAME_BYTES = 64 * 1024;

/** A process of Claude Code that runs this program as its `apiKeyHelper`. It never says why. */
export interface ClaudeCodeSession {
  /** The same for all runs by one process of Claude Code, and for no other. */
  readonly session: string;
  /** Milliseconds for which it keeps what it got. */
  readonly ttlMs: number;
}

/** The commands that ask for a token of a resource. */
export type ResourceClient = 'headers' | 'git-credential' | 'token';

export type Request =
  /**
   * The line that Claude Desktop reads, or with `claudeCode` the bare token; `elapsedMs` of the deadline were used
   * before asking.
   */
  | {
      readonly method: 'helper-output';
      readonly context: HelperContext;
      readonly elapsedMs: number;
      readonly claudeCode?: ClaudeCodeSession;
    }
  /** A token for the `token` command, or for `doctor`: never prompts. */
  | { readonly method: 'access-token'; readonly client?: 'token' | 'doctor' }
  /**
   * A token for a client that keeps it for a long time and doesn't ask again if it's rejected, so it has the longest
   * possible life. Without `resource`, it's for the configured scope. Never prompts.
   */
  | { readonly method: 'endpoint-token'; readonly resource?: string; readonly clientId?: string }
  /**
   * A token for one of the resources that the configuration allows; without `resource`, for the configured scope. Never
   * prompts. `connection` names what asks once, and then only if its token may have been rejected.
   */
  | {
      readonly method: 'resource-token';
      readonly client: ResourceClient;
      readonly resource?: string;
      readonly connection?: string;
    }
  /**
   * Starts or joins the sign-in and reports its progress until it ends. Without `signInMethod`, it uses the configured
   * method, or joins the sign-in that's open. With `resource`, it does the step that Entra asked for when it last refused
   * a token for that resource.
   */
  | {
      readonly method: 'sign-in';
      readonly openBrowser: boolean;
      readonly signInMethod?: SignInMethod;
      readonly resource?: string;
    }
  /** Stores the key for `credential: api-key`. Only the answers `helper-output` and `access-token` contain it. */
  | { readonly method: 'set-api-key'; readonly apiKey: string }
  | { readonly method: 'sign-out' }
  | { readonly method: 'status' }
  /**
   * For `doctor`: what a process with the agent's own environment finds, sent as `part`s ahead of the result. Equal
   * settings have equal digests, made with `key`. With `live`, each deployment is sent one message.
   */
  | { readonly method: 'diagnose'; readonly key: string; readonly live: boolean }
  | { readonly method: 'stop' };

/** Progress of a sign-in, for a terminal. */
export type SignInProgress =
  | { readonly state: 'starting' }
  | {
      readonly state: 'waiting';
      readonly userCode: string;
      readonly verificationUri: string;
      readonly expiresInMs: number;
      /** Whether one could be opened; absent until that has been tried. */
      readonly browserOpened?: boolean;
      /** Microsoft can't be reached right now. The sign-in continues as soon as it can be. */
      readonly offline?: true;
    }
  /** The user continues in the system's own sign-in window. */
  | { readonly state: 'system-dialog' }
  /** The user continues in the browser. */
  | { readonly state: 'browser'; readonly browserOpened?: boolean; readonly offline?: true };

export interface AccountSummary {
  readonly username: string;
}

export interface BearerToken {
  readonly token: string;
  readonly tokenType: 'Bearer';
  /** RFC 3339, UTC. */
  readonly expiresOn: string;
  readonly account: AccountSummary;
}

export type AccessTokenResult = BearerToken | { readonly token: string; readonly tokenType: 'api-key' };

/** The answer to `login --api-key` if the configuration hands out tokens. */
export const API_KEY_NOT_CONFIGURED =
  'an API key is accepted only if "credential" is "api-key"; run "foundry-credential-helper login" without --api-key, or have the setting changed';

/** What the configuration hands out. */
export type CredentialKind = 'entra' | 'api-key';

/** A resource other than the configured one. */
export interface ResourceStatus {
  /** As configured. */
  readonly scope: string;
  readonly token?: { readonly expiresOn: string; readonly remainingSeconds: number };
  /** Why the last attempt failed, and when, RFC 3339; absent after a success. */
  readonly problem?: ErrorRecord & { readonly at: string };
}

export interface AgentStatus {
  readonly agent: {
    readonly pid: number;
    readonly version: string;
    readonly commit: string;
    readonly startedAt: string;
  };
  /** Absent if the configuration doesn't say it: see `problem`. */
  readonly credential?: CredentialKind;
  /** With an API key: `signed-in` if one is stored, `signed-out` if not. */
  readonly signIn: 'signed-in' | 'signed-out' | 'ended' | 'pending' | 'unknown';
  readonly account?: AccountSummary;
  /** The sign-in is the computer's own, which the system's broker keeps. */
  readonly broker?: true;
  /** Since when the sign-in has ended, RFC 3339. */
  readonly endedAt?: string;
  /**
   * When the sign-in will end, RFC 3339, if that's known, and why: `policy` as earlier ones did, because the organization
   * requires a new one from time to time; `password` or `session` as Entra has said.
   */
  readonly ends?: { readonly at: string; readonly reason: 'policy' | 'password' | 'session' };
  /** When Entra last refused to renew a sign-in that is kept, RFC 3339: see `problem`. */
  readonly refusedAt?: string;
  readonly token?: { readonly expiresOn: string; readonly remainingSeconds: number };
  readonly backOff?: { readonly attempt: number; readonly until: string };
  /** Why no token is available at the moment: configuration, keystore, network, or what Entra said last. */
  readonly problem?: ErrorRecord;
  /**
   * The last attempt that failed, even if a later one succeeded. Absent if none has, or not since the last sign-out.
   */
  readonly lastFailure?: LastFailure;
  /** The other resources that tokens were asked for since the sign-in. Absent if there were none. */
  readonly resources?: readonly ResourceStatus[];
  /** The sign-in couldn't be stored: the user must sign in again after the agent's next start. */
  readonly unsaved?: boolean;
  /** Files that the agent can't write: its state, its log. Tokens keep working. Absent if it can write all of them. */
  readonly unwritable?: readonly UnwritableFile[];
  readonly tenantId?: string;
  readonly clientId?: string;
  /** Sign-ins of other tenants and clients that are kept too; the configuration decides which one is used. */
  readonly others?: readonly {
    readonly tenantId: string;
    readonly clientId: string;
    readonly account: AccountSummary;
    /** RFC 3339: the last token for it. */
    readonly lastUsedAt: string;
  }[];
}

/** The line that a helper prints. */
export interface HelperOutput {
  readonly output: string;
  /** `output` is JSON, as configured. Absent: it's a bare token or key, and a helper prints nothing else. */
  readonly format?: 'json';
}

/** Result by method. */
export interface Results {
  'helper-output': HelperOutput;
  'access-token': AccessTokenResult;
  'endpoint-token': { readonly token: string; readonly expiresOn: string };
  'resource-token': BearerToken;
  'sign-in': { readonly account: AccountSummary; readonly saved: boolean };
  'set-api-key': { readonly saved: true };
  /** `broker`: the account is still signed in to the computer. */
  'sign-out': { readonly removed: boolean; readonly credential: CredentialKind; readonly broker?: true };
  status: AgentStatus;
  diagnose: { readonly complete: true };
  stop: { readonly pid: number };
}

export interface RequestFrame {
  readonly protocol: number;
  /** Version of the program that asks. */
  readonly version: string;
  /** Where a page or a notification appears, and whose keystore is asked. */
  readonly session?: CallerSession | undefined;
  /** Process that asks, as it says itself; for the audit log only. */
  readonly pid?: number;
  readonly request: Request;
}

export interface ReplyFrame {
  readonly protocol: number;
  /** Version of the agent. */
  readonly version: string;
  /** The answer may take this many milliseconds from the request on: keep waiting. */
  readonly waitMs?: number;
  readonly progress?: SignInProgress;
  /** A piece of what was asked for, ahead of the result. Its form depends on the request. */
  readonly part?: unknown;
  readonly result?: unknown;
  readonly error?: ErrorRecord;
  /** The agent leaves in favor of a newer one: start that and ask again. */
  readonly steppingAside?: boolean;
}
