// SHA256SUMS: what `sha256sum --check` reads.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { hashFile } from '../package-binary.ts';

export const CHECKSUMS_FILE = 'SHA256SUMS';

/** Hashes the files (absolute paths below `folder`) into `folder`/SHA256SUMS; returns the hash by relative path. */
export async function writeChecksums(folder: string, files: readonly string[]): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  for (const file of files.toSorted()) hashes.set(relative(folder, file).split(sep).join('/'), await hashFile(file));
  const lines = [...hashes].map(([name, hash]) => `${hash}  ${name}\n`);
  writeFileSync(join(folder, CHECKSUMS_FILE), lines.join(''));
  return hashes;
}

/** Hashes the files that are listed there once more: signing has changed some. */
export async function refreshChecksums(folder: string): Promise<void> {
  const listed = readFileSync(join(folder, CHECKSUMS_FILE), 'utf8').matchAll(/^[\da-f]{64} {2}(.+)$/gm);
  const files = [...listed].map(([, name = '']) => join(folder, name));
  await writeChecksums(folder, files);
}

/** All files below the folder, absolute. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
