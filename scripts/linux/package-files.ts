// What the packages for Linux put onto a computer.
import { join } from 'node:path';
import { projectFolder } from '../bundle.ts';
import { LICENCES_FILE } from '../release/licences.ts';

export interface PackageFile {
  /** Absolute path on the computer. */
  readonly path: string;
  /** Absolute path of the file here. */
  readonly source: string;
  readonly mode: number;
}

export const UNIT = 'foundry-credential-helper.service';
export const DESCRIPTION =
  'Signs you in to Microsoft Entra ID once and hands Claude Desktop fresh Microsoft Foundry tokens';
const DOCUMENTS = '/usr/share/doc/foundry-credential-helper';
export const PROGRAM = '/usr/bin/foundry-credential-helper';

export interface LinuxPackage {
  /** The target's program. */
  readonly binary: string;
  /** Text with the licences of what is inside it. */
  readonly licences: string;
  readonly arch: 'x64' | 'arm64';
  readonly version: string;
  readonly folder: string;
}

export function packageFiles({ binary, licences }: LinuxPackage): readonly PackageFile[] {
  const project = (...parts: string[]): string => join(projectFolder, ...parts);
  return [
    { path: PROGRAM, source: binary, mode: 0o755 },
    { path: `/usr/lib/systemd/user/${UNIT}`, source: project('installers/linux', UNIT), mode: 0o644 },
    { path: `${DOCUMENTS}/copyright`, source: project('LICENSE'), mode: 0o644 },
    { path: `${DOCUMENTS}/${LICENCES_FILE}`, source: licences, mode: 0o644 },
  ];
}
