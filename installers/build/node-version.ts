import { readFileSync } from 'node:fs';

/** Node's executables name the place of their own source. */
const SOURCE = /https:\/\/nodejs\.org\/download\/release\/v(\d+\.\d+\.\d+)\//;

/**
 * `x.y.z` of a Node executable of any system, read from its bytes.
 * @throws Error if the file isn't a Node executable as nodejs.org publishes them
 */
export function nodeVersionInside(executable: string): string {
  const version = SOURCE.exec(readFileSync(executable, 'latin1'))?.[1];
  if (version === undefined) throw new Error(`${executable} isn't one of nodejs.org's executables`);
  return version;
}
