import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isCode } from '../core/errno.ts';
import { AppError } from '../core/errors.ts';
import { assertSafePlace, removeQuietly, writeNewFile } from './private-file.ts';
import { replaceFile } from './replace-file.ts';

export interface FileChange {
  readonly path: string;
  /** The whole new content; `undefined` removes the file. */
  readonly content: string | Uint8Array | undefined;
}

type Replace = (draft: string, target: string) => void;

interface Step {
  readonly path: string;
  /** The file that `path` leads to, if it's a link. */
  readonly target: string;
  readonly draft: string | undefined;
  readonly before: { readonly bytes: Buffer; readonly mode: number } | undefined;
}

/**
 * Changes all of the files in their order, each in one step, or none. New files and folders are private (0600, 0700);
 * existing files keep their mode, and links stay links.
 * @returns a function that undoes all of them
 * @throws AppError ERR_FILE_UNWRITABLE naming the file, or the folder above it that others may write to; then everything
 * is as it was, or the error names what isn't
 */
export function changeFiles(changes: readonly FileChange[], replace: Replace = replaceFile): () => void {
  const steps: Step[] = [];
  const done: Step[] = [];
  const undo = (): readonly string[] => done.toReversed().flatMap((step) => putBack(step, replace));
  let current = '';
  try {
    for (const change of changes) {
      current = change.path;
      steps.push(prepare(change));
    }
    for (const step of steps) {
      current = step.path;
      carryOut(step, replace);
      done.push(step);
    }
  } catch (cause) {
    for (const { draft } of steps) if (draft !== undefined) removeQuietly(draft);
    throw unwritable(current, undo(), cause);
  }
  return () => {
    const left = undo();
    if (left.length > 0) throw unwritable(left.join(', '), [], undefined);
  };
}

/** Removes empty folders in this order, innermost first, and stops at the first one that isn't empty. */
export function removeEmptyFolders(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      // Something else is in it, or it's gone.
      return;
    }
  }
}

/** The folder and those above it that don't exist yet, innermost first. */
export function missingFolders(folder: string): readonly string[] {
  const above = dirname(folder);
  return existsSync(folder) || above === folder ? [] : [folder, ...missingFolders(above)];
}

/** Writes the draft, so a lack of space or permissions shows before anything is changed. */
function prepare({ path, content }: FileChange): Step {
  assertSafePlace(path);
  if (content !== undefined) mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const target = content !== undefined && existsSync(path) ? realpathSync(path) : path;
  const before = lookAt(target);
  const draft = content === undefined ? undefined : writeDraft(target, content, before?.mode);
  return { path, target, draft, before };
}

function lookAt(target: string): Step['before'] {
  try {
    return { bytes: readFileSync(target), mode: statSync(target).mode & 0o777 };
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined;
    throw cause;
  }
}

/** @returns the draft's path */
function writeDraft(target: string, content: string | Uint8Array, mode = 0o600): string {
  const draft = `${target}.${process.pid}.tmp`;
  try {
    rmSync(draft, { force: true });
    writeNewFile(draft, content);
    // The umask doesn't apply to chmod.
    chmodSync(draft, mode);
    return draft;
  } catch (cause) {
    removeQuietly(draft);
    throw cause;
  }
}

function carryOut({ draft, target }: Pick<Step, 'draft' | 'target'>, replace: Replace): void {
  if (draft === undefined) rmSync(target, { force: true });
  else replace(draft, target);
}

/** @returns the path if that wasn't possible */
function putBack({ target, before }: Step, replace: Replace): readonly string[] {
  try {
    const draft = before && writeDraft(target, before.bytes, before.mode);
    carryOut({ draft, target }, replace);
    return [];
  } catch {
    return [target];
  }
}

function unwritable(path: string, left: readonly string[], cause: unknown): AppError {
  const rest = left.length === 0 ? '' : `; these couldn't be put back: ${left.join(', ')}`;
  const what = cause instanceof AppError && cause.detail !== undefined ? cause.detail : path;
  return new AppError('ERR_FILE_UNWRITABLE', { detail: `${what}${rest}`, cause });
}
