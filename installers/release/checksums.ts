// SHA256SUMS: what `sha256sum --check` reads.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { hashFile } from '../build/hash-file.ts';

export const CHECKSUMS_FILE = 'SHA256SUMS';

/** SHA-256 in hex by path relative to `folder`, of files below it (absolute paths). */
export async function hashFiles(folder: string, files: readonly string[]): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const file of files.toSorted()) hashes.set(relative(folder, file).split(sep).join('/'), await hashFile(file));
  return hashes;
}

/** @param hashes as `hashFiles` gives them */
export function writeChecksums(folder: string, hashes: ReadonlyMap<string, string>): void {
  const sorted = [...hashes].toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(join(folder, CHECKSUMS_FILE), sorted.map(([name, hash]) => `${hash}  ${name}\n`).join(''));
}

/** Hashes the files that are listed there once more: signing has changed some. */
export async function refreshChecksums(folder: string): Promise<void> {
  const listed = readFileSync(join(folder, CHECKSUMS_FILE), 'utf8').matchAll(/^[\da-f]{64} {2}(.+)$/gm);
  const files = [...listed].map(([, name = '']) => join(folder, name));
  writeChecksums(folder, await hashFiles(folder, files));
}

/** All files below the folder, absolute. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
