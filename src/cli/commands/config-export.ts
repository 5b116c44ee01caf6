import { openSystemConfiguration } from '../../config/load.ts';
import { AppError } from '../../core/errors.ts';
import type { System } from '../../core/system.ts';
import { productPaths } from '../../platform/paths.ts';
import { collectAnswers } from '../../rollout/export/answers.ts';
import { exportFiles } from '../../rollout/export/export-files.ts';
import { DEFAULT_HELPER_PATHS, type RolloutOptions } from '../../rollout/export/rollout-settings.ts';
import { writeExport } from '../../rollout/export/write-export.ts';
import { note, print, printJson } from '../terminal.ts';

export interface ExportOptions {
  readonly provider: RolloutOptions['provider'];
  readonly gatewayUrl?: string;
  readonly answers?: string;
  readonly set?: readonly string[];
  readonly helperMacos?: string;
  readonly helperWindows?: string;
  readonly helperLinux?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/**
 * Writes the rollout's files into the folder.
 * @throws AppError ERR_CONFIG_*, ERR_USAGE, ERR_FILE_EXISTS, ERR_FILE_UNWRITABLE
 */
export async function configExport(folder: string, options: ExportOptions): Promise<void> {
  const { values, leftOut } = collectAnswers({
    resolution: (await openSystemConfiguration(process.env, productPaths())).current(),
    ...(options.answers === undefined ? {} : { answersFile: options.answers }),
    ...(options.set === undefined ? {} : { assignments: options.set }),
  });
  if (options.gatewayUrl !== undefined && URL.parse(options.gatewayUrl)?.protocol !== 'https:') {
    throw new AppError('ERR_USAGE', { detail: '--gateway-url must be an https:// URL' });
  }
  const files = exportFiles(values, {
    provider: options.provider,
    ...(options.gatewayUrl === undefined ? {} : { gatewayUrl: options.gatewayUrl }),
    helperPaths: helperPaths(options),
  });
  writeExport(folder, files, options.force === true);
  if (options.json === true) {
    printJson({ folder, files: files.map(({ path, upload }) => ({ path, upload })), leftOut });
    return;
  }
  print(`Written to ${folder}:`);
  for (const { path, upload } of files) print(`  ${path}\n    ${upload}`);
  for (const { key, reason } of leftOut) note(`left out: "${key}", since it ${reason}`);
  if (options.provider === 'foundry') {
    note('note: which header Claude Desktop sends with its foundry provider is not documented; see README.md there');
  }
}

function helperPaths({ helperMacos, helperWindows, helperLinux }: ExportOptions): Readonly<Record<System, string>> {
  return {
    macos: helperMacos ?? DEFAULT_HELPER_PATHS.macos,
    windows: helperWindows ?? DEFAULT_HELPER_PATHS.windows,
    linux: helperLinux ?? DEFAULT_HELPER_PATHS.linux,
  };
}
