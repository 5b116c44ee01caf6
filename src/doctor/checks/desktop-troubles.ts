// What each trouble in Claude Desktop's log means, and what to do about it.
import type { Trouble, TroubleId } from '../../claude-desktop/desktop-log-events.ts';
import { errorCatalog } from '../../core/errors.ts';
import type { Problem } from '../combine.ts';

interface Meaning {
  readonly state: Problem['state'];
  /** Completes "Claude Desktop …". */
  readonly text: string;
  readonly remedy: string;
}

const RESTART = 'quit Claude Desktop completely and start it again';
const TRY_AGAIN = 'then start a session in Claude Desktop';
const PROGRAM_ITSELF = `let inferenceCredentialHelper name ${process.execPath} itself, not a script; if it does, install the program again; ${TRY_AGAIN}`;
const SEE_REPORT = `${RESTART}; if it happens again, choose Help > Troubleshooting > Copy Managed Configuration Report in it, which says what it read and from where`;

/** The most that Claude Desktop waits in the middle of a session, whatever its settings say. */
const MID_SESSION_MS = 20_000;
const LONGEST_MS = 600_000;

const MEANINGS: Readonly<Record<TroubleId, (trouble: Trouble) => Meaning>> = {
  'bad-path': () => ({
    state: 'warn',
    text: "refused the helper's path, which must be absolute and on this computer",
    remedy: `set inferenceCredentialHelper to ${process.execPath}, the path only, and ${RESTART}`,
  }),
  'bad-args': () => ({
    state: 'fail',
    text: 'refused an argument in inferenceCredentialHelperArgs, so it never ran the helper',
    remedy: `remove inferenceCredentialHelperArgs, which this program doesn't need, and ${RESTART}`,
  }),
  'not-found': (trouble) => ({
    state: 'warn',
    text: `found no program at the helper's path${inParentheses(trouble)}; there is one now`,
    remedy: RESTART,
  }),
  'not-allowed': (trouble) => ({
    state: 'fail',
    text: `wasn't allowed to run the helper${inParentheses(trouble)}`,
    remedy: `have your IT department allow ${process.execPath} in application control and endpoint protection (such as AppLocker or Santa), and on a file system without noexec; ${TRY_AGAIN}`,
  }),
  'wrong-format': (trouble) => ({
    state: 'fail',
    text: `couldn't run the helper's file on this computer${inParentheses(trouble)}`,
    remedy: `install the program's package for this computer's processor (${process.arch}); ${TRY_AGAIN}`,
  }),
  'no-resources': (trouble) => ({
    state: 'warn',
    text: `couldn't start the helper because the computer had run out of memory, processes, or open files${inParentheses(trouble)}`,
    remedy: `close programs or restart the computer, ${TRY_AGAIN}`,
  }),
  'powershell-restricted': () => ({
    state: 'fail',
    text: "couldn't start PowerShell, which runs helpers that are .ps1 scripts",
    remedy: `set inferenceCredentialHelper to ${process.execPath}, and ${RESTART}`,
  }),
  'spawn-failed': (trouble) => ({
    state: 'fail',
    text: `couldn't start the helper${inParentheses(trouble)}`,
    remedy: `run "${process.execPath} version" in a terminal; if that doesn't work, install the program again, otherwise have your IT department check endpoint protection; ${TRY_AGAIN}`,
  }),
  'timed-out': timedOut,
  'tcc-denied': () => ({
    state: 'fail',
    text: "couldn't run the helper because of macOS privacy protection",
    remedy: `install the program from its package, outside of Desktop, Documents, Downloads, and iCloud, or allow Claude in System Settings > Privacy & Security > Files and Folders; ${TRY_AGAIN}`,
  }),
  'helper-error': helperError,
  'non-zero-exit': ({ exitCode }) => ({
    state: 'fail',
    text: `got no credential from the helper, which ended with exit code ${exitCode ?? 'unknown'} and no error of this program`,
    remedy: PROGRAM_ITSELF,
  }),
  empty: () => unusable('printed nothing'),
  'not-json': () => unusable("printed text that looks like JSON but isn't"),
  'multiple-lines': () => unusable('printed several lines'),
  'control-characters': () => unusable('printed control characters in the token'),
  'token-missing': () => unusable('printed JSON without a "token"'),
  'headers-invalid': () => unusable("printed headers that can't be sent"),
  'unusable-output': () => unusable('printed something else'),
  refused: () => ({
    state: 'warn',
    text: 'had its credential refused (401), although it would be accepted now',
    remedy: `${RESTART}, so that it uses its current settings`,
  }),
  forbidden: () => ({
    state: 'warn',
    text: 'had its requests refused (403), although they would be accepted now',
    remedy: `wait 5 minutes if a role was just assigned, and ${RESTART}`,
  }),
  unreachable: (trouble) => ({
    state: 'warn',
    text: `couldn't reach a server${inParentheses(trouble)}`,
    remedy: `check the proxy that Claude Desktop itself uses: egressProxyUrl, or the system's settings ("Proxy" in this list says which way its requests take); ${TRY_AGAIN}`,
  }),
  untrusted: () => ({
    state: 'warn',
    text: "didn't trust a server's certificate",
    remedy: `if your network inspects TLS, have its root certificate installed in the system's store, because Claude Desktop doesn't know "caFile"; ${TRY_AGAIN}`,
  }),
  unhealthy: () => ({
    state: 'warn',
    text: "found in its own test that its provider doesn't answer as it should, and shows that until someone has it test again",
    remedy: 'choose Check Again in Claude Desktop',
  }),
  'configuration-refused': () => ({
    state: 'fail',
    text: 'refused its configuration and started without it',
    remedy: SEE_REPORT,
  }),
  'value-refused': ({ key }) => ({
    state: 'warn',
    text: `refused the value of ${key ?? 'a key'}`,
    remedy: SEE_REPORT,
  }),
  'key-ignored': ({ key }) =>
    key === 'inference'
      ? {
          state: 'fail',
          text: 'ignored the group "inference", which its version doesn\'t know',
          remedy: `run "foundry-credential-helper claude-desktop configure", or update Claude Desktop; then ${RESTART}`,
        }
      : {
          state: 'warn',
          text: `ignored ${key ?? 'a key'}, which its version doesn't know`,
          remedy: `update Claude Desktop, or remove the key; then ${RESTART}`,
        },
  'model-removed': () => ({
    state: 'warn',
    text: "removed a model from its list because its name isn't that of a Claude model",
    remedy: `name the deployment after its model and write that name into inferenceModels, and ${RESTART}`,
  }),
  'several-credentials': () => ({
    state: 'fail',
    text: "found several credentials in its configuration, and uses one other than the helper's",
    remedy: `set inferenceCredentialKind to helper-script, remove the other credentials, and ${RESTART}`,
  }),
};

