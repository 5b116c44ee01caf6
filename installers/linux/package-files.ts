// What the packages for Linux put onto a computer.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { COMPLETION_FILES } from '../../scripts/generate-docs.ts';
import { projectFolder } from '../build/bundle.ts';
import { LICENCES_FILE } from '../release/licences.ts';

export interface PackageFile {
  /** Absolute path on the computer. */
  readonly path: string;
  /** Absolute path of the file here. */
  readonly source: string;
  readonly mode: number;
}

export const UNIT = 'foundry-credential-helper.service';
/** One line: no longer than what Debian (80) and RPM (79) show of it. */
export const SYNOPSIS = 'Microsoft Foundry tokens for Claude Desktop, from one sign-in';
/** Lines of up to 79 characters. */
export const DESCRIPTION = [
  'Signs you in to Microsoft Entra ID once and gives Claude Desktop fresh',
  'Microsoft Foundry tokens. The sign-in stays in the Secret Service; a resident',
  'agent keeps it fresh.',
];
export const DOCUMENTS = '/usr/share/doc/foundry-credential-helper';
/** Where each shell looks on its own. */
const COMPLETIONS: Readonly<Record<string, string>> = {
  '/usr/share/bash-completion/completions/foundry-credential-helper': COMPLETION_FILES.bash,
  '/usr/share/fish/vendor_completions.d/foundry-credential-helper.fish': COMPLETION_FILES.fish,
  '/usr/share/zsh/vendor-completions/_foundry-credential-helper': COMPLETION_FILES.zsh,
};
export const PROGRAM = '/usr/bin/foundry-credential-helper';
/** Where the program looks for its native addons: src/platform/installed-addon.ts. */
export const ADDONS = '/usr/lib/foundry-credential-helper';

export interface LinuxPackage {
  /** The target's program. */
  readonly binary: string;
  /** Its native addons by file name. Without them, the program unpacks its own. */
  readonly addons?: Readonly<Record<string, string>>;
  /** Text with the licenses of what is inside it. */
  readonly licences: string;
  readonly arch: 'x64' | 'arm64';
  readonly version: string;
  readonly folder: string;
}

export function packageFiles({ binary, addons = {}, licences }: LinuxPackage): readonly PackageFile[] {
  const project = (...parts: string[]): string => join(projectFolder, ...parts);
  return [
    { path: PROGRAM, source: binary, mode: 0o755 },
    ...Object.entries(addons).map(([name, source]) => ({ path: `${ADDONS}/${name}`, source, mode: 0o644 })),
    { path: `/usr/lib/systemd/user/${UNIT}`, source: project('installers/linux', UNIT), mode: 0o644 },
    { path: '/usr/share/man/man1/foundry-credential-helper.1.gz', source: compressedManPage(), mode: 0o644 },
    ...Object.entries(COMPLETIONS).map(([path, source]) => ({ path, source: project(source), mode: 0o644 })),
    { path: `${DOCUMENTS}/copyright`, source: project('LICENSE'), mode: 0o644 },
    { path: `${DOCUMENTS}/${LICENCES_FILE}`, source: licences, mode: 0o644 },
  ];
}

/**
 * As Debian's policy wants it (section 12.1): compressed with the most effort, and without name and time of the file.
 */
function compressedManPage(): string {
  const file = join(projectFolder, 'build/foundry-credential-helper.1.gz');
  // Its own name until it's complete: two packages may be made at the same time.
  const draft = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    draft,
    gzipSync(readFileSync(join(projectFolder, 'docs/reference/foundry-credential-helper.1')), { level: 9 }),
  );
  renameSync(draft, file);
  return file;
}
