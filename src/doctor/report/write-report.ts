import { resolve } from 'node:path';
import { isCode } from '../../core/errno.ts';
import { AppError } from '../../core/errors.ts';
import { describeFault, foreignLink } from '../../platform/describe-fault.ts';
import { isThere } from '../../platform/file-checks.ts';
import { writeNewFile } from '../../platform/private-file.ts';
import type { DoctorOptions } from '../context.ts';
import { diagnose } from '../run-doctor.ts';
import type { Observer } from '../runner.ts';
import { renderReport } from './render-report.ts';

/** `foundry-credential-helper-report-20261123-0540.md`, by UTC. */
export function defaultReportName(now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 13);
  return `foundry-credential-helper-report-${stamp}.md`;
}

/**
 * One file of plain text for support, readable by this user alone. An existing one is never replaced.
 * @throws AppError ERR_FILE_EXISTS, ERR_FILE_UNWRITABLE
 */
export async function writeReport(path: string, options: DoctorOptions, observer: Observer): Promise<void> {
  // Said before the checks, which take a while; the flag below holds even if someone comes in between.
  if (isThere(path)) throw new AppError('ERR_FILE_EXISTS', { detail: path });
  const link = foreignLink(resolve(path));
  if (link !== undefined) throw new AppError('ERR_FILE_UNWRITABLE', { detail: `the link ${describeFault(link)}` });
  const text = await renderReport(await diagnose(options, observer), new Date());
  try {
    writeNewFile(path, text);
  } catch (cause) {
    throw new AppError(isCode(cause, 'EEXIST') ? 'ERR_FILE_EXISTS' : 'ERR_FILE_UNWRITABLE', { detail: path, cause });
  }
}
