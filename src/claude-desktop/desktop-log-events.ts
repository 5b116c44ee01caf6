// What Claude Desktop's log says about its helper, its configuration, and its provider. The texts of the helper's runs
// are those of the runner that the vendor publishes inside the npm package @anthropic-ai/claude-code, version 2.1.332;
// the others come from public reports.
import { type ErrorCode, errorCatalog } from '../core/errors.ts';
import type { LogEntry } from './desktop-log-file.ts';
import { isDesktopKey } from './keys.ts';

/**
 * Which success ends a trouble: a run of the helper, an answer of the provider, or a start with a sound configuration.
 */
export type TroubleKind = 'helper' | 'provider' | 'configuration';

const TROUBLES = {
  'bad-path': 'helper',
  'bad-args': 'helper',
  'not-found': 'helper',
  'not-allowed': 'helper',
  'wrong-format': 'helper',
  'no-resources': 'helper',
  'powershell-restricted': 'helper',
  'spawn-failed': 'helper',
  'timed-out': 'helper',
  'tcc-denied': 'helper',
  'helper-error': 'helper',
  'non-zero-exit': 'helper',
  empty: 'helper',
  'not-json': 'helper',
  'multiple-lines': 'helper',
  'control-characters': 'helper',
  'token-missing': 'helper',
  'headers-invalid': 'helper',
  'unusable-output': 'helper',
  refused: 'provider',
  forbidden: 'provider',
  unreachable: 'provider',
  untrusted: 'provider',
  unhealthy: 'provider',
  'configuration-refused': 'configuration',
  'value-refused': 'configuration',
  'key-ignored': 'configuration',
  'model-removed': 'configuration',
  'several-credentials': 'configuration',
} as const satisfies Record<string, TroubleKind>;

export type TroubleId = keyof typeof TROUBLES;

export const troubleIds = Object.keys(TROUBLES) as readonly TroubleId[];
export const kindOf = (id: TroubleId): TroubleKind => TROUBLES[id];

/** Public: nothing in it is quoted but numbers, codes, and names from this program's own tables. */
export interface Trouble {
  readonly what: 'trouble';
  readonly id: TroubleId;
  /** The helper's own error. */
  readonly code?: ErrorCode | undefined;
  readonly exitCode?: string | undefined;
  /** The system's error, such as ENOENT. */
  readonly errno?: string | undefined;
  readonly timeoutMs?: number | undefined;
  /** A key of Claude Desktop's. */
  readonly key?: string | undefined;
}

export type DesktopEvent =
  | Trouble
  | { readonly what: 'started'; readonly version?: string | undefined }
  /** Another copy ran already, so the start before it wasn't one. */
  | { readonly what: 'not-started' }
  | { readonly what: 'helper-succeeded' }
  | { readonly what: 'helper-aborted' }
  | { readonly what: 'provider-answered' };

type Reader = (found: RegExpExecArray, text: string) => DesktopEvent | undefined;

const trouble =
  (id: TroubleId): Reader =>
  () => ({ what: 'trouble', id });

/** The first one that fits counts. */
const READERS: readonly (readonly [RegExp, Reader])[] = [
  [/^Starting app\b/, (_, text) => ({ what: 'started', version: /appVersion: '([\d.]{3,40})'/.exec(text)?.[1] })],
  [/^Not main instance\b/, () => ({ what: 'not-started' })],
  // The helper's words follow in some of these lines, so what they are must be decided by how a line begins.
  [/^\[custom-3p\] helper ok\b/, () => ({ what: 'helper-succeeded' })],
  [/^\[custom-3p\] helper aborted\b/, () => ({ what: 'helper-aborted' })],
  [/^\[custom-3p\] helper must be a local absolute path\b/, trouble('bad-path')],
  [/^\[custom-3p\] Argument \d+ of \d+ .* Not running the helper\b/, trouble('bad-args')],
  [/^\[custom-3p\] helper timed out after (\d{1,9})ms/, timedOut],
  [/^\[custom-3p\] helper blocked by macOS TCC\b/, trouble('tcc-denied')],
  [/^\[custom-3p\] helper exited code=(-?\w{1,12})/, exited],
  [/^\[custom-3p\] helper produced no output\b/, trouble('empty')],
  [/^\[custom-3p\] helper (?:spawn|runner) failed \(([^)]{0,60})\)(.*)/, (found) => spawnFailed(found[2] || found[1])],
  [/^\[custom-3p\] credential helper (?:stdout looks like JSON|output starts with '\{')/, trouble('not-json')],
  [/^\[custom-3p\] credential helper stdout has multiple lines\b/, trouble('multiple-lines')],
  [/^\[custom-3p\] credential helper token contains control characters\b/, trouble('control-characters')],
  [/^\[custom-3p\] credential helper JSON missing 'token'/, trouble('token-missing')],
  [/^\[custom-3p\] credential helper (?:JSON 'headers' must|header contains control)/, trouble('headers-invalid')],
  [/^\[custom-3p\] credential helper failed \(reason=([a-z-]{1,20})\)/, failedFor],
  [/\bCredential helper failed to start \((.*)/, (found) => spawnFailed(found[1])],
  [/\bCredential helper output was not a usable credential\b/, trouble('unusable-output')],
  [/\bMultiple credential methods configured \([^)]*\); using (\S{1,30}?)[.]?(?:\s|$)/, severalCredentials],
  [/\bCredentials read failed\b|^\[custom-3p\] configError\b/, trouble('configuration-refused')],
  [/\b(?:Failed to parse (?:managed|enterprise) config|[Mm]anaged config) "([^"]{1,80})"/, keyed('value-refused')],
  [/\bFailed to parse enterprise config\b/, trouble('configuration-refused')],
  [/\bIgnoring (?:local|managed) configuration value "([^"]{1,80})"/, ignoredKey],
  [/^inferenceModels: .* was removed from the list\b/, keyed('model-removed', 'inferenceModels')],
  [/\bConfigHealth recomputed \{.*?state: '(\w{1,30})'/, health],
  [/\bTurn succeeded\b/, () => ({ what: 'provider-answered' })],
];

