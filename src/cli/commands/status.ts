import { errorFromRecord, exitCodeOf } from '../../core/errors.ts';
import { describeUnwritable } from '../../core/unwritable.ts';
import type { AccountSummary, AgentStatus } from '../../ipc/protocol.ts';
import { productPaths } from '../../platform/paths.ts';
import { askIfRunning } from '../agent-client.ts';
import { print, printJson, printTable } from '../terminal.ts';

const SIGN_IN_WORDS: Readonly<Record<AgentStatus['signIn'], string>> = {
  'signed-in': 'signed in',
  'signed-out': 'nobody is signed in',
  ended: 'expired or revoked',
  pending: 'waiting for the user in the browser',
  unknown: 'not known',
};

/**
 * Says who is signed in and what the agent does; never starts an agent and never prompts. Exit code 0 if there's a
 * token, otherwise that of the problem.
 */
export async function status(options: { readonly json?: boolean }): Promise<void> {
  const paths = productPaths();
  const found = await askIfRunning({ method: 'status' });
  const files = { configuration: paths.config, state: paths.state, log: paths.log };
  if (options.json === true) printJson({ running: found !== undefined, ...found, files });
  else if (found === undefined) print('The agent does not run; it starts when Claude Desktop asks for a token.');
  else printTable([...rows(found), ['log', paths.log]]);
  process.exitCode = exitCode(found);
}

const API_KEY_WORDS = { 'signed-in': 'kept in the keystore', 'signed-out': 'none is kept' } as const;

function rows({
  agent,
  credential,
  signIn,
  account,
  endedAt,
  refusedAt,
  token,
  backOff,
  problem,
  unsaved,
  tenantId,
  unwritable = [],
  others = [],
}: AgentStatus): [string, string | undefined][] {
  const failure = errorFromRecord(problem);
  return [
    ['agent', `process ${agent.pid}, version ${agent.version} (${agent.commit}), since ${agent.startedAt}`],
    credential === 'api-key'
      ? ['API key', apiKeyWords(signIn)]
      : ['sign-in', SIGN_IN_WORDS[signIn] + (endedAt === undefined ? '' : ` since ${endedAt}`)],
    ['account', account && nameOf(account)],
    ['tenant', tenantId],
    ['token', token && `valid for ${Math.floor(token.remainingSeconds / 60)} min, until ${token.expiresOn}`],
    ['next try', backOff && `${backOff.until}, after ${backOff.attempt} failed`],
    ['keystore', unsaved === true ? 'the sign-in could not be saved yet' : undefined],
    ['problem', failure && `${failure.code}: ${failure.message}`],
    ['refused', refusedAt],
    ['correlation ID', failure?.correlationId],
    ['remedy', failure?.hint],
    ...unwritable.map(describeUnwritable).flatMap(({ detail, remedy }): [string, string][] => [
      ['warning', `the agent ${detail}; tokens keep working`],
      ['remedy', remedy],
    ]),
    ...others.map(({ account: other, ...rest }): [string, string] => [
      'also kept',
      `${nameOf(other)}, tenant ${rest.tenantId}, application ${rest.clientId}, last used ${rest.lastUsedAt}`,
    ]),
  ];
}

function apiKeyWords(signIn: AgentStatus['signIn']): string {
  return signIn === 'signed-in' || signIn === 'signed-out' ? API_KEY_WORDS[signIn] : SIGN_IN_WORDS.unknown;
}

/** Entra's ID token doesn't always name the account. */
function nameOf({ username }: AccountSummary): string {
  return username === '' ? 'not named by Entra' : username;
}

function exitCode(found: AgentStatus | undefined): number {
  if (found === undefined) return exitCodeOf('ERR_AGENT_NOT_RUNNING');
  const problem = errorFromRecord(found.problem);
  if (found.signIn === 'pending') return exitCodeOf('ERR_SIGN_IN_PENDING');
  if (found.signIn === 'signed-out') return exitCodeOf('ERR_SIGN_IN_REQUIRED');
  if (problem?.code === 'ERR_SIGN_IN_OTHER_ACCOUNT') return exitCodeOf(problem.code);
  // While a token works, a failing Entra isn't the user's problem.
  if (problem === undefined || found.token !== undefined) return 0;
  return exitCodeOf(problem.code);
}
