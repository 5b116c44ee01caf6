// The helper's path, arguments, and times, by Claude Desktop's own rules.
// https://claude.com/docs/third-party/claude-desktop/credential-helper
import type { System } from '../../core/system.ts';
import { DEFAULT_TTL_SECONDS } from '../cache-time.ts';
import { systemsOf } from '../document.ts';
import type { Examination } from '../examination.ts';
import { isOurHelper, usesHelper } from './credential.ts';

/** Entra's shortest token lives an hour, and the agent guarantees at most 80% of a token's life. */
const MAX_TTL_SECONDS = 0.8 * 3600;
/** At or below this, Claude Desktop doesn't check the age before a turn. */
const MIN_TTL_SECONDS = 120;
/** A sign-in with a second factor takes minutes. */
const MIN_TIMEOUT_SECONDS = 300;
const DEFAULT_TIMEOUT_SECONDS = 60;
const MAX_ARGUMENTS = 32;

export function checkHelper(examination: Examination): void {
  if (!usesHelper(examination.values)) return;
  checkPaths(examination);
  checkArguments(examination);
  checkTimes(examination);
  if (examination.values.flag('inferenceCredentialHelperSilentRefreshEnabled') === false) {
    examination.report('silent-refresh-off', 'inferenceCredentialHelperSilentRefreshEnabled');
  }
}

function checkPaths(examination: Examination): void {
  const { values, document, report } = examination;
  const path = values.text('inferenceCredentialHelper');
  const windowsPath = values.text('inferenceCredentialHelperWindows');
  if (path === undefined) {
    const rule = windowsPath === undefined ? {} : { rule: 'must be set, even if inferenceCredentialHelperWindows is' };
    report('helper-path-missing', 'inferenceCredentialHelper', rule);
  }
  const systems = systemsOf(document);
  if (path !== undefined) {
    // If Windows has its own path, the other one is for macOS and Linux.
    const readers = windowsPath === undefined ? systems : systems.filter((system) => system !== 'windows');
    checkPath(examination, 'inferenceCredentialHelper', { path, systems: readers });
  }
  if (windowsPath !== undefined) {
    checkPath(examination, 'inferenceCredentialHelperWindows', { path: windowsPath, systems: ['windows'] });
  }
}

interface PathCheck {
  readonly path: string;
  readonly systems: readonly System[];
}

function checkPath({ report }: Examination, key: string, { path, systems }: PathCheck): void {
  const rule = pathFault(path, systems);
  if (rule !== undefined) report('helper-path-invalid', key, { rule });
  else if (looksLikeArguments(path)) report('helper-path-arguments', key);
}

/** Why Claude Desktop refuses a path on every one of the systems; `undefined` if one of them takes it. */
export function pathFault(path: string, systems: readonly System[]): string | undefined {
  if (/\p{Cc}/u.test(path)) return 'must not hold control characters';
  if (/^(["']).*\1$/.test(path))
    return 'must not be in quotation marks: Claude Desktop takes them as part of the file name';
  if (/["%]/.test(path))
    return 'must not hold " or %: Claude Desktop takes the text as one file name and expands nothing';
  if (path.startsWith('~')) return "must not begin with ~, which isn't expanded";
  if (/^(?:\\\\|\/\/)/.test(path))
    return 'must be a path on this computer: network paths and \\\\?\\ names are refused';
  if (path.split(/[\\/]/).includes('..')) return 'must not hold a ".." segment';
  if (/[. ]$/.test(path)) return 'must not end in a dot or space';
  if (systems.length === 0 || systems.some((system) => isAbsolute(path, system))) return undefined;
  if (/^[a-z]:[\\/].*:/i.test(path)) return 'must not hold a colon after the drive letter';
  return 'must be an absolute local path for this system, written out in full';
}

function isAbsolute(path: string, system: System): boolean {
  return system === 'windows' ? /^[a-z]:[\\/][^:]*$/i.test(path) : path.startsWith('/');
}

/** Names may hold spaces, so this is a guess. */
export const looksLikeArguments = (path: string): boolean =>
  /\s--?[a-z]/i.test(path) || /\.(?:exe|com|cmd|bat|ps1|sh)\s/i.test(path);

function checkArguments(examination: Examination): void {
  const { values, report } = examination;
  const key = 'inferenceCredentialHelperArgs';
  const list = values.structure(key);
  if (!Array.isArray(list)) return;
  if (list.length > MAX_ARGUMENTS)
    report('helper-arguments-invalid', key, { rule: `must hold at most ${MAX_ARGUMENTS} texts` });
  const index = list.findIndex(
    (text) => typeof text !== 'string' || text.length === 0 || text.length > 1024 || /["%\p{Cc}]/u.test(text),
  );
  if (index !== -1) report('helper-arguments-invalid', key, { element: `entry ${index + 1}` });
  else if (list.length > 0 && isOurHelper(values)) report('helper-arguments', key);
}

function checkTimes({ values, report, options }: Examination): void {
  const seconds = (key: 'inferenceCredentialHelperTtlSec' | 'inferenceCredentialHelperTimeoutSec', fallback: number) =>
    values.has(key) ? (values.integer(key) ?? Number.NaN) : fallback;
  // No comparison holds for NaN: what isn't a number, or is out of range, is reported already.
  const ttl = seconds('inferenceCredentialHelperTtlSec', DEFAULT_TTL_SECONDS);
  // A key doesn't expire.
  if (ttl > MAX_TTL_SECONDS && options.credential !== 'api-key') {
    report('ttl-above-token-life', 'inferenceCredentialHelperTtlSec');
  } else if (ttl >= 1 && ttl <= MIN_TTL_SECONDS) report('ttl-too-short', 'inferenceCredentialHelperTtlSec');
  const timeout = seconds('inferenceCredentialHelperTimeoutSec', DEFAULT_TIMEOUT_SECONDS);
  if (timeout >= 1 && timeout < MIN_TIMEOUT_SECONDS) report('timeout-too-short', 'inferenceCredentialHelperTimeoutSec');
}
