// The generated part of docs/reference/policy.md.
import { build, type PlistValue } from 'plist';
import { type ConfigurationKey, configurationKeys, definitionOf, type KeyType } from '../../src/config/keys.ts';
import { MANAGED_PREFERENCES, places } from '../../src/config/places.ts';
import { REGISTRY_HEADER } from '../../src/formats/registry-file.ts';
import { asText } from '../../src/rollout/export/rollout-settings.ts';
import { defaultText } from './default-text.ts';
import { holdsObjects, keySchema } from './key-schema.ts';
import { userSettings } from './user-settings.ts';

const { domain, registryKey, file } = places.own;

const EXAMPLE_KEYS = [
  'tenantId',
  'clientId',
  'models',
  'signInMethod',
  'headers',
  'minimumTokenLifetimeSeconds',
] as const satisfies readonly ConfigurationKey[];

type Forms = { readonly plist: string; readonly registry: string; readonly json: string };

/** The native forms; text is valid everywhere. */
const FORMS: Readonly<Record<KeyType, Forms>> = {
  string: { plist: 'string', registry: 'REG_SZ', json: 'string' },
  integer: { plist: 'integer', registry: 'REG_DWORD', json: 'number' },
  boolean: { plist: 'true, false', registry: 'REG_DWORD 1, 0', json: 'true, false' },
  list: { plist: 'array of string', registry: 'REG_SZ, comma-separated', json: 'array of strings' },
  map: { plist: 'dict of string', registry: 'REG_SZ, JSON', json: 'object of strings' },
};

const OBJECT_LIST: Forms = {
  plist: 'array of string or dict',
  registry: 'REG_SZ, comma-separated or JSON',
  json: 'array of strings or objects',
};

export function policyReference(): string {
  const examples = Object.fromEntries(EXAMPLE_KEYS.map((key) => [key, definitionOf(key).example as PlistValue]));
  return [
    '## Places',
    table(
      ['system', 'place', 'precedence'],
      [
        [
          'macOS',
          `\`${MANAGED_PREFERENCES}/<user>/${domain}.plist\`, then \`${MANAGED_PREFERENCES}/${domain}.plist\`; XML or binary. A profile with payload type \`${domain}\` creates them`,
          "key by key, the user's first",
        ],
        [
          'Windows',
          `\`HKEY_LOCAL_MACHINE\\${registryKey}\`, then \`HKEY_CURRENT_USER\\${registryKey}\`; 64-bit view`,
          'if HKEY_LOCAL_MACHINE has any value, HKEY_CURRENT_USER is ignored entirely',
        ],
        ['Linux', `\`${file}\``, 'only one place'],
      ],
    ),
    '## Keys',
    "Names are the same everywhere; on Windows, case doesn't matter. Every value can also be text: numbers, `true`, and `false` as they are, lists separated by commas or as a JSON array, and objects as JSON.",
    table(
      ['key', 'value', 'plist', 'registry', 'JSON', 'default'],
      configurationKeys.map((key) => {
        const { plist, registry, json } = holdsObjects(key) ? OBJECT_LIST : FORMS[definitionOf(key).type];
        return [`\`${key}\``, valueText(key), plist, registry, json, defaultText(key, (text) => `\`${text}\``)];
      }),
    ),
    'For the meaning, rule, and example of each key, see [configuration.md](configuration.md).',
    '## What users can set next to a policy',
    'With `policyOnly`, nothing. Without it, users can set each key that the policy omits, in the places below. `config.json` also means the file that `FOUNDRY_CREDENTIAL_HELPER_CONFIG` names. A running agent keeps the variables of the program that started it until it stops.',
    table(['key', 'where', 'what a value there does if the policy has none'], userSettings()),
    "These variables aren't keys, but without `policyOnly` they add to the root certificates that are trusted, even if the policy sets `caFile`. With `policyOnly`, none of them counts.",
    table(
      ['variable', 'effect without `policyOnly`'],
      [
        [
          '`NODE_EXTRA_CA_CERTS`',
          "as `caFile`, and also in addition to a policy's `caFile`, and for an `https://` proxy",
        ],
        ['`SSL_CERT_FILE`, `SSL_CERT_DIR`', "Linux: replace the system's store, which is read if an issuer is unknown"],
        ['`NODE_USE_SYSTEM_CA`', "`doctor` and `agent run`: the system's store is trusted from the start"],
      ],
    ),
    '## Examples',
    `Linux, \`${file}\`:`,
    fenced('json', JSON.stringify(examples, undefined, 2)),
    `macOS, \`${domain}.plist\`:`,
    fenced('xml', build(examples)),
    'Windows, for `reg import`:',
    fenced('reg', registryExample(examples as Parameters<typeof asText>[0])),
  ].join('\n\n');
}

function valueText(key: ConfigurationKey): string {
  const { enum: choices, minimum, maximum, maxLength } = keySchema(key);
  if (choices !== undefined) return choices.map((choice) => `\`${String(choice)}\``).join(', ');
  if (minimum !== undefined) return `${minimum} to ${maximum}`;
  const length = maxLength === undefined ? '' : `, at most ${maxLength} characters`;
  return `${definitionOf(key).title.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())}${length}`;
}

function registryExample(examples: Parameters<typeof asText>[0]): string {
  const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  const lines = Object.entries(asText(examples)).map(([key, text]) => {
    const { type, example } = definitionOf(key as ConfigurationKey);
    if (type !== 'integer' && type !== 'boolean') return `${quoted(key)}=${quoted(text)}`;
    return `${quoted(key)}=dword:${Number(example).toString(16).padStart(8, '0')}`;
  });
  return [REGISTRY_HEADER, '', `[HKEY_LOCAL_MACHINE\\${registryKey}]`, ...lines].join('\n');
}

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
