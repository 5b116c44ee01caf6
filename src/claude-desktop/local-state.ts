// The current state of Claude Desktop's local configurations, and of this program's own one among them.
import { AppError } from '../core/errors.ts';
import { readTextFile } from '../formats/text-file.ts';
import { type LibraryReading, metaFile, OWN_ID, profileFile, readLibrary } from './config-library.ts';
import { type LocalRecord, readRecord } from './local-record.ts';
import { configLibrary } from './places.ts';
import type { DesktopPlaces } from './read.ts';

export interface ProfilePlaces extends DesktopPlaces {
  /** This program's folder for state, where it remembers what was there before. */
  readonly stateFolder: string;
}

export interface LocalState {
  readonly places: ProfilePlaces;
  readonly folder: string;
  readonly metaFile: string;
  readonly library: Extract<LibraryReading, { state: 'library' }> | undefined;
  readonly profileFile: string;
  /** This program's own configuration, whether applied or not. */
  readonly profileText: string | undefined;
  readonly record: LocalRecord | undefined;
  /** Whether `_meta.json` lists this program's configuration or names it as applied. */
  readonly isListed: boolean;
}

/**
 * @throws AppError ERR_CLIENT_SETTINGS_UNREADABLE naming the file and the reason; ERR_AGENT_UNTRUSTED,
 * ERR_STATE_UNWRITABLE
 */
export function readLocalState(places: ProfilePlaces): LocalState {
  const folder = configLibrary(places);
  const meta = metaFile(places);
  const library = readLibrary(places);
  if (library.state === 'unreadable') throw unreadable(meta, library);
  const profile = profileFile(places, OWN_ID);
  const own = readTextFile(profile, { followLinks: true });
  if (own.state === 'unreadable') throw unreadable(profile, own);
  const isLibrary = library.state === 'library';
  return {
    places,
    folder,
    metaFile: meta,
    library: isLibrary ? library : undefined,
    profileFile: profile,
    profileText: own.state === 'text' ? own.text : undefined,
    record: readRecord(places.stateFolder, folder),
    isListed: isLibrary && (library.appliedId === OWN_ID || library.entries.some(({ id }) => id === OWN_ID)),
  };
}

export function unreadable(
  file: string,
  { reason, cause }: { readonly reason: string; readonly cause?: unknown },
): AppError {
  return new AppError('ERR_CLIENT_SETTINGS_UNREADABLE', { detail: `${file} ${reason}`, cause });
}
