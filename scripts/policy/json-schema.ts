// For editors and pipelines: users' config.json, policy.json on Linux, and answers files. It's never stricter than the
// program, so it allows unknown keys: the program only warns about those.
import { type ConfigurationKey, configurationKeys, definitionOf } from '../../src/config/keys.ts';
import { type KeySchema, keySchema, patternOf } from './key-schema.ts';

export const SCHEMA_FILE = 'config.schema.json';

export function jsonSchema(): string {
  const properties = configurationKeys.map((key) => [key, propertyOf(key)]);
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Settings of foundry-credential-helper',
    description:
      'config.json, policy.json on Linux, and answers for "config export". Every value may also be text. Unknown settings are allowed here; "config validate" reports them.',
    type: 'object',
    properties: { $schema: { type: 'string' }, ...Object.fromEntries(properties) },
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

function propertyOf(key: ConfigurationKey): object {
  const { title, description, rule, default: fallback, example } = definitionOf(key);
  return {
    title,
    description: `${description} ${rule.charAt(0).toUpperCase()}${rule.slice(1)}.`,
    ...(fallback?.kind === 'value' ? { default: fallback.value } : {}),
    examples: [example],
    ...withText(key, keySchema(key)),
  };
}

/** Also allows the value as text, as policy consoles store it; see src/config/decode.ts. */
function withText(key: ConfigurationKey, native: KeySchema): KeySchema {
  switch (definitionOf(key).type) {
    case 'string':
      return native;
    case 'integer':
      return { anyOf: [native, { type: 'string', pattern: '^\\s*\\d{1,9}\\s*$' }] };
    case 'boolean':
      return {
        anyOf: [native, { enum: [0, 1] }, { type: 'string', pattern: patternOf(/^\s*(?:true|false|0|1)\s*$/i) }],
      };
    case 'list':
    case 'map':
      return { anyOf: [native, { type: 'string' }] };
  }
}
