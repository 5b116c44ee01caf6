import { basename } from 'node:path/win32';
import type { FindingId } from './finding.ts';
import type { DesktopValues } from './values.ts';

type Report = (id: FindingId, key: string) => void;
type System = 'posix' | 'windows';

const WINDOWS_PROGRAM = /\.(?:exe|com|cmd|bat|ps1)$/i;

export function lintHelperPath({ document, text }: DesktopValues, report: Report): void {
  const path = text('inferenceCredentialHelper');
  const windowsPath = text('inferenceCredentialHelperWindows');
  const systems: readonly System[] =
    document.form === 'registry' ? ['windows'] : document.form === 'plist' ? ['posix'] : ['posix', 'windows'];
  if (path === undefined && windowsPath === undefined) report('helper-path-missing', 'inferenceCredentialHelper');
  // Where Windows has a path of its own, the other one is for macOS and Linux.
  if (path !== undefined) checkPath('inferenceCredentialHelper', path, windowsPath ? ['posix'] : systems, report);
  if (windowsPath !== undefined) checkPath('inferenceCredentialHelperWindows', windowsPath, ['windows'], report);
  const isOurs = [path, windowsPath].some((candidate) => /^foundry-credential-helper/i.test(basename(candidate ?? '')));
  const args = text('inferenceCredentialHelperArgs');
  if (isOurs && args !== undefined && args !== '[]') {
    report('helper-arguments', 'inferenceCredentialHelperArgs');
  }
}

function checkPath(key: string, path: string, systems: readonly System[], report: Report): void {
  if (hasArguments(path)) report('helper-path-arguments', key);
  else if (!systems.some((system) => isAbsoluteLocal(path, system))) report('helper-path-not-absolute', key);
}

/** Folders may have spaces in their names, so a space alone proves nothing before the last separator. */
function hasArguments(path: string): boolean {
  if (/["']/.test(path) || /\s--?[a-z]/i.test(path)) return true;
  if (/\.(?:exe|com|cmd|bat|ps1)\s/i.test(path)) return true;
  const segments = path.split(/[\\/]/);
  if (segments.slice(0, -1).some((segment) => segment !== segment.trimEnd())) return true;
  const last = segments.at(-1) ?? '';
  return /\s/.test(last) && !WINDOWS_PROGRAM.test(last);
}

function isAbsoluteLocal(path: string, system: System): boolean {
  if (system === 'posix') return /^\/(?!\/)/.test(path) && !/\$[{A-Z]/.test(path);
  return /^[a-z]:[\\/]/i.test(path) && !/%[^%\\]+%/.test(path);
}
