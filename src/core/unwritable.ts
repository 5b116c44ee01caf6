import { errnoOf } from './errno.ts';
import { AppError } from './errors.ts';

/** A file that the agent can't write, and why. Tokens keep working without it. */
export interface UnwritableFile {
  readonly path: string;
  /** The system's error code: `ENOSPC`, `EROFS`, `EACCES`; otherwise one of this program's, or `unknown`. */
  readonly code: string;
  /** What this program's own error says about it, for example that a folder is writable by others. */
  readonly reason?: string;
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'free disk space',
  EDQUOT: 'free disk space, or have your quota raised',
  EROFS: 'make the file system writable',
  EISDIR: 'remove the folder that has the name of the file',
  EIO: 'have the disk checked',
  ERR_AGENT_UNTRUSTED: 'protect the named folder or file from other users',
  ERR_STATE_UNWRITABLE: 'move away or delete what is in the wrong place',
};

/** What's wrong and what to do about it, each completing a sentence. */
export function describeUnwritable({ path, code, reason }: UnwritableFile): {
  readonly detail: string;
  readonly remedy: string;
} {
  return {
    detail: `can't write ${path} (${code})${reason === undefined ? '' : `: ${reason}`}`,
    remedy: REMEDIES[code] ?? "repair the folder's permissions, or remove what's in the file's place",
  };
}

/** @param thrown the system's error, or one of this program's, which may have that as its cause */
export function unwritableFile(path: string, thrown: unknown): UnwritableFile {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const systemCode = errnoOf(cause) ?? (thrown instanceof AppError ? undefined : errnoOf(thrown));
  if (systemCode !== undefined || !(thrown instanceof AppError)) return { path, code: systemCode ?? 'unknown' };
  return { path, code: thrown.code, ...(thrown.detail === undefined ? {} : { reason: thrown.detail }) };
}
