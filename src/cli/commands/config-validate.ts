import type { Finding } from '../../claude-desktop/finding.ts';
import { openSystemConfiguration } from '../../config/load.ts';
import { AppError, errorToRecord } from '../../core/errors.ts';
import { productPaths } from '../../platform/paths.ts';
import { lintContent } from '../../rollout/validate/lint.ts';
import { type ConfigurationReview, lintConfiguration } from '../../rollout/validate/lint-configuration.ts';
import { readSettingsFile } from '../../rollout/validate/read-file.ts';
import { note, print, printJson } from '../terminal.ts';

/**
 * Checks the given files, or without any this computer's own configuration. Exit code 1 when there are findings.
 * @throws AppError ERR_CONFIG_UNREADABLE the first file that cannot be judged, after everything has been shown
 */
export async function configValidate(files: readonly string[], options: { readonly json?: boolean }): Promise<void> {
  const { findings, unreadable } = files.length === 0 ? await reviewConfiguration() : reviewFiles(files);
  if (options.json === true) {
    const valid = findings.length === 0 && unreadable.length === 0;
    printJson({ valid, files, findings, unreadable: unreadable.map(errorToRecord) });
  } else showFindings(findings, unreadable.length);
  const [first, ...others] = unreadable;
  for (const problem of others) note(`also: ${problem.message}`);
  if (first !== undefined) throw first;
  if (findings.length > 0) process.exitCode = 1;
}

const reviewConfiguration = async (): Promise<ConfigurationReview> =>
  lintConfiguration((await openSystemConfiguration(process.env, productPaths())).current());

function reviewFiles(files: readonly string[]): ConfigurationReview {
  const findings: Finding[] = [];
  const unreadable: AppError[] = [];
  for (const file of files) {
    try {
      findings.push(...lintContent(readSettingsFile(file)));
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      unreadable.push(thrown);
    }
  }
  return { findings, unreadable };
}

function showFindings(findings: readonly Finding[], unreadable: number): void {
  let shown: string | undefined;
  for (const { file, id, key, rule, remedy } of findings) {
    if (file !== shown) print(`${shown === undefined ? '' : '\n'}${oneLine(file)}`);
    shown = file;
    print(`  ${id}${key === undefined ? '' : `  ${oneLine(key)}`}`);
    print(`    ${rule}`);
    print(`    remedy: ${remedy}`);
  }
  if (findings.length > 0) print(`\n${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}.`);
  else if (unreadable === 0) print('No findings.');
}

/** Keys come from the file, and control characters must not reach the terminal. */
const oneLine = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?');
