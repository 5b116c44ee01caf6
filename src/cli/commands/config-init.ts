import { mkdirSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { openSystemConfiguration } from '../../config/load.ts';
import { userFileSource } from '../../config/sources/user-file.ts';
import { inParentheses } from '../../core/errno.ts';
import { AppError } from '../../core/errors.ts';
import { backUp } from '../../platform/back-up.ts';
import { isThere } from '../../platform/file-checks.ts';
import { productPaths } from '../../platform/paths.ts';
import { assertSafePlace, writePrivateFile } from '../../platform/private-file.ts';
import { openDialog } from '../dialog.ts';
import { askSettings, type Settings, usesApiKey } from '../settings-dialog.ts';
import { note, print } from '../terminal.ts';
import { configExport } from './config-export.ts';

/**
 * Asks for the settings and writes the user's config.json. Nothing is written before the last answer.
 * @throws AppError ERR_CANCELLED on Ctrl-C or if the input ends; ERR_CONFIG_INVALID for a wrong answer from a pipe;
 * ERR_FILE_UNWRITABLE; ERR_POLICY_ONLY if the file wouldn't count
 */
export async function configInit(): Promise<void> {
  const paths = productPaths();
  const resolution = (await openSystemConfiguration(process.env, paths)).current();
  if (resolution.settings.policyOnly.value === true) {
    throw new AppError('ERR_POLICY_ONLY', { detail: resolution.settings.policyOnly.origin?.location });
  }
  const source = userFileSource(process.env, paths.config);
  if (!isAbsolute(source.location)) {
    throw new AppError('ERR_CONFIG_UNREADABLE', { detail: `${source.location} must be an absolute path` });
  }
  const dialog = openDialog();
  try {
    const found = source.read();
    const old: Settings = found.state === 'values' ? { ...found.values } : {};
    if (found.state === 'unreadable') note(`${source.location} ${found.reason}; its settings aren't kept.`);
    if (isThere(source.location)) {
      const replace = await dialog.confirm(`${source.location} exists. Replace it, keeping a backup?`, false);
      if (!replace) {
        note('Nothing was changed.');
        return;
      }
    }
    const values = await askSettings(dialog, resolution, old);
    note('');
    note('For a rollout, writes the profiles for Intune, Jamf, Group Policy, and Linux. You can also do it later.');
    const folder = await dialog.ask('Folder for the exported profiles (empty: no export)', '', (text) => ({
      valid: true,
      value: text,
    }));
    const backup = save(source.location, values);
    if (backup !== undefined) print(`Backup: ${backup}`);
    print(`Written: ${source.location}`);
    if (folder !== '') await configExport(String(folder), {});
    else print(`Next: foundry-credential-helper login${usesApiKey(values, resolution) ? ' --api-key' : ''}`);
  } finally {
    dialog.close();
  }
}

/** @returns the backup's path, if there was a file before */
function save(location: string, values: Settings): string | undefined {
  try {
    assertSafePlace(location);
    mkdirSync(dirname(location), { recursive: true, mode: 0o700 });
    const backup = isThere(location) ? backUp(location) : undefined;
    // A link to a file kept elsewhere stays a link.
    writePrivateFile(
      backup === undefined ? location : realpathSync(location),
      `${JSON.stringify(values, undefined, 2)}\n`,
    );
    return backup;
  } catch (cause) {
    const detail =
      cause instanceof AppError && cause.detail !== undefined ? cause.detail : `${location}${inParentheses(cause)}`;
    throw new AppError('ERR_FILE_UNWRITABLE', { detail, cause });
  }
}