/** The trouble for people. @param when as "12 min ago" */
export function problemOf(trouble: Trouble, when: string): Problem {
  const { state, text, remedy } = MEANINGS[trouble.id](trouble);
  return { state, detail: `${when}, Claude Desktop ${text}`, remedy };
}

const inParentheses = ({ errno }: Trouble): string => (errno === undefined ? '' : ` (${errno})`);

const unusable = (printed: string): Meaning => ({
  state: 'fail',
  text: `couldn't use the helper's output: it ${printed}`,
  remedy: PROGRAM_ITSELF,
});

function timedOut({ timeoutMs = 0 }: Trouble): Meaning {
  const text = `waited ${Math.round(timeoutMs / 1000)} s for the helper, and then ended it`;
  if (timeoutMs <= MID_SESSION_MS) {
    const remedy =
      'start a new session in Claude Desktop, and sign in if it asks; if it happens again, run "foundry-credential-helper doctor" then';
    return { state: 'warn', text: `${text}: in the middle of a session it doesn't wait longer`, remedy };
  }
  const raise =
    timeoutMs < LONGEST_MS ? 'set inferenceCredentialHelperTimeoutSec to 600 to leave time to sign in; ' : '';
  return { state: 'warn', text, remedy: `${raise}start a session in Claude Desktop, and sign in if it asks` };
}

function helperError({ code = 'ERR_INTERNAL' }: Trouble): Meaning {
  const { message, hint } = errorCatalog[code];
  return { state: 'warn', text: `got an error from the helper: ${code}, ${message}`, remedy: `${hint}; ${TRY_AGAIN}` };
}
