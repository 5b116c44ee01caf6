import { isShowableName } from '../core/looks-like-secret.ts';
import type { Origin } from './configuration.ts';
import type { IgnoredBecause } from './exclusion.ts';
import { type ConfigurationKey, configurationKeys, definitionOf, type Purpose, purposesOf } from './keys.ts';
import { compactModel, type Model } from './models.ts';
import { circumstancesOf, type IgnoredValue, type Resolution } from './resolve.ts';

type Value = string | number | boolean | readonly (string | Model)[] | Readonly<Record<string, string>>;

/** One line of `config show`, safe to print and to send: credentials are masked. */
export interface ConfigurationRow {
  readonly key: ConfigurationKey;
  readonly value?: Value;
  readonly origin?: Origin | undefined;
  readonly overrides: readonly Origin[];
  /** Users' values that don't count because of a policy. Without a `value`, it isn't valid. */
  readonly ignored?: readonly {
    readonly value?: Value;
    readonly origin: Origin;
    readonly because: IgnoredBecause;
  }[];
  /** Why the value isn't valid. */
  readonly problem?: string | undefined;
  /** What can't be done while the key has no value. */
  readonly requiredFor?: readonly Purpose[];
}

const HIDDEN = '(hidden)';

/** All keys, set or not, in the order of keys.ts. */
export function describeConfiguration(resolution: Resolution): readonly ConfigurationRow[] {
  const circumstances = circumstancesOf(resolution);
  return configurationKeys.map((key) => {
    const { value, origin, overrides, ignored, problem } = resolution.settings[key];
    return {
      key,
      ...(value === undefined ? {} : { value: mask(key, value) }),
      origin,
      overrides,
      ...(ignored === undefined ? {} : { ignored: ignored.map((one) => describeIgnored(key, one)) }),
      problem: problem?.detail,
      ...(value === undefined ? required(purposesOf(key, circumstances)) : {}),
    };
  });
}

function describeIgnored(key: ConfigurationKey, { value, origin, because }: IgnoredValue<Value | readonly Model[]>) {
  return { ...(value === undefined ? {} : { value: mask(key, value) }), origin, because };
}

const required = (requiredFor: readonly Purpose[]) => (requiredFor.length === 0 ? {} : { requiredFor });

function mask(key: ConfigurationKey, value: Value | readonly Model[]): Value {
  if (isList(value)) return value.map((entry) => (typeof entry === 'string' ? entry : compactModel(entry)));
  if (definitionOf(key).sensitive !== true) return value;
  if (typeof value === 'string') return maskUrl(value);
  if (typeof value !== 'object') return HIDDEN;
  return Object.fromEntries(Object.keys(value).map((name) => [isShowableName(name) ? name : HIDDEN, HIDDEN]));
}

/** Host and port help to diagnose, and so does a PAC file's path; user name, password, and query are for servers only. */
function maskUrl(text: string): string {
  if (text === 'system' || text === 'none') return text;
  const [, pac = '', address = ''] = /^(pac\+)?(.*)$/.exec(text) ?? [];
  const url = URL.parse(address);
  if (url === null) return HIDDEN;
  const hasCredentials = url.username !== '' || url.password !== '';
  const path = pac === '' ? '' : url.pathname;
  return `${pac}${url.protocol}//${hasCredentials ? `${HIDDEN}@` : ''}${url.host}${path}`;
}

const isList = (value: unknown): value is readonly (string | Model)[] => Array.isArray(value);
