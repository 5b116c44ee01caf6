import { lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { parseValue } from '../../config/decode.ts';
import { type ConfigurationKey, definitionOf } from '../../config/keys.ts';
import { openSystemConfiguration } from '../../config/load.ts';
import type { Resolution } from '../../config/resolve.ts';
import { userFileSource } from '../../config/sources/user-file.ts';
import { AppError } from '../../core/errors.ts';
import { backUp } from '../../platform/back-up.ts';
import { productPaths } from '../../platform/paths.ts';
import { writePrivateFile } from '../../platform/private-file.ts';
import { type Dialog, openDialog } from '../dialog.ts';
import { note, print } from '../terminal.ts';
import { configExport } from './config-export.ts';

/** What an admin has to know; everything else has a default that is right for most. */
const QUESTIONS: readonly { readonly key: ConfigurationKey; readonly text: string; readonly required: boolean }[] = [
  { key: 'tenantId', text: 'Entra tenant (GUID or domain)', required: true },
  { key: 'clientId', text: 'Application (client) ID', required: true },
  { key: 'foundryResource', text: 'Foundry resource (name)', required: true },
  { key: 'models', text: 'Deployments, separated by commas, default first', required: true },
  { key: 'signInMethod', text: 'Sign-in: device-code or browser', required: true },
  { key: 'organizationName', text: 'Organization that the sign-in page names (- for none)', required: false },
];

type Values = Record<string, unknown>;

/**
 * Asks for the settings and writes the user's config.json; nothing is written before the last answer.
 * @throws AppError ERR_CANCELLED on Ctrl-C or where the input ends; ERR_CONFIG_INVALID for a wrong answer that is not
 * typed by a person; ERR_FILE_UNWRITABLE
 */
export async function configInit(): Promise<void> {
  const paths = productPaths();
  const source = userFileSource(process.env, paths.config);
  if (!isAbsolute(source.location)) {
    throw new AppError('ERR_CONFIG_UNREADABLE', { detail: `${source.location} must be an absolute path` });
  }
  const resolution = (await openSystemConfiguration(process.env, paths)).current();
  const dialog = openDialog();
  try {
    const found = source.read();
    const old: Values = found.state === 'values' ? { ...found.values } : {};
    if (found.state === 'unreadable') note(`${source.location} ${found.reason}; its settings are not taken over.`);
    if (isThere(source.location)) {
      const replace = await dialog.confirm(`${source.location} exists. Replace it, keeping a backup?`, false);
      if (!replace) {
        note('Nothing was changed.');
        return;
      }
    }
    const values = await askAll(dialog, resolution, old);
    const folder = await dialog.ask('Folder for the exported profiles (empty: no export)', '', (text) => ({
      valid: true,
      value: text,
    }));
    const backup = save(source.location, values);
    if (backup !== undefined) print(`Backup: ${backup}`);
    print(`Written: ${source.location}`);
    if (folder === '') print('Next: foundry-credential-helper login');
    else await configExport(String(folder), { provider: 'foundry' });
  } finally {
    dialog.close();
  }
}

/** Settings that nobody is asked for stay as they are. */
async function askAll(dialog: Dialog, { settings }: Resolution, old: Values): Promise<Values> {
  const values = { ...old };
  for (const { key, text, required } of QUESTIONS) {
    const { origin, value } = settings[key];
    if (origin?.kind === 'managed') {
      note(`${text}: set by policy (${origin.location})`);
      continue;
    }
    const suggestion = value === undefined ? '' : Array.isArray(value) ? value.join(',') : String(value);
    const answer = await dialog.ask(text, suggestion, (typed) => {
      if (!required && (typed === '' || typed === '-')) return { valid: true, value: undefined };
      return typed === '' ? { valid: false, rule: definitionOf(key).rule } : parseValue(key, typed);
    });
    if (answer === undefined) delete values[key];
    else values[key] = answer;
  }
  return values;
}

/** @returns where the old file is kept, if there was one */
function save(location: string, values: Values): string | undefined {
  try {
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
      cause instanceof AppError && cause.detail !== undefined ? cause.detail : `${location}${codeOf(cause)}`;
    throw new AppError('ERR_FILE_UNWRITABLE', { detail, cause });
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A part of the path is no folder: writing will say so.
    return false;
  }
}

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
