// What the installer puts into `Program Files`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NtExecutable, NtExecutableResource, Resource } from 'resedit';
import { element } from '../../scripts/xml.ts';
import { DOCUMENTS } from '../release/licences.ts';

export interface InstalledFile {
  readonly name: string;
  /** Absolute path. */
  readonly source: string;
  /** What its VERSIONINFO says, which the installer compares: four numbers. Absent: it has none. */
  readonly version?: string;
}

export const PROGRAM = 'foundry-credential-helper.exe';
/** The program without a console window. */
export const LAUNCHER = 'foundry-credential-helperw.exe';

/**
 * @param binaries the folder with the target's two executables, their native addons (*.node) with the libraries that
 * these need (*.dll), and their documents
 * @param version of this program: three numbers
 */
export function installedFiles(binaries: string, version: string): readonly InstalledFile[] {
  const program = (name: string) => ({ name, source: join(binaries, name), version: `${version}.0` });
  const document = (name: string) => ({ name, source: join(binaries, name) });
  const library = (name: string) => ({ ...document(name), version: fileVersion(join(binaries, name)) });
  const names = (end: string) =>
    readdirSync(binaries)
      .filter((name) => name.endsWith(end))
      .toSorted();
  return [
    program(PROGRAM),
    program(LAUNCHER),
    // The program looks for them next to itself: src/platform/installed-addon.ts and verified-addon.ts.
    ...names('.node').map(document),
    ...names('.dll').map(library),
    ...DOCUMENTS.map(document),
  ];
}

/** @throws Error if the library has none: the installer would take an older file for a newer one */
function fileVersion(path: string): string {
  const file = NtExecutable.from(readFileSync(path), { ignoreCert: true });
  const [info] = Resource.VersionInfo.fromEntries(NtExecutableResource.from(file).entries);
  if (info === undefined) throw new Error(`${path} has no version`);
  const { fileVersionMS: high, fileVersionLS: low } = info.fixedInfo;
  return [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff].join('.');
}

/** The file's key in the File table, and its component's. */
export function fileId(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '_');
}

/** The two parts of product.wxs that follow from the files: one component for each, as the component rules want. */
export function fileIncludes(files: readonly InstalledFile[]): { readonly files: string; readonly references: string } {
  const include = (children: readonly string[]) => `${element('Include', {}, children)}\n`;
  return {
    files: include(
      files.map(({ name }) =>
        // The identifier "*" is derived from the path on the computer: the same in every version.
        element('Component', { Id: fileId(name), Guid: '*', Win64: 'yes' }, [
          element('File', { Id: fileId(name), Name: name, Source: name, KeyPath: 'yes' }),
        ]),
      ),
    ),
    references: include(files.map(({ name }) => element('ComponentRef', { Id: fileId(name) }))),
  };
}
