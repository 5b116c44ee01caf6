// Apple configuration profiles and preference files.
// https://developer.apple.com/documentation/devicemanagement/toplevel
import { build, type PlistValue } from 'plist';
import type { Place } from '../../config/places.ts';
import { uuidV5 } from '../../formats/uuid.ts';

export type PlistSettings = Readonly<Record<string, PlistValue>>;
type ProfilePlace = Pick<Place, 'program' | 'domain'>;

/** The keys alone, in the form of a preference domain, for Jamf and other consoles. */
export function writePlist(settings: PlistSettings): string {
  return `${build(settings)}\n`;
}

/** A profile for the whole device with one payload; its UUIDs follow from its content. */
export function writeProfile(place: ProfilePlace, settings: PlistSettings, organization: string | undefined): string {
  const identifier = `dev.foundry-credential-helper.rollout.${place.domain}`;
  const uuid = (part: string): string => uuidV5(JSON.stringify([identifier, part, organization ?? '', settings]));
  const publisher = organization === undefined ? {} : { PayloadOrganization: organization };
  const payload = {
    PayloadType: place.domain,
    PayloadIdentifier: `${identifier}.settings`,
    PayloadUUID: uuid('settings'),
    PayloadVersion: 1,
    PayloadDisplayName: place.program,
    ...publisher,
    ...settings,
  };
  const profile = {
    PayloadType: 'Configuration',
    PayloadIdentifier: identifier,
    PayloadUUID: uuid('profile'),
    PayloadVersion: 1,
    PayloadScope: 'System',
    PayloadDisplayName: `${place.program}: Microsoft Foundry`,
    PayloadDescription: `Managed settings of ${place.program}.`,
    ...publisher,
    PayloadContent: [payload],
  };
  return `${build(profile)}\n`;
}
