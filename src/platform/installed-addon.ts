// The native addons that a package installs with the program. An organization may allow only installed files to run
// (AppLocker, App Control, home folders mounted noexec), so an installed program unpacks none into a user's profile.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inParentheses, isCode } from '../core/errno.ts';
import { isSameCode } from './code-signature.ts';
import { describeFault } from './describe-fault.ts';
import { parentsFault } from './privacy-fault.ts';

/** `open`: the caller closes the descriptor. `refused`: there is such a file, but it's not used, and why. */
export type InstalledAddon =
  | { readonly kind: 'absent' }
  | { readonly kind: 'open'; readonly path: string; readonly descriptor: number }
  | { readonly kind: 'refused'; readonly fault: string };

/** A signature with its certificates takes less. */
const LARGEST_SIGNATURE = 1_000_000;

/**
 * Opens the addon that was installed with the program: `<name>.node` next to it, or on Linux in `../lib/` from there,
 * because packages put only programs into `/usr/bin`. It must be the file that this program was built with, apart
 * from a code signature, and on Linux and macOS no one but this user and root may be able to change it. On Windows,
 * anyone who can change it can also change the program next to it. Never throws.
 * @param bytes the asset
 * @param program absolute path of the program, without links
 */
export function openInstalledAddon(
  name: string,
  bytes: Buffer,
  program = process.execPath,
  platform = process.platform,
): InstalledAddon {
  for (const folder of foldersOf(program, platform)) {
    const found = openIn(join(folder, `${name}.node`), bytes, platform);
    if (found.kind !== 'absent') return found;
  }
  return { kind: 'absent' };
}

function foldersOf(program: string, platform: NodeJS.Platform): readonly string[] {
  const own = dirname(program);
  return platform === 'linux' ? [join(own, '..', 'lib', 'foundry-credential-helper'), own] : [own];
}

function openIn(path: string, bytes: Buffer, platform: NodeJS.Platform): InstalledAddon {
  let descriptor: number | undefined;
  try {
    // O_NONBLOCK: a FIFO of that name must not hang us.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const fault = faultOf(path, descriptor, bytes, platform);
    if (fault === undefined) return { kind: 'open', path, descriptor };
    closeSync(descriptor);
    return { kind: 'refused', fault };
  } catch (cause) {
    if (descriptor !== undefined) closeSync(descriptor);
    if (isCode(cause, 'ENOENT', 'ENOTDIR')) return { kind: 'absent' };
    return { kind: 'refused', fault: `${path} can't be read${inParentheses(cause)}` };
  }
}

function faultOf(path: string, descriptor: number, bytes: Buffer, platform: NodeJS.Platform): string | undefined {
  // With the slash, the file counts as one of the places whose owner and mode are checked.
  const fault = parentsFault(`${path}/`);
  if (fault !== undefined) return describeFault(fault);
  const stats = fstatSync(descriptor);
  const couldBe = stats.isFile() && stats.size <= bytes.length + LARGEST_SIGNATURE;
  if (couldBe && isSameCode(readFileSync(descriptor), bytes, platform)) return undefined;
  return `${path} isn't the file that belongs to this program`;
}
