// A native addon that's installed next to the program together with the libraries it needs. The program has only their
// hashes, so they can't be unpacked anywhere else.
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inParentheses, isCode } from '../core/errno.ts';
import { codeHash } from './code-signature.ts';
import { describeFault } from './describe-fault.ts';
import { parentsFault } from './privacy-fault.ts';

/** `refused`: nothing was loaded. `fault` names the file and what's wrong with it. */
export type VerifiedAddon =
  | { readonly kind: 'loaded'; readonly exports: unknown }
  | { readonly kind: 'refused'; readonly fault: string; readonly cause?: unknown };

/** More than any of these files has. */
const LARGEST_FILE = 64 * 1024 * 1024;

/**
 * Loads `addon` from the folder if every file of `hashes` is there and has its `codeHash`. Its libraries come from the
 * same folder, because Windows looks there first (LOAD_WITH_ALTERED_SEARCH_PATH). On Windows, anyone who can change the
 * files can also change the program next to them; elsewhere, only this user and root may be able to. Never throws.
 * @param folder absolute
 * @param hashes by file name
 */
export function loadVerifiedAddon(
  folder: string,
  hashes: Readonly<Record<string, string>>,
  addon: string,
  platform = process.platform,
): VerifiedAddon {
  // With the slash, the folder counts as one of the places whose owner and mode are checked.
  const openFolder = parentsFault(`${folder}/`);
  if (openFolder !== undefined) return { kind: 'refused', fault: describeFault(openFolder) };
  for (const [name, hash] of Object.entries(hashes)) {
    const fault = faultOf(join(folder, name), hash, platform);
    if (fault !== undefined) return { kind: 'refused', fault };
  }
  const path = join(folder, addon);
  const module = { exports: {} };
  try {
    process.dlopen(module, path);
    return { kind: 'loaded', exports: module.exports };
  } catch (cause) {
    return { kind: 'refused', fault: `${path} can't be loaded`, cause };
  }
}

function faultOf(path: string, hash: string, platform: NodeJS.Platform): string | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const stats = fstatSync(descriptor);
    const couldBe = stats.isFile() && stats.size <= LARGEST_FILE;
    if (couldBe && codeHash(readFileSync(descriptor), platform) === hash) return undefined;
    return `${path} isn't the file that belongs to this program`;
  } catch (cause) {
    return isCode(cause, 'ENOENT', 'ENOTDIR') ? `${path} is missing` : `${path} can't be read${inParentheses(cause)}`;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
