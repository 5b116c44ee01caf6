import type { Origin } from './configuration.ts';
import { type ConfigurationKey, configurationKeys, definitionOf, type Purpose } from './keys.ts';
import type { Resolution } from './resolve.ts';

/** One line of `config show`, safe to print and to mail: credentials are masked. */
export interface ConfigurationRow {
  readonly key: ConfigurationKey;
  readonly value?: string | number | boolean | readonly string[] | Readonly<Record<string, string>>;
  readonly origin?: Origin;
  readonly overrides: readonly Origin[];
  /** Why the value is not valid. */
  readonly problem?: string;
  /** What cannot be done while the key has no value. */
  readonly requiredFor?: readonly Purpose[];
}

const HIDDEN = '(hidden)';

/** All keys in the table's order, set or not. */
export function describeConfiguration(resolution: Resolution): readonly ConfigurationRow[] {
  return configurationKeys.map((key) => {
    const { value, origin, overrides, problem } = resolution.settings[key];
    const requiredFor = purposesOf(key, resolution);
    return {
      key,
      ...(value === undefined ? {} : { value: mask(key, value) }),
      ...(origin === undefined ? {} : { origin }),
      overrides,
      ...(problem?.detail === undefined ? {} : { problem: problem.detail }),
      ...(value === undefined && requiredFor !== undefined ? { requiredFor } : {}),
    };
  });
}

/** Nobody signs in where an API key is handed out. */
function purposesOf(key: ConfigurationKey, { settings }: Resolution): readonly Purpose[] | undefined {
  const { requiredFor } = definitionOf(key);
  return settings.credential.value === 'api-key'
    ? requiredFor?.filter((purpose) => purpose !== 'sign-in')
    : requiredFor;
}

type Value = NonNullable<ConfigurationRow['value']>;

function mask(key: ConfigurationKey, value: Value): Value {
  if (definitionOf(key).sensitive !== true) return value;
  if (typeof value === 'string') return maskUrl(value);
  if (typeof value !== 'object' || isList(value)) return HIDDEN;
  return Object.fromEntries(Object.keys(value).map((name) => [name, HIDDEN]));
}

/** Host and port help in finding a fault; user name and password are for the proxy alone. */
function maskUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) return HIDDEN;
  const hasCredentials = url.username !== '' || url.password !== '';
  return `${url.protocol}//${hasCredentials ? `${HIDDEN}@` : ''}${url.host}`;
}

const isList = (value: object): value is readonly string[] => Array.isArray(value);
