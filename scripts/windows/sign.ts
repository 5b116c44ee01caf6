// Signs the programs of Windows targets, makes their installers again from the signed programs, signs those, and brings
// dist/SHA256SUMS up to date:
//   node scripts/with-runtime.mjs scripts/windows/sign.ts windows-x64 windows-arm64 -- -pkcs12 FILE -readpass FILE -ts URL
// What stands after `--` goes to osslsigncode as it is, so that any key will do: a file, a smart card, a key vault.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { projectFolder } from '../bundle.ts';
import { targetFolder } from '../package-target.ts';
import { CHECKSUMS_FILE, writeChecksums } from '../release/checksums.ts';
import { type Target, targets } from '../targets.ts';
import { signFile } from './authenticode.ts';
import { writeMsi } from './msi.ts';

const dist = join(projectFolder, 'dist');
const { chosen, options } = parse(process.argv.slice(2));
const { version } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { version: string };
for (const target of chosen) {
  const programs = [target.executable, target.windowless ?? ''].map((name) => join(targetFolder(target), name));
  for (const program of programs) sign(program);
  sign(writeMsi({ target, version }));
}
await bringChecksumsUpToDate();

function parse(args: readonly string[]): { chosen: readonly Target[]; options: readonly string[] } {
  const separator = args.indexOf('--');
  const names = separator < 0 ? args : args.slice(0, separator);
  const given = separator < 0 ? [] : args.slice(separator + 1);
  const found = targets.filter(({ name, platform }) => platform === 'win32' && names.includes(name));
  if (found.length === 0 || found.length !== names.length || given.length === 0) {
    console.error('usage: sign.ts windows-x64|windows-arm64 ... -- OPTIONS of "osslsigncode sign"');
    process.exit(2);
  }
  return { chosen: found, options: given };
}

function sign(path: string): void {
  signFile(path, options);
  console.log(`${relative(projectFolder, path)}: signed`);
}

async function bringChecksumsUpToDate(): Promise<void> {
  const listed = readFileSync(join(dist, CHECKSUMS_FILE), 'utf8').matchAll(/^[\da-f]{64} {2}(.+)$/gm);
  const files = [...listed].map(([, name = '']) => join(dist, name));
  await writeChecksums(dist, files);
}
