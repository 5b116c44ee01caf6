// Profile Manifest for iMazing Profile Editor, ProfileCreator and MDM consoles that read the same format.
// https://github.com/ProfileManifests/ProfileManifests/wiki/Manifest-Format
import { build, type PlistValue } from 'plist';
import { type ConfigurationKey, configurationKeys, definitionOf } from '../../src/config/keys.ts';
import { places } from '../../src/config/places.ts';
import { defaultText } from './default-text.ts';
import { keySchema } from './key-schema.ts';

type Dictionary = Record<string, PlistValue>;

/** Both go up with every change that admins should see; programs that keep a copy compare them. */
const VERSION = 1;
const LAST_MODIFIED = new Date('2026-11-23T00:00:00Z');

const NAME = 'Foundry Credential Helper';
const { domain } = places.own;

export function profileManifest(): string {
  const manifest: Dictionary = {
    pfm_description: 'Settings of foundry-credential-helper, which hands Microsoft Foundry tokens to Claude Desktop.',
    pfm_domain: domain,
    pfm_format_version: 1,
    pfm_interaction: 'combined',
    pfm_last_modified: LAST_MODIFIED,
    pfm_platforms: ['macOS'],
    pfm_subkeys: [...payloadKeys(), ...configurationKeys.map(subkey)],
    pfm_targets: ['system-managed', 'user-managed'],
    pfm_title: NAME,
    pfm_unique: true,
    pfm_version: VERSION,
  };
  return `${build(manifest)}\n`;
}

/** What every payload has, whatever it is for. */
function payloadKeys(): Dictionary[] {
  const key = (name: string, title: string, description: string, more: Dictionary): Dictionary => ({
    pfm_name: name,
    pfm_title: title,
    pfm_description: description,
    pfm_type: 'string',
    ...more,
  });
  const always = { pfm_require: 'always' };
  return [
    key('PayloadDescription', 'Payload Description', 'What people read about this payload.', {
      pfm_default: `Settings of ${NAME}`,
    }),
    key('PayloadDisplayName', 'Payload Display Name', 'What people read as the name of this payload.', {
      pfm_default: NAME,
      ...always,
    }),
    key('PayloadIdentifier', 'Payload Identifier', 'Names this payload; unique within the profile.', {
      pfm_default: domain,
      ...always,
    }),
    key('PayloadType', 'Payload Type', 'The preference domain.', { pfm_default: domain, ...always }),
    key('PayloadUUID', 'Payload UUID', 'Unique; made by uuidgen.', {
      pfm_format: '^[0-9A-Za-z]{8}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{12}$',
      ...always,
    }),
    key('PayloadVersion', 'Payload Version', 'Version of the payload format.', {
      pfm_type: 'integer',
      pfm_default: 1,
      pfm_range_list: [1],
      ...always,
    }),
    key('PayloadOrganization', 'Payload Organization', 'Who provides this profile.', {}),
  ];
}

const TYPES = { string: 'string', integer: 'integer', boolean: 'boolean', list: 'array', map: 'dictionary' } as const;

function subkey(key: ConfigurationKey): Dictionary {
  const { title, description, rule, type, default: fallback, example, sensitive } = definitionOf(key);
  const { enum: choices, minimum, maximum, pattern } = keySchema(key);
  const otherDefault = fallback === undefined || fallback.kind === 'value' ? '' : ` Default: ${defaultText(key)}.`;
  return {
    pfm_name: key,
    pfm_title: title,
    pfm_description: `${description} The value ${rule}.${otherDefault}`,
    pfm_type: TYPES[type],
    ...(fallback?.kind === 'value' ? { pfm_default: fallback.value as PlistValue } : {}),
    ...(choices === undefined ? {} : { pfm_range_list: [...choices] as PlistValue[] }),
    ...(minimum === undefined ? {} : { pfm_range_min: minimum }),
    ...(maximum === undefined ? {} : { pfm_range_max: maximum }),
    ...(pattern === undefined ? {} : { pfm_format: pattern }),
    ...(sensitive === true ? { pfm_sensitive: true } : {}),
    ...(type === 'string' && choices === undefined ? { pfm_value_placeholder: String(example) } : {}),
    ...(type === 'list' ? { pfm_subkeys: [{ pfm_title: title, pfm_type: 'string' }] } : {}),
    ...(type === 'map' ? { pfm_subkeys: MAP_SUBKEYS } : {}),
  };
}

/** A dictionary whose keys the admin chooses. */
const MAP_SUBKEYS: PlistValue[] = [
  { pfm_name: '{{key}}', pfm_title: 'Name', pfm_type: 'string' },
  { pfm_name: '{{value}}', pfm_title: 'Value', pfm_type: 'string' },
];
