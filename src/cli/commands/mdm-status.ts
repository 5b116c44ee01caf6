// `status --mdm`: what the scripts for Intune, Jamf, and Kandji show. docs/how-to/mdm-scripts.md explains the words.
import { type AppError, type ErrorCategory, errorFromRecord, toAppError } from '../../core/errors.ts';
import { printable } from '../../core/printable.ts';
import type { AgentStatus } from '../../ipc/protocol.ts';
import { productPaths } from '../../platform/paths.ts';
import { userHome } from '../../platform/user-home.ts';
import { askIfRunning } from '../agent-client.ts';
import { note, print } from '../terminal.ts';

/**
 * The exit code of each word: 0 if there's nothing that an admin must do, otherwise 1. Words are added, never renamed.
 */
export const MDM_WORDS = {
  'signed-in': 0,
  'signed-out': 0,
  'sign-in-required': 0,
  pending: 0,
  ended: 0,
  'agent-not-running': 0,
  misconfigured: 1,
  refused: 1,
  offline: 1,
  'keystore-fault': 1,
  'agent-hung': 1,
  'agent-fault': 1,
  'run-as-system': 1,
  fault: 1,
} as const;

type MdmWord = keyof typeof MDM_WORDS;

interface MdmState {
  readonly word: MdmWord;
  readonly problem?: AppError | undefined;
}

const WORDS: Readonly<Record<ErrorCategory, MdmWord>> = {
  internal: 'fault',
  incomplete: 'fault',
  usage: 'fault',
  configuration: 'misconfigured',
  'sign-in': 'sign-in-required',
  pending: 'pending',
  agent: 'agent-fault',
  network: 'offline',
  keystore: 'keystore-fault',
  policy: 'refused',
};

/** Characters of a reason. Intune keeps 2,048 of a script's output. */
const MAX_REASON = 300;

/**
 * Prints one word on stdout, and the reason, if there is one, as one line without account names on stderr. Exits with 0
 * or 1, whatever happens. Starts no agent, and doesn't prompt.
 */
export async function mdmStatus(): Promise<void> {
  const { word, problem } = await findState();
  if (problem !== undefined) note(reasonOf(problem));
  print(word);
  process.exitCode = MDM_WORDS[word];
}

async function findState(): Promise<MdmState> {
  if (isWindowsSystem()) return { word: 'run-as-system' };
  try {
    const found = await askIfRunning({ method: 'status' });
    return found === undefined ? await withoutAgent() : stateOf(found);
  } catch (thrown) {
    return failed(toAppError(thrown));
  }
}

/**
 * The agent starts when Claude Desktop asks for a token, but needs valid settings for that.
 * @throws AppError ERR_CONFIG_*
 */
async function withoutAgent(): Promise<MdmState> {
  const { openSystemConfiguration } = await import('../../config/load.ts');
  const { requireSettings } = await import('../../config/resolve.ts');
  requireSettings((await openSystemConfiguration(process.env, productPaths())).current());
  return { word: 'agent-not-running' };
}

function stateOf({ signIn, token, problem: record }: AgentStatus): MdmState {
  const problem = errorFromRecord(record);
  if (signIn === 'signed-out' || signIn === 'pending') return { word: signIn };
  if (signIn === 'ended') return { word: signIn, problem };
  // While a token works, no one has to act on a failing Entra yet. With a different account, the token isn't handed
  // out.
  const isHandedOut = token !== undefined && problem?.code !== 'ERR_SIGN_IN_OTHER_ACCOUNT';
  return problem === undefined || isHandedOut ? { word: 'signed-in' } : failed(problem);
}

function failed(problem: AppError): MdmState {
  const isHung = problem.code === 'ERR_AGENT_UNREACHABLE';
  return { word: isHung ? 'agent-hung' : WORDS[problem.category], problem };
}

/** The home folder's name is usually the account's. */
function reasonOf({ code, publicMessage }: AppError): string {
  return printable(`${code}: ${publicMessage.replaceAll(userHome(), '~')}`, MAX_REASON);
}

/** Windows' own account, as which Intune runs a script by default, has no user's agent. */
function isWindowsSystem(): boolean {
  return process.platform === 'win32' && /\\config\\systemprofile\\?$/i.test(process.env['USERPROFILE'] ?? '');
}
