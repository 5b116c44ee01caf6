// The summary information of an installer: what names its processor and this very file.
// https://learn.microsoft.com/windows/win32/msi/summary-property-descriptions
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { uuidV5 } from '../../src/formats/uuid.ts';
import { runTool } from './run-tool.ts';

const FMTID_SUMMARY_INFORMATION = Buffer.from('e0859ff2f94f6810ab9108002b27b3d9', 'hex');
/** "Created" and "last saved", by their place in wixl's property set. */
const TIMES = ['created', 'last saved'];
const VT_FILETIME = Buffer.from([0x40, 0, 0, 0]);
const EPOCH_OFFSET_SECONDS = 11_644_473_600n;
const NO_PACKAGE_CODE = '{00000000-0000-0000-0000-000000000000}';

/**
 * Sets the processor, which wixl can't for arm64, both times, and a package code derived from all other content:
 * different installers must have different ones, and the same input must give the same file.
 * @throws Error when wixl's form has changed
 */
export function setSummary(msi: string, arch: 'x64' | 'arm64', time: Date): void {
  const write = (packageCode: string): void => {
    const template = arch === 'arm64' ? 'Arm64;1033' : 'x64;1033';
    const product = ['Foundry Credential Helper', 'foundry-credential-helper contributors'];
    runTool('msibuild', [msi, '-s', ...product, template, packageCode]);
    writeFileSync(msi, withTimes(readFileSync(msi), time));
  };
  write(NO_PACKAGE_CODE);
  write(`{${uuidV5(`installer-package:${createHash('sha256').update(readFileSync(msi)).digest('hex')}`)}}`);
}

function withTimes(file: Buffer, time: Date): Buffer {
  const fileTime = Buffer.alloc(8);
  const seconds = BigInt(Math.floor(time.getTime() / 1000));
  fileTime.writeBigUInt64LE((seconds + EPOCH_OFFSET_SECONDS) * 10_000_000n);
  let offset = file.indexOf(FMTID_SUMMARY_INFORMATION);
  const end = offset + 1024;
  if (offset === -1) throw new Error('the installer has no summary information');
  for (const name of TIMES) {
    offset = file.indexOf(VT_FILETIME, offset + 1);
    if (offset === -1 || offset > end) throw new Error(`the installer doesn't say when it was ${name}`);
    offset += VT_FILETIME.length;
    fileTime.copy(file, offset);
  }
  return file;
}
