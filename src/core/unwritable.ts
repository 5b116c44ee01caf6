import { errnoOf } from './errno.ts';

/** A file that the agent can't write, and why. Tokens keep working without it. */
export interface UnwritableFile {
  readonly path: string;
  /** The system's error code: `ENOSPC`, `EROFS`, `EACCES`; `unknown` if there was none. */
  readonly code: string;
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'free disk space',
  EDQUOT: 'free disk space, or have your quota raised',
  EROFS: 'make the file system writable',
  EISDIR: 'remove the folder that has the name of the file',
  EIO: 'have the disk checked',
};

/** What's wrong and what to do about it, each completing a sentence. */
export function describeUnwritable({ path, code }: UnwritableFile): {
  readonly detail: string;
  readonly remedy: string;
} {
  return {
    detail: `can't write ${path} (${code})`,
    remedy: REMEDIES[code] ?? "repair the folder's permissions, or remove what's in the file's place",
  };
}

/** @param thrown the system's error, or one of ours, which may have that as its cause */
export function unwritableFile(path: string, thrown: unknown): UnwritableFile {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return { path, code: errnoOf(cause) ?? errnoOf(thrown) ?? 'unknown' };
}
