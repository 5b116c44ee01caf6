// Windows executables, changed on any system: what Explorer and the installer read from them, and whether Windows opens
// a console for them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Data, NtExecutable, NtExecutableResource, Resource } from 'resedit';
import { productVersion, projectFolder } from '../build/bundle.ts';

const ENGLISH = 1033;
const UNICODE = 1200;
const VERSION_INFO = 16;
const CONSOLE_SUBSYSTEM = 3;
const WINDOWS_SUBSYSTEM = 2;

// The library writes a new checksum into what it generates, if there was one; Node's executables have one. Windows itself
// only checks drivers', but scanners find a wrong one suspicious.

/**
 * A copy of an executable made from Node's, with our icon and version, without Node's, and without its signature, which
 * would no longer match. All other resources stay, the program that pkg put in among them.
 * @param version `x.y.z`
 */
export function withProductResources(executable: Buffer, version: string = productVersion()): Buffer {
  const file = NtExecutable.from(executable, { ignoreCert: true });
  const resources = NtExecutableResource.from(file);
  const icon = Data.IconFile.from(readFileSync(join(projectFolder, 'installers/windows/icon.ico')));
  const images = icon.icons.map(({ data }) => data);
  Resource.IconGroupEntry.replaceIconsForResource(resources.entries, 1, ENGLISH, images);
  resources.entries = resources.entries.filter(({ type }) => type !== VERSION_INFO);
  versionInfo(version).outputToResourceEntries(resources.entries);
  resources.outputResource(file);
  return Buffer.from(file.generate());
}

function versionInfo(version: string): Resource.VersionInfo {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const info = Resource.VersionInfo.createEmpty();
  info.lang = ENGLISH;
  // The MSI's File table names the same version: an installer that reads another one here leaves the file behind.
  info.setFileVersion(major, minor, patch, 0, ENGLISH);
  info.setProductVersion(major, minor, patch, 0, ENGLISH);
  info.setStringValues(
    { lang: ENGLISH, codepage: UNICODE },
    {
      ProductName: 'Foundry Credential Helper',
      FileDescription: 'Foundry Credential Helper',
      CompanyName: 'foundry-credential-helper contributors',
      LegalCopyright: 'MIT licence',
      InternalName: 'foundry-credential-helper',
      OriginalFilename: 'foundry-credential-helper.exe',
      FileVersion: `${version}.0`,
      ProductVersion: version,
    },
  );
  return info;
}

/**
 * A copy that Windows opens no console for. It differs from the original in the subsystem and in the checksum.
 * @throws Error for anything but a 64-bit console program
 */
export function withoutConsole(executable: Buffer): Buffer {
  const file = NtExecutable.from(executable);
  const { optionalHeader } = file.newHeader;
  if (file.is32bit() || optionalHeader.subsystem !== CONSOLE_SUBSYSTEM) throw new Error('not a 64-bit console program');
  optionalHeader.subsystem = WINDOWS_SUBSYSTEM;
  return Buffer.from(file.generate());
}
