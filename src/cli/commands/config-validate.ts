import type { Finding } from '../../claude-desktop/finding.ts';
import type { Credential } from '../../claude-desktop/header.ts';
import { openSystemConfiguration } from '../../config/load.ts';
import type { Resolution } from '../../config/resolve.ts';
import { AppError, errorToRecord } from '../../core/errors.ts';
import { productPaths } from '../../platform/paths.ts';
import { bySeverity, countFindings } from '../../rollout/validate/finding-order.ts';
import { lintConfiguration } from '../../rollout/validate/lint-configuration.ts';
import { type FilesReview, reviewFiles } from '../../rollout/validate/review-files.ts';
import { note, print, printJson, printText } from '../terminal.ts';

export interface ValidateOptions {
  readonly json?: boolean;
  readonly desktopVersion?: string;
}

/**
 * Checks the given files or, without any, this computer's own configuration. Exit code 1 if anything found is an error.
 * @throws AppError ERR_USAGE for a malformed version; ERR_FILE_UNREADABLE or ERR_CONFIG_UNREADABLE for the first file
 *   that can't be judged, after everything has been shown
 */
export async function configValidate(files: readonly string[], options: ValidateOptions): Promise<void> {
  const desktopVersion = desktopVersionFrom(options);
  const resolution = (await openSystemConfiguration(process.env, productPaths())).current();
  const { findings, headers, unreadable } =
    files.length === 0
      ? reviewConfiguration(resolution)
      : await reviewFiles(files, { desktopVersion, credential: ownCredential(resolution) });
  const hasErrors = findings.some(({ severity }) => severity === 'error');
  if (options.json === true) {
    const valid = !hasErrors && unreadable.length === 0;
    printJson({ valid, files, findings, headers, unreadable: unreadable.map(errorToRecord) });
  } else {
    showFindings(findings, unreadable.length);
    for (const { file, text } of headers) printText('', `${file}: ${text}`);
  }
  const [first, ...others] = unreadable;
  for (const problem of others) note(`also: ${problem.message}`);
  if (first !== undefined) throw first;
  if (hasErrors) process.exitCode = 1;
}

function desktopVersionFrom({ desktopVersion }: ValidateOptions): string | undefined {
  if (desktopVersion === undefined || /^\d{1,6}(?:\.\d{1,6}){1,3}$/.test(desktopVersion)) return desktopVersion;
  throw new AppError('ERR_USAGE', {
    detail: '--desktop-version takes a version of Claude Desktop, such as 2.26454.0',
  });
}

/** What this computer's settings say; nothing if they leave it at the default, since the files may be for others. */
function ownCredential({ settings: { credential } }: Resolution): Credential | undefined {
  return credential.origin?.kind === 'default' ? undefined : credential.value;
}

function reviewConfiguration(resolution: Resolution): FilesReview {
  const review = lintConfiguration(resolution);
  const files = [...new Set(review.findings.map(({ file }) => file))];
  const findings = files.flatMap((file) => bySeverity(review.findings.filter((one) => one.file === file)));
  return { ...review, findings, headers: [] };
}

function showFindings(findings: readonly Finding[], unreadable: number): void {
  let shown: string | undefined;
  for (const { file, severity, id, key, element, rule, remedy } of findings) {
    if (file !== shown && shown !== undefined) print('');
    if (file !== shown) print(file);
    shown = file;
    const place = [key, element].filter((part) => part !== undefined).join(', ');
    printText('  ', `${severity}: ${id}${place === '' ? '' : `  ${place}`}`);
    printText('    ', rule);
    printText('    remedy: ', remedy);
  }
  const unjudged = unreadable === 0 ? '' : `; ${unreadable} ${unreadable === 1 ? 'file' : 'files'} couldn't be checked`;
  if (findings.length > 0) {
    print('');
    printText('', `${countFindings(findings)}${unjudged}.`);
  } else if (unreadable === 0) print('No findings.');
}
