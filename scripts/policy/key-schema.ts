// What a key's native value must be, as JSON Schema: from its validation, which knows more than a schema can say.
import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { type ConfigurationKey, definitionOf } from '../../src/config/keys.ts';

export type KeySchema = JsonSchema;

export function keySchema(key: ConfigurationKey): KeySchema {
  const { schema, type } = definitionOf(key);
  const { $schema: _draft, ...converted } = toJsonSchema(schema as v.GenericSchema, {
    typeMode: 'input',
    // Checks in code stay with the program.
    errorMode: 'ignore',
    overrideAction: ({ valibotAction, jsonSchema }) =>
      isRegex(valibotAction) ? { ...jsonSchema, pattern: patternOf(valibotAction.requirement) } : undefined,
  });
  return type === 'map' ? { type: 'object', additionalProperties: { type: 'string' } } : converted;
}

const isRegex = (action: { readonly type: string }): action is v.RegexAction<string, undefined> =>
  action.type === 'regex';

/** JSON Schema knows no flags. */
export function patternOf({ source, flags }: RegExp): string {
  return flags.includes('i') ? eitherCase(source) : source;
}

/** Letters, and ranges of letters, of a pattern without flag become those of both cases. */
function eitherCase(source: string): string {
  const parts = /\\x[0-9a-f]{2}|\\.|\(\?[:=!]|\[|\]|[a-z]-[a-z]|[a-z]/gi;
  let isInClass = false;
  return source.replaceAll(parts, (part) => {
    if (part === '[' || part === ']') isInClass = part === '[';
    if (!/^[a-z](?:-[a-z])?$/i.test(part)) return part;
    const both = `${part.toLowerCase()}${part.toUpperCase()}`;
    return isInClass ? both : `[${both}]`;
  });
}
