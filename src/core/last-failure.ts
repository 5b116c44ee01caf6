import { type ErrorRecord, errorFromRecord } from './errors.ts';
import { localTime } from './local-time.ts';

/** What fails in the agent: a client's request, a refresh that no one waits for, or a sign-in that no one waits for. */
export type FailingClient =
  | 'claude-desktop'
  | 'claude-code'
  | 'token'
  | 'exec'
  | 'doctor'
  | 'login'
  | 'refresh-ahead'
  | 'sign-in';

/** The last attempt that failed, as `status` reports it: public facts only. */
export interface LastFailure extends Pick<ErrorRecord, 'code' | 'detail' | 'reason' | 'tlsFault' | 'correlationId'> {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** A `FailingClient`, or one that only a newer version of this program knows. */
  readonly client: string;
  /** Claude Desktop's `CLAUDE_HELPER_CONTEXT`. */
  readonly context?: string | undefined;
  /** When something worked again, RFC 3339, UTC. Absent while nothing has. */
  readonly recoveredAt?: string | undefined;
}

const CLIENTS = {
  'claude-desktop': 'Claude Desktop',
  'claude-code': 'Claude Code',
  token: '"token"',
  exec: '"exec"',
  doctor: '"doctor"',
  login: '"login"',
  'refresh-ahead': 'the agent, renewing the token',
  'sign-in': 'the sign-in page',
} as const satisfies Record<FailingClient, string>;

const CONTEXTS = {
  'mid-session-refresh': ' in the middle of a session',
  'scheduled-task': ' for a scheduled task',
  'setup-test': ' in its setup test',
  background: ' in the background',
} as const;

/** When it was, in local time, and whose attempt it was. */
export function describeAttempt({ at, client, context }: LastFailure): string {
  return `${localTime(at)}, ${wordsOf(CLIENTS, client) ?? client}${wordsOf(CONTEXTS, context) ?? ''}`;
}

function wordsOf(table: Readonly<Record<string, string>>, name = ''): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Why it failed, without account names; undefined if this isn't a failure that this version can read. */
export function describeFailedAttempt(failure: LastFailure): string | undefined {
  const error = errorFromRecord(failure);
  if (error === undefined) return undefined;
  const id = error.correlationId === undefined ? '' : ` (correlation id ${error.correlationId})`;
  return `${error.code}: ${error.publicMessage}${id}`;
}
