import type { Place } from '../../config/places.ts';
import type { ExportFile } from './export-file.ts';
import { type PlistSettings, writePlist, writeProfile } from './profile.ts';

export interface MacProgram extends Pick<Place, 'program' | 'domain'> {
  /** Its files' name. */
  readonly slug: string;
}

/** One program's settings as a profile, and as the preference file that Jamf Pro takes. */
export function macFiles(
  program: MacProgram,
  settings: PlistSettings,
  organization: string | undefined,
): readonly ExportFile[] {
  return [
    {
      path: `macos/${program.slug}.mobileconfig`,
      content: Buffer.from(writeProfile(program, settings, organization)),
      upload:
        'Intune: Devices > macOS > Configuration > Create > Templates > Custom, deployment channel Device. Kandji, Mosyle, Workspace ONE, and others: custom profile.',
    },
    {
      path: `macos/jamf/${program.domain}.plist`,
      content: Buffer.from(writePlist(settings)),
      upload: `Jamf Pro: Computers > Configuration Profiles > New > Application & Custom Settings > Upload, preference domain ${program.domain}, level Computer.`,
    },
  ];
}
