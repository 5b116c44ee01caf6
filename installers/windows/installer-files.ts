// What the installer puts into `Program Files`.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { element } from '../../scripts/xml.ts';
import { DOCUMENTS } from '../release/licences.ts';

export interface InstalledFile {
  readonly name: string;
  /** Absolute path. */
  readonly source: string;
  /** Has a VERSIONINFO, which the installer compares. */
  readonly versioned: boolean;
}

export const PROGRAM = 'foundry-credential-helper.exe';
/** The program without a console window. */
export const LAUNCHER = 'foundry-credential-helperw.exe';

/** @param binaries the folder with the target's two executables, their native addons (*.node), and their documents */
export function installedFiles(binaries: string): readonly InstalledFile[] {
  const program = (name: string) => ({ name, source: join(binaries, name), versioned: true });
  const document = (name: string) => ({ name, source: join(binaries, name), versioned: false });
  const addons = readdirSync(binaries).filter((name) => name.endsWith('.node'));
  return [
    program(PROGRAM),
    program(LAUNCHER),
    // The program looks for them next to itself: src/platform/installed-addon.ts.
    ...[...addons.toSorted(), ...DOCUMENTS].map(document),
  ];
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