/** Words that mean something only in a warning or an error. */
const COMPLAINTS: typeof READERS = [
  [/\binvalid subscription key\b|^\[custom-3p\] .*\b401\b/, trouble('refused')],
  [/\blacks the required data action\b|^\[custom-3p\] .*\b403\b/, trouble('forbidden')],
  [
    /^\[custom-3p\] .*\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH)\b/,
    unreachable,
  ],
  [/^\[custom-3p\] .*(?:\bcertificate\b|\bERR_CERT_|\bself.signed\b|\bSELF_SIGNED)/i, trouble('untrusted')],
];

/** What a line of the log says; `undefined` if it's about something else. */
export function eventOf({ text, level }: Pick<LogEntry, 'text' | 'level'>): DesktopEvent | undefined {
  for (const [pattern, read] of READERS) {
    const found = pattern.exec(text);
    if (found !== null) return read(found, text);
  }
  if (!/^(?:warn|error|fatal)/.test(level)) return undefined;
  for (const [pattern, read] of COMPLAINTS) {
    const found = pattern.exec(text);
    if (found !== null) return read(found, text);
  }
  return undefined;
}

function timedOut(found: RegExpExecArray): DesktopEvent {
  return { what: 'trouble', id: 'timed-out', timeoutMs: Number(found[1]) };
}

function exited(found: RegExpExecArray, text: string): DesktopEvent {
  const code = ownCode(text);
  return { what: 'trouble', id: code === undefined ? 'non-zero-exit' : 'helper-error', code, exitCode: found[1] };
}

/** The code in what this program writes to stderr. */
function ownCode(text: string): ErrorCode | undefined {
  const code = /foundry-credential-helper: error\[(ERR_[A-Z_]{1,60})\]/.exec(text)?.[1];
  return code !== undefined && Object.hasOwn(errorCatalog, code) ? (code as ErrorCode) : undefined;
}

/** By the system's error; each pattern also has the texts without a code that systems and Node use. */
const SPAWN_FAULTS: readonly (readonly [TroubleId, RegExp])[] = [
  ['timed-out', /did not settle within (\d{1,9})ms/],
  ['powershell-restricted', /PowerShell is required/],
  ['not-found', /\bENOENT\b|\bENOTDIR\b/],
  ['not-allowed', /\bEACCES\b|\bEPERM\b|blocked by|Operation not permitted|\bUNKNOWN\b/],
  ['wrong-format', /\bENOEXEC\b|\bEFTYPE\b|\bEBADARCH\b|Unknown system error -(?:8|86)\b|Bad CPU type/],
  ['no-resources', /\bEAGAIN\b|\bENOMEM\b|\bEMFILE\b|\bENFILE\b/],
];

function spawnFailed(words = ''): DesktopEvent {
  const id = SPAWN_FAULTS.find(([, pattern]) => pattern.test(words))?.[0] ?? 'spawn-failed';
  const timeout = /did not settle within (\d{1,9})ms/.exec(words)?.[1];
  return {
    what: 'trouble',
    id,
    errno: /\bE[A-Z]{3,12}\b/.exec(words)?.[0],
    timeoutMs: timeout === undefined ? undefined : Number(timeout),
  };
}

/** The runner's reasons. A line before this one usually says more. */
function failedFor(found: RegExpExecArray): DesktopEvent | undefined {
  const [, reason = ''] = found;
  if (reason === 'aborted') return { what: 'helper-aborted' };
  const id = troubleIds.find((one) => one === reason);
  return { what: 'trouble', id: id ?? 'unusable-output' };
}

function severalCredentials(found: RegExpExecArray): DesktopEvent | undefined {
  return found[1] === 'helper-script' ? undefined : { what: 'trouble', id: 'several-credentials' };
}

function keyed(id: TroubleId, fixed?: string): Reader {
  return (found) => ({ what: 'trouble', id, key: fixed ?? knownKey(found[1]) });
}

const knownKey = (name = ''): string | undefined => (isDesktopKey(name) || name === 'inference' ? name : undefined);

/** Only inference keys matter here: other programs' keys and misspelled ones are often left in a configuration. */
function ignoredKey(found: RegExpExecArray): DesktopEvent | undefined {
  const key = knownKey(found[1]);
  return key?.startsWith('inference') === true ? { what: 'trouble', id: 'key-ignored', key } : undefined;
}

function health(found: RegExpExecArray): DesktopEvent | undefined {
  if (found[1] === 'healthy') return { what: 'provider-answered' };
  // Claude Desktop doesn't try every credential.
  return found[1] === 'not_testable' ? undefined : { what: 'trouble', id: 'unhealthy' };
}

function unreachable(found: RegExpExecArray): DesktopEvent {
  return { what: 'trouble', id: 'unreachable', errno: found[1] };
}
