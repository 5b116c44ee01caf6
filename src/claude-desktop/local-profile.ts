import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../core/errors.ts';
import { systemOf } from '../core/system.ts';
import { parseJsonObject } from '../formats/json-object.ts';
import { changeFiles, type FileChange, missingFolders, removeEmptyFolders } from '../platform/change-files.ts';
import { ensurePrivateFolder } from '../platform/private-file.ts';
import type { replaceFile } from '../platform/replace-file.ts';
import { nameOf, OWN_ID, withOwnEntry } from './config-library.ts';
import { PROFILE_KEYS } from './desktop-profile.ts';
import { jsonDocument } from './document.ts';
import type { LintOptions } from './examination.ts';
import { lintDesktop } from './lint.ts';
import { type Backup, backUpFiles, discard, isAsWritten } from './local-backup.ts';
import { contentHash, type FileRecord, type LocalRecord, recordFile } from './local-record.ts';
import { type LocalState, type ProfilePlaces, readLocalState, unreadable } from './local-state.ts';
import { nestedForm } from './nested-form.ts';
import { readLocal, readManaged } from './read.ts';

type Settings = Readonly<Record<string, unknown>>;

export interface ConfigureOptions extends LintOptions {
  /** Whether another configuration may lose its place as the applied one. */
  readonly force?: boolean;
  /** How a draft takes a file's place. */
  readonly replace?: (draft: string, target: string) => ReturnType<typeof replaceFile>;
}

export interface LocalChange {
  /** Empty if everything was there already. */
  readonly changed: readonly string[];
  readonly backups: readonly Backup[];
}

/**
 * Writes the settings as their own configuration and applies it. Both files are written, or none.
 * @param settings from `desktopProfile`
 * @throws AppError ERR_CLAUDE_DESKTOP_MANAGED; ERR_CLAUDE_DESKTOP_CONFLICT if another configuration is applied;
 * ERR_CLIENT_SETTINGS_UNREADABLE; ERR_CONFIG_INVALID if Claude Desktop would refuse the settings; ERR_FILE_UNWRITABLE,
 * ERR_STATE_UNWRITABLE. Nothing is changed then.
 */
export function configureLocal(places: ProfilePlaces, settings: Settings, options: ConfigureOptions = {}): LocalChange {
  refuseIfManaged(places);
  const state = readLocalState(places);
  if (options.force !== true) refuseIfOtherIsApplied(state);
  const profileText = profileWith(state, settings, options);
  const metaText = withOwnEntry(state.library);
  const changes = [
    { path: state.profileFile, before: state.profileText, content: profileText, record: state.record?.profile },
    { path: state.metaFile, before: state.library?.text, content: metaText, record: state.record?.meta },
  ].filter(({ before, content }) => before !== content);
  if (changes.length === 0) return { changed: [], backups: [] };
  ensurePrivateFolder(places.stateFolder);
  const folders = missingFolders(state.folder);
  const keep = changes.filter(({ before, record }) => before !== undefined && !isAsWritten(record, before));
  const backups = backUpFiles(keep.map(({ path }) => path));
  try {
    const record = recordOf(state, { profileText, metaText, backups, folders });
    const recordChange = { path: recordFile(places.stateFolder), content: `${JSON.stringify(record, undefined, 2)}\n` };
    write([recordChange, ...changes], places, settings, options);
  } catch (thrown) {
    discard(backups);
    removeEmptyFolders(folders);
    throw thrown;
  }
  return { changed: changes.map(({ path }) => path), backups };
}

function refuseIfManaged(places: ProfilePlaces): void {
  const managed = readManaged(places);
  if (managed.state === 'absent') return;
  const why = managed.state === 'unreadable' ? `, which ${managed.reason}` : '';
  throw new AppError('ERR_CLAUDE_DESKTOP_MANAGED', { detail: `${managed.origin}${why}` });
}

