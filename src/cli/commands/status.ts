import { type RememberedStatus, rememberedStatus } from '../../agent-process/remembered.ts';
import { type AppError, errorFromRecord, exitCodeOf } from '../../core/errors.ts';
import { describeAttempt, describeFailedAttempt } from '../../core/last-failure.ts';
import { localTime } from '../../core/local-time.ts';
import { describeUnwritable } from '../../core/unwritable.ts';
import type { AccountSummary, AgentStatus, ResourceStatus } from '../../ipc/protocol.ts';
import { productPaths } from '../../platform/paths.ts';
import { askIfRunning } from '../agent-client.ts';
import { print, printJson, printTable } from '../terminal.ts';

type Row = readonly [name: string, value: string | undefined];

const SIGN_IN_WORDS: Readonly<Record<AgentStatus['signIn'], string>> = {
  'signed-in': "you're signed in",
  'signed-out': "you're not signed in",
  ended: 'your sign-in ended',
  pending: 'waiting for you',
  unknown: 'not known',
};

/**
 * Says who is signed in and what the agent does; never starts an agent and never prompts. If none runs, says what the
 * last one has written down. Exit code 0 if there's a token, otherwise that of the problem.
 */
export async function status(options: { readonly json?: boolean }): Promise<void> {
  const paths = productPaths();
  const found = await askIfRunning({ method: 'status' });
  const known = found ?? (await rememberedStatus(paths));
  const files = { configuration: paths.config, state: paths.state, log: paths.log };
  if (options.json === true) printJson({ running: found !== undefined, ...known, files });
  else if (found === undefined) {
    print("The agent isn't running. It starts when Claude Desktop asks for a token.");
    printTable([...rememberedRows(known), ['log', paths.log]]);
  } else printTable([...rows(found), ['log', paths.log]]);
  process.exitCode = exitCode(found);
}

const END_WORDS = {
  policy: 'as earlier sign-ins did',
  password: 'when the password expires',
  session: 'as Entra says',
} as const;

const API_KEY_WORDS = { 'signed-in': 'kept in the keystore', 'signed-out': 'none is kept' } as const;

function rows(status: AgentStatus): readonly Row[] {
  const { agent, credential, signIn, account, endedAt, ends, token, unsaved, tenantId } = status;
  const { unwritable = [], others = [], resources = [] } = status;
  return [
    ['agent', `process ${agent.pid}, version ${agent.version} (${agent.commit}), since ${localTime(agent.startedAt)}`],
    credential === 'api-key' ? ['API key', apiKeyWords(signIn)] : ['sign-in', signInWords(signIn, endedAt)],
    ['ends', ends && `${localTime(ends.at)}, ${END_WORDS[ends.reason]}`],
    ['account', account && `${nameOf(account)}${status.broker === true ? ", this computer's account" : ''}`],
    ['tenant', tenantId],
    ['token', token && `valid for ${Math.floor(token.remainingSeconds / 60)} min, until ${localTime(token.expiresOn)}`],
    ['keystore', unsaved === true ? "your sign-in couldn't be saved yet" : undefined],
    ...problemRows(status),
    ...resources.flatMap(resourceRows),
    ...unwritable.map(describeUnwritable).flatMap(({ detail, remedy }): Row[] => [
      ['warning', `the agent ${detail}; tokens keep working`],
      ['remedy', remedy],
    ]),
    ...others.map(
      ({ account: other, ...rest }): Row => [
        'also kept',
        `${nameOf(other)}, tenant ${rest.tenantId}, application ${rest.clientId}, last used ${localTime(rest.lastUsedAt)}`,
      ],
    ),
  ];
}

function resourceRows({ scope, token, problem }: ResourceStatus): readonly Row[] {
  const error = errorFromRecord(problem);
  const life = token === undefined ? 'no token' : `token valid for ${Math.floor(token.remainingSeconds / 60)} min`;
  if (problem === undefined || error === undefined) return [['resource', `${scope}: ${life}`]];
  return [
    ['resource', `${scope}: ${life}; ${localTime(problem.at)}, ${error.code}: ${error.publicMessage}`],
    ['remedy', error.hint],
  ];
}

function rememberedRows(known: RememberedStatus): readonly Row[] {
  const { endedAt } = known;
  return [['sign-in', endedAt === undefined ? undefined : signInWords('ended', endedAt)], ...problemRows(known)];
}

/** What's wrong now, and what failed last. */
function problemRows({
  problem,
  refusedAt,
  backOff,
  lastFailure,
}: Pick<AgentStatus, 'problem' | 'refusedAt' | 'backOff' | 'lastFailure'>): readonly Row[] {
  const error = errorFromRecord(problem);
  return [
    ['problem', error && `${error.code}: ${error.message}`],
    ['refused', refusedAt && localTime(refusedAt)],
    ['correlation ID', error?.correlationId],
    ['next try', backOff && `${localTime(backOff.until)}, after ${triesFailed(backOff.attempt)}`],
    ['remedy', error?.hint],
    ...(lastFailure === undefined ? [] : failureRows(lastFailure, error)),
  ];
}

function failureRows(failure: NonNullable<AgentStatus['lastFailure']>, problem: AppError | undefined): readonly Row[] {
  const { recoveredAt } = failure;
  const isProblem = problem !== undefined && problem.publicMessage === errorFromRecord(failure)?.publicMessage;
  const why = isProblem ? failure.code : describeFailedAttempt(failure);
  const since = recoveredAt === undefined ? '' : `; it has worked again since ${localTime(recoveredAt)}`;
  const isOpen = problem === undefined && recoveredAt === undefined;
  return [
    ['last failure', `${describeAttempt(failure)}: ${why}${since}`],
    ['remedy', isOpen ? errorFromRecord(failure)?.hint : undefined],
  ];
}

function triesFailed(count: number): string {
  return count === 1 ? 'a failed try' : `${count} failed tries`;
}

function signInWords(signIn: AgentStatus['signIn'], endedAt: string | undefined): string {
  const words = SIGN_IN_WORDS[signIn];
  if (endedAt === undefined) return words;
  return signIn === 'ended'
    ? `${words} ${localTime(endedAt)}`
    : `${words}; the last sign-in ended ${localTime(endedAt)}`;
}

function apiKeyWords(signIn: AgentStatus['signIn']): string {
  return signIn === 'signed-in' || signIn === 'signed-out' ? API_KEY_WORDS[signIn] : SIGN_IN_WORDS.unknown;
}

/** Entra's ID token doesn't always name the account. */
function nameOf({ username }: AccountSummary): string {
  return username === '' ? 'not named by Entra' : username;
}

/** The same as of a helper that runs unattended now. */
function exitCode(found: AgentStatus | undefined): number {
  if (found === undefined) return exitCodeOf('ERR_AGENT_NOT_RUNNING');
  const problem = errorFromRecord(found.problem);
  if (problem?.code === 'ERR_SIGN_IN_OTHER_ACCOUNT') return exitCodeOf(problem.code);
  // While a token works, a failing Entra isn't the user's problem.
  if (found.token !== undefined) return 0;
  const isKept = found.account !== undefined && found.endedAt === undefined;
  const needsSignIn = !isKept || problem?.category === 'sign-in';
  if (found.signIn === 'pending' && needsSignIn) return exitCodeOf('ERR_SIGN_IN_PENDING');
  if (found.signIn === 'signed-out') return exitCodeOf('ERR_SIGN_IN_REQUIRED');
  return problem === undefined ? 0 : exitCodeOf(problem.code);
}
