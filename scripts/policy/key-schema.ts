// A key's native value as JSON Schema. Validation has more rules than a schema can express.
import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { type ConfigurationKey, definitionOf } from '../../src/config/keys.ts';
import { writtenModels } from '../../src/config/models.ts';

export type KeySchema = JsonSchema;

export function keySchema(key: ConfigurationKey): KeySchema {
  const { schema, type } = definitionOf(key);
  if (type === 'map') return { type: 'object', additionalProperties: { type: 'string' } };
  return convert(key === 'models' ? writtenModels : (schema as v.GenericSchema));
}

/** Whether the entries of a list may also be objects. */
export const holdsObjects = (key: ConfigurationKey): boolean => key === 'models';

function convert(schema: v.GenericSchema): KeySchema {
  const { $schema: _draft, ...converted } = toJsonSchema(schema, {
    typeMode: 'input',
    // Checks written in code aren't part of the schema.
    errorMode: 'ignore',
    overrideAction: ({ valibotAction, jsonSchema }) =>
      isRegex(valibotAction) ? { ...jsonSchema, pattern: patternOf(valibotAction.requirement) } : undefined,
  });
  return converted;
}

const isRegex = (action: { readonly type: string }): action is v.RegexAction<string, undefined> =>
  action.type === 'regex';

/** A pattern without flags, because JSON Schema has none. */
export function patternOf({ source, flags }: RegExp): string {
  return flags.includes('i') ? eitherCase(source) : source;
}

/** Replaces letters and ranges of letters with both their cases. */
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
