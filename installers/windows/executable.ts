// Windows executables, changed on any system: what Explorer and the installer read from them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Data, NtExecutable, NtExecutableResource, Resource } from 'resedit';
import { productVersion, projectFolder } from '../build/bundle.ts';

const ENGLISH = 1033;
const UNICODE = 1200;
const VERSION_INFO = 16;

/**
 * A copy of an executable with this program's icon and version, and without its signature, which would no longer match.
 * All other resources stay, the program that pkg put in among them.
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
  // The library replaces a checksum, but adds none. Windows only checks those of drivers; scanners suspect a wrong one.
  file.newHeader.optionalHeader.checkSum ||= 1;
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
      LegalCopyright: 'MIT license',
      InternalName: 'foundry-credential-helper',
      OriginalFilename: 'foundry-credential-helper.exe',
      FileVersion: `${version}.0`,
      ProductVersion: version,
    },
  );
  return info;
}
