import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** This machine's program with another version. Built once per state of the source: several tests need one. */
export async function programOfVersion(version: string): Promise<string> {
  const script = join(import.meta.dirname, 'build-version.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, version]);
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}
