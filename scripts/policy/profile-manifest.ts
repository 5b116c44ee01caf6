// Profile Manifest for iMazing Profile Editor, ProfileCreator, and MDM consoles that read the same format.
// https://github.com/ProfileManifests/ProfileManifests/wiki/Manifest-Format
import { build, type PlistValue } from 'plist';
import { type ConfigurationKey, configurationKeys, definitionOf } from '../../src/config/keys.ts';
import { MODEL_FAMILIES } from '../../src/config/models.ts';
import { places } from '../../src/config/places.ts';
import { defaultText } from './default-text.ts';
import { holdsObjects, keySchema } from './key-schema.ts';
import { requirementText } from './requirement-text.ts';

type Dictionary = Record<string, PlistValue>;

/** Raise both with every change that admins should see, because programs that keep a copy compare them. */
const VERSION = 3;
const LAST_MODIFIED = new Date('2026-11-30T00:00:00Z');

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

/** The keys that every payload has. */
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
    key('PayloadDescription', 'Payload Description', 'Description that users see.', {
      pfm_default: `Settings of ${NAME}`,
    }),
    key('PayloadDisplayName', 'Payload Display Name', 'Name that users see.', {
      pfm_default: NAME,
      ...always,
    }),
    key('PayloadIdentifier', 'Payload Identifier', 'Identifies this payload; must be unique within the profile.', {
      pfm_default: domain,
      ...always,
    }),
    key('PayloadType', 'Payload Type', 'The preference domain.', { pfm_default: domain, ...always }),
    key('PayloadUUID', 'Payload UUID', 'A unique UUID, for example from uuidgen.', {
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
    pfm_description: `${description} ${requirementText(key)} The value ${rule}.${otherDefault}`.replaceAll('  ', ' '),
    pfm_type: TYPES[type],
    ...(fallback?.kind === 'value' ? { pfm_default: fallback.value as PlistValue } : {}),
    ...(choices === undefined ? {} : { pfm_range_list: [...choices] as PlistValue[] }),
    ...(minimum === undefined ? {} : { pfm_range_min: minimum }),
    ...(maximum === undefined ? {} : { pfm_range_max: maximum }),
    ...(pattern === undefined ? {} : { pfm_format: pattern }),
    ...(sensitive === true ? { pfm_sensitive: true } : {}),
    ...(type === 'string' && choices === undefined ? { pfm_value_placeholder: String(example) } : {}),
    ...(type === 'list' ? { pfm_subkeys: [holdsObjects(key) ? MODEL : { pfm_title: title, pfm_type: 'string' }] } : {}),
    ...(type === 'map' ? { pfm_subkeys: MAP_SUBKEYS } : {}),
  };
}

/** A form supports one kind of entry, and an object can express everything that a plain name can. */
const MODEL: Dictionary = {
  pfm_title: 'Deployment',
  pfm_type: 'dictionary',
  pfm_subkeys: [
    { pfm_name: 'name', pfm_title: 'Name', pfm_type: 'string', pfm_require: 'always' },
    { pfm_name: 'labelOverride', pfm_title: 'Label that users see', pfm_type: 'string' },
    { pfm_name: 'supports1m', pfm_title: 'Accepts a context of one million tokens', pfm_type: 'boolean' },
    {
      pfm_name: 'anthropicFamilyTier',
      pfm_title: 'Model family',
      pfm_type: 'string',
      pfm_range_list: [...MODEL_FAMILIES],
    },
  ],
};

/** A dictionary whose keys the admin chooses. */
const MAP_SUBKEYS: PlistValue[] = [
  { pfm_name: '{{key}}', pfm_title: 'Name', pfm_type: 'string' },
  { pfm_name: '{{value}}', pfm_title: 'Value', pfm_type: 'string' },
];
