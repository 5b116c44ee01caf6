// The folder in which Claude Desktop keeps its local configurations: `_meta.json` lists them and says which is applied.
// https://claude.com/docs/third-party/claude-desktop/configuration
import { join } from 'node:path';
import { isObject } from '../core/json.ts';
import { printable } from '../core/printable.ts';
import { appendElement, removeElement, removeMember, setMember } from '../formats/json-edit.ts';
import { parseJsonObject } from '../formats/json-object.ts';
import { readTextFile } from '../formats/text-file.ts';
import { uuidV5 } from '../formats/uuid.ts';
import { configLibrary, type LocalPlaces } from './places.ts';

/** This program's own configuration. Claude Desktop takes lowercase IDs only. */
export const OWN_ID = uuidV5('claude-desktop/local-profile').toLowerCase();
export const OWN_NAME = 'foundry-credential-helper';

export interface LibraryEntry {
  readonly id: string;
  readonly name: string;
}

export type LibraryReading =
  | { readonly state: 'absent' }
  /** `reason` completes `<path of _meta.json> …`. */
  | { readonly state: 'unreadable'; readonly reason: string; readonly cause?: unknown }
  | {
      readonly state: 'library';
      readonly text: string;
      /** `undefined` if no configuration is applied. */
      readonly appliedId: string | undefined;
      readonly entries: readonly LibraryEntry[];
    };

export const metaFile = (places: LocalPlaces): string => join(configLibrary(places), '_meta.json');

export const profileFile = (places: LocalPlaces, id: string): string => join(configLibrary(places), `${id}.json`);

/** Never throws. */
export function readLibrary(places: LocalPlaces): LibraryReading {
  const file = readTextFile(metaFile(places), { followLinks: true });
  if (file.state !== 'text') return file;
  const parsed = parseJsonObject(file.text);
  if (parsed.state === 'unreadable') return parsed;
  const { appliedId, entries = [] } = parsed.values;
  const isId = typeof appliedId === 'string' && /^[a-f0-9-]{36}$/i.test(appliedId);
  if (!isId && !isNothing(appliedId)) return { state: 'unreadable', reason: `has an "appliedId" that isn't a UUID` };
  if (!Array.isArray(entries)) return { state: 'unreadable', reason: 'has "entries" that aren\'t a list' };
  return {
    state: 'library',
    text: file.text,
    appliedId: isId ? appliedId : undefined,
    entries: entries.flatMap((entry: unknown) => toEntry(entry)),
  };
}

const isNothing = (appliedId: unknown): boolean => appliedId === undefined || appliedId === null || appliedId === '';

/** What isn't an entry stays in the file, but means nothing to us. */
function toEntry(entry: unknown): readonly LibraryEntry[] {
  if (!isObject(entry) || typeof entry['id'] !== 'string') return [];
  return [{ id: entry['id'], name: typeof entry['name'] === 'string' ? entry['name'] : '' }];
}

/** A configuration as people know it: its name in Claude Desktop's window, or its ID if it has none. */
export function nameOf(entries: readonly LibraryEntry[], id: string): string {
  const name = entries.find((entry) => entry.id === id)?.name.trim() ?? '';
  return name === '' ? id : printable(name, 60);
}

/** `_meta.json` with this program's configuration in it and applied; all else stays. */
export function withOwnEntry(library: Extract<LibraryReading, { state: 'library' }> | undefined): string {
  const own = { id: OWN_ID, name: OWN_NAME };
  if (library === undefined) return `${JSON.stringify({ appliedId: OWN_ID, entries: [own] }, undefined, 2)}\n`;
  const { text, appliedId, entries } = library;
  const applied = appliedId === OWN_ID ? text : setMember(text, 'appliedId', OWN_ID);
  return entries.some(({ id }) => id === OWN_ID) ? applied : appendElement(applied, 'entries', own);
}

/** `_meta.json` without this program's configuration; if it was applied, `appliedId` is applied instead. */
export function withoutOwnEntry(text: string, appliedId: string | undefined): string {
  const meta = JSON.parse(text) as { readonly appliedId?: unknown; readonly entries?: readonly unknown[] };
  const isApplied = meta.appliedId === OWN_ID;
  const instead = appliedId === undefined ? removeMember(text, 'appliedId') : setMember(text, 'appliedId', appliedId);
  return (meta.entries ?? []).reduceRight<string>(
    (rest, entry, index) => (isOwn(entry) ? removeElement(rest, 'entries', index) : rest),
    isApplied ? instead : text,
  );
}

const isOwn = (entry: unknown): boolean => isObject(entry) && entry['id'] === OWN_ID;
