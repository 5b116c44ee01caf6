import { readFileSync } from 'node:fs';

/** Node's executables contain the address of their source. */
const SOURCE = /https:\/\/nodejs\.org\/download\/release\/v(\d+\.\d+\.\d+)\//;

/**
 * Reads `x.y.z` from the bytes of a Node executable for any system.
 * @throws Error if the file isn't a Node executable from nodejs.org
 */
export function nodeVersionInside(executable: string): string {
  const version = SOURCE.exec(readFileSync(executable, 'latin1'))?.[1];
  if (version === undefined) throw new Error(`${executable} isn't one of nodejs.org's executables`);
  return version;
}