function refuseIfOtherIsApplied({ library, metaFile, places }: LocalState): void {
  const { appliedId, entries } = library ?? { appliedId: undefined, entries: [] };
  if (appliedId === undefined || appliedId === OWN_ID) return;
  const applied = readLocal(places);
  if (applied.state === 'unreadable') throw unreadable(applied.origin, applied);
  throw new AppError('ERR_CLAUDE_DESKTOP_CONFLICT', {
    detail: `"${nameOf(entries, appliedId)}", applied in ${metaFile}`,
  });
}

/** The configuration's text with the settings in it; what people have added to it stays. */
function profileWith(
  { profileFile, profileText, places }: LocalState,
  settings: Settings,
  options: LintOptions,
): string {
  const current = profileText === undefined ? undefined : flatSettings(profileFile, profileText);
  const added = Object.entries(current ?? {}).filter(([key]) => !(PROFILE_KEYS as readonly string[]).includes(key));
  const wanted = asJson({ ...settings, ...Object.fromEntries(added) });
  const entries = Object.entries(wanted).map(([key, value]) => ({ key, value }));
  const system = systemOf(places.platform ?? process.platform);
  const findings = lintDesktop({ form: 'json', file: profileFile, system, entries, isNested: true }, options);
  const error = findings.find(({ severity }) => severity === 'error');
  if (error !== undefined) {
    const place = [error.key, error.element].filter(Boolean).join(', ');
    throw new AppError('ERR_CONFIG_INVALID', {
      detail: `Claude Desktop's ${place} ${error.rule}; ${error.remedy}. Nothing was changed`,
    });
  }
  if (profileText !== undefined && isDeepStrictEqual(current, wanted)) return profileText;
  return `${JSON.stringify(nestedForm(wanted), undefined, 2)}\n`;
}

function flatSettings(file: string, text: string): Settings {
  const parsed = parseJsonObject(text);
  if (parsed.state === 'unreadable') throw unreadable(file, parsed);
  return Object.fromEntries(jsonDocument('', parsed.values).entries.map(({ key, value }) => [key, value]));
}

const asJson = (settings: Settings): Settings => JSON.parse(JSON.stringify(settings)) as Settings;

interface NewState {
  readonly profileText: string;
  readonly metaText: string;
  readonly backups: readonly Backup[];
  readonly folders: readonly string[];
}

function recordOf(state: LocalState, { profileText, metaText, backups, folders }: NewState): LocalRecord {
  const { record, library, isListed, folder } = state;
  const isFirst = !isListed;
  const isOursApplied = library?.appliedId === OWN_ID;
  const appliedBefore = isOursApplied ? record?.appliedBefore : library?.appliedId;
  const backupOf = (path: string): FileRecord['before'] => {
    const found = backups.find(({ of }) => of === path);
    return found === undefined ? 'absent' : { backup: found.backup, sha256: found.sha256 };
  };
  const isKnown = isAsWritten(record?.meta, library?.text);
  const metaBefore = isFirst ? backupOf(state.metaFile) : isKnown ? record?.meta.before : 'unknown';
  const profileBefore = isFirst ? backupOf(state.profileFile) : record?.profile.before;
  return {
    version: 1,
    folder,
    appliedBefore,
    meta: { before: metaBefore ?? 'unknown', written: contentHash(metaText) },
    profile: { before: profileBefore ?? 'absent', written: contentHash(profileText) },
    folders: [...(isFirst ? folders : (record?.folders ?? []))],
  };
}

function write(
  changes: readonly FileChange[],
  places: ProfilePlaces,
  settings: Settings,
  options: ConfigureOptions,
): void {
  const undo = changeFiles(changes, options.replace);
  const applied = readLocal(places);
  if (applied.state === 'values' && holds(applied.values, asJson(settings))) return;
  undo();
  const reason = applied.state === 'unreadable' ? `: ${applied.origin} ${applied.reason}` : '';
  throw new AppError('ERR_FILE_UNWRITABLE', { detail: `what was written reads back differently${reason}` });
}

const holds = (values: Settings, settings: Settings): boolean =>
  Object.entries(settings).every(([key, value]) => isDeepStrictEqual(values[key], value));
