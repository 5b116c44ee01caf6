import { openSystemConfiguration } from '../../config/load.ts';
import { unknownKeyText } from '../../config/unknown-key.ts';
import { productPaths } from '../../platform/paths.ts';
import { collectAnswers } from '../../rollout/export/answers.ts';
import { exportFiles } from '../../rollout/export/export-files.ts';
import { assertProvider, type ExportProvider, headerOf, providerOf } from '../../rollout/export/provider.ts';
import { DEFAULT_HELPER_PATHS, type HelperPaths } from '../../rollout/export/rollout-settings.ts';
import { writeExport } from '../../rollout/export/write-export.ts';
import { note, print, printJson } from '../terminal.ts';

export interface ExportOptions {
  /** Only checked: the credential decides. */
  readonly provider?: ExportProvider;
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
  const resolution = (await openSystemConfiguration(process.env, productPaths())).current();
  const { values, leftOut } = collectAnswers({
    resolution,
    answersFile: options.answers,
    assignments: options.set,
  });
  assertProvider(options.provider, values);
  const files = exportFiles(values, helperPaths(options));
  writeExport(folder, files, options.force === true);
  const provider = providerOf(values);
  const header = headerOf(provider);
  if (options.json === true) {
    printJson({ folder, provider, header, files: files.map(({ path, upload }) => ({ path, upload })), leftOut });
    return;
  }
  print(`Written to ${folder}:`);
  for (const { path, upload } of files) {
    print(`  ${path}`);
    print(`    ${upload}`);
  }
  print(`Claude Desktop will use its provider "${provider}" and send the credential as "${header}".`);
  for (const unknown of resolution.unknownKeys) note(`left out: ${unknownKeyText(unknown)}`);
  for (const { key, reason } of leftOut) note(`left out: "${key}", because it ${reason}`);
}

function helperPaths({ helperMacos, helperWindows, helperLinux }: ExportOptions): HelperPaths {
  return {
    macos: helperMacos ?? DEFAULT_HELPER_PATHS.macos,
    windows: helperWindows ?? DEFAULT_HELPER_PATHS.windows,
    linux: helperLinux ?? DEFAULT_HELPER_PATHS.linux,
  };
}
