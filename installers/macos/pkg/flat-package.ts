// Flat packages for macOS, made on any system. Apple's pkgbuild(1) and productbuild(1) run on macOS only, and neither
// Debian nor npm has a maintained tool that writes xar archives with a bill of materials, so this project has its own
// writers. installers/macos/verify-on-a-mac.sh compares what they write with what Apple's tools make of the same files.
import { gzipSync } from 'node:zlib';
import { escapeXml } from '../../../scripts/xml.ts';
import { billOfMaterials } from './bom.ts';
import { cpioArchive } from './cpio.ts';
import type { Entry } from './entry.ts';
import { type XarFolder, xarArchive } from './xar.ts';

export interface FlatPackageOptions {
  /** Of the receipt: `pkgutil --pkgs` lists it. */
  readonly identifier: string;
  readonly version: string;
  readonly title: string;
  /** The processor that it is for, in `uname -m`'s words. */
  readonly architecture: 'arm64' | 'x86_64';
  /** Oldest macOS, such as `13.5`. */
  readonly minimumSystem: string;
  readonly payload: readonly Entry[];
  /** With `preinstall` and `postinstall`. */
  readonly scripts: readonly Entry[];
}

/** Name of the component in a product archive; Distribution refers to it. */
export const COMPONENT = 'foundry-credential-helper-component.pkg';

/**
 * Both forms: the component alone, as pkgbuild makes it, and the product archive around it, as productbuild makes it,
 * which device management wants. The same options give the same bytes.
 */
export function flatPackages(options: FlatPackageOptions): { component: Buffer; product: Buffer } {
  const component = componentMembers(options);
  return {
    component: xarArchive(component),
    product: xarArchive({ [COMPONENT]: component, Distribution: Buffer.from(distribution(options)) }),
  };
}

function componentMembers(options: FlatPackageOptions): XarFolder {
  return {
    Bom: billOfMaterials(options.payload),
    Payload: compress(cpioArchive(options.payload)),
    Scripts: compress(cpioArchive(options.scripts)),
    PackageInfo: Buffer.from(packageInfo(options)),
  };
}

/** As pkgbuild: gzip. zlib notes neither name nor time, and the system is set to "unknown" (RFC 1952). */
function compress(archive: Buffer): Buffer {
  const compressed = gzipSync(archive, { level: 9 });
  compressed.writeUInt8(255, 9);
  return compressed;
}

function installedKilobytes({ payload }: FlatPackageOptions): number {
  return Math.ceil(payload.reduce((sum, { content }) => sum + (content?.length ?? 0), 0) / 1024);
}

/**
 * Folders that exist keep their permissions (`overwrite-permissions`): macOS sets those.
 * Nothing is searched for elsewhere and updated there instead (`relocatable`).
 */
function packageInfo(options: FlatPackageOptions): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<pkg-info format-version="2" identifier="${escapeXml(options.identifier)}" version="${escapeXml(options.version)}" install-location="/" auth="root" overwrite-permissions="false" relocatable="false" postinstall-action="none">
    <payload numberOfFiles="${options.payload.length}" installKBytes="${installedKilobytes(options)}"/>
    <scripts>
        <preinstall file="./preinstall"/>
        <postinstall file="./postinstall"/>
    </scripts>
</pkg-info>
`;
}

/** Apple's "Distribution XML Reference": no choices, on the volume that macOS runs from, for one processor. */
function distribution(options: FlatPackageOptions): string {
  const identifier = escapeXml(options.identifier);
  const version = escapeXml(options.version);
  return `<?xml version="1.0" encoding="utf-8"?>
<installer-gui-script minSpecVersion="2">
    <title>${escapeXml(options.title)}</title>
    <product id="${identifier}" version="${version}"/>
    <options customize="never" require-scripts="false" rootVolumeOnly="true" hostArchitectures="${options.architecture}"/>
    <domains enable_anywhere="false" enable_currentUserHome="false" enable_localSystem="true"/>
    <volume-check>
        <allowed-os-versions>
            <os-version min="${escapeXml(options.minimumSystem)}"/>
        </allowed-os-versions>
    </volume-check>
    <choices-outline>
        <line choice="default">
            <line choice="${identifier}"/>
        </line>
    </choices-outline>
    <choice id="default"/>
    <choice id="${identifier}" visible="false">
        <pkg-ref id="${identifier}"/>
    </choice>
    <pkg-ref id="${identifier}" version="${version}" auth="root" onConclusion="none" installKBytes="${installedKilobytes(options)}">#${COMPONENT}</pkg-ref>
</installer-gui-script>
`;
}
