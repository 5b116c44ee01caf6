/** A file or folder of an archive or of a package's payload. */
export interface Entry {
  /** From the root, without a leading `/` or `./`; the root itself is empty. */
  readonly path: string;
  /** Permissions alone. */
  readonly mode: number;
  /** Owner is always root. 0 is macOS's `wheel`, 80 its `admin`. */
  readonly group: number;
  /** Undefined: a folder. */
  readonly content?: Buffer;
}

/** One for every file, so that the same files give the same bytes. 2026-01-01T00:00:00Z. */
export const MODIFIED_AT = 1_767_225_600;

const FILE_TYPE = 0o100000;
const FOLDER_TYPE = 0o040000;

/** `st_mode`: type and permissions. */
export function fullMode(entry: Entry): number {
  return (entry.content === undefined ? FOLDER_TYPE : FILE_TYPE) | entry.mode;
}

/** `.` for the root, `./usr` for `usr`: how cpio archives and bills of materials of packages write paths. */
export function dottedPath({ path }: Entry): string {
  return path === '' ? '.' : `./${path}`;
}
