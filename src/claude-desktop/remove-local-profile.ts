import { existsSync, rmSync } from 'node:fs';
import { changeFiles, type FileChange, removeEmptyFolders } from '../platform/change-files.ts';
import { nameOf, OWN_ID, profileFile, readLibrary, withoutOwnEntry } from './config-library.ts';
import { type Backup, backUpFiles, discard, earlierState } from './local-backup.ts';
import type { ConfigureOptions } from './local-profile.ts';
import { recordFile } from './local-record.ts';
import { type LocalState, type ProfilePlaces, readLocalState } from './local-state.ts';

export interface LocalRemoval {
  /** Empty if there was nothing to remove. */
  readonly changed: readonly string[];
  /** Whether everything is as it was before `configureLocal`, byte for byte. */
  readonly isAsBefore: boolean;
  /** Copies of what someone had changed in this program's configuration. */
  readonly backups: readonly Backup[];
  /** The configuration that is applied now, as people know it. */
  readonly applied?: string;
}

/**
 * Restores what was there before `configureLocal`. If someone has changed a file since, only this program's entry and
 * configuration are removed, and the rest doesn't change. Everything is changed, or nothing.
 * @throws AppError ERR_CLIENT_SETTINGS_UNREADABLE, ERR_FILE_UNWRITABLE, ERR_STATE_UNWRITABLE, ERR_AGENT_UNTRUSTED
 */
export function removeLocal(places: ProfilePlaces, { replace }: Pick<ConfigureOptions, 'replace'> = {}): LocalRemoval {
  const state = readLocalState(places);
  const { record, profileText } = state;
  const remembered = record === undefined ? [] : [recordFile(places.stateFolder)];
  if (!state.isListed && profileText === undefined) {
    for (const path of remembered) rmSync(path, { force: true });
    return { changed: [], isAsBefore: true, backups: [] };
  }
  const meta = metaChange(state);
  const profile = profileChange(state);
  const backups = backUpFiles(profile.isEdited ? [state.profileFile] : []);
  const used = [meta.backup, profile.backup].filter((path) => path !== undefined);
  const obsolete = [...used, ...remembered].map((path) => ({ path, content: undefined }));
  const changes = [...meta.changes, ...profile.changes];
  try {
    changeFiles([...changes, ...obsolete], replace);
  } catch (thrown) {
    discard(backups);
    throw thrown;
  }
  removeEmptyFolders(record?.folders ?? []);
  return {
    changed: changes.map(({ path }) => path),
    isAsBefore: meta.isAsBefore && !profile.isEdited,
    backups,
    ...appliedNow(places),
  };
}

interface Plan {
  readonly changes: readonly FileChange[];
  /** The backup that isn't needed any more. */
  readonly backup?: string | undefined;
}

function metaChange(state: LocalState): Plan & { readonly isAsBefore: boolean } {
  const { library, record, metaFile: path } = state;
  if (library === undefined || !state.isListed) return { changes: [], isAsBefore: true };
  const earlier = earlierState(record?.meta, library.text);
  if (earlier !== undefined) {
    return { changes: [{ path, content: earlier.content }], backup: earlier.backup, isAsBefore: true };
  }
  return { changes: [{ path, content: withoutOwnEntry(library.text, appliedBefore(state)) }], isAsBefore: false };
}

/** What was applied before, if it can be applied again. */
function appliedBefore({ record, library, places }: LocalState): string | undefined {
  const id = record?.appliedBefore;
  const isListed = library?.entries.some((entry) => entry.id === id) === true;
  return id !== undefined && isListed && existsSync(profileFile(places, id)) ? id : undefined;
}

function profileChange({ profileText, record, profileFile: path }: LocalState): Plan & { readonly isEdited: boolean } {
  if (profileText === undefined) return { changes: [], isEdited: false };
  const earlier = earlierState(record?.profile, profileText);
  const change = { path, content: earlier?.content };
  return { changes: [change], backup: earlier?.backup, isEdited: earlier === undefined };
}

function appliedNow(places: ProfilePlaces): Pick<LocalRemoval, 'applied'> {
  const library = readLibrary(places);
  if (library.state !== 'library' || library.appliedId === undefined || library.appliedId === OWN_ID) return {};
  return { applied: nameOf(library.entries, library.appliedId) };
}
