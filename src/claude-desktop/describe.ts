// Claude Desktop's settings for people: each value only in the form that its key allows, because what has another form
// may be a misplaced key or password. The key table says what may be shown.
import { isAbsolute } from 'node:path';
import { looksLikeSecret } from '../core/looks-like-secret.ts';
import { DesktopValues } from './document.ts';
import { shownHelperPath } from './helper-program.ts';
import { type DesktopKey, type DesktopKeyName, type Display, desktopKey, desktopKeyNames } from './keys.ts';
import type { DesktopReading } from './read.ts';
import { offeredModels } from './rules/models.ts';

type Show = (text: string, value: unknown, definition: DesktopKey) => string | undefined;

const matching =
  (pattern: RegExp): Show =>
  (text) =>
    pattern.test(text) && !looksLikeSecret(text) ? text : undefined;

const SHOW: Readonly<Record<Display, Show>> = {
  word: (text, _, { values = [] }) => values.find((allowed) => allowed === text),
  flag: matching(/^(?:true|false|0|1)$/i),
  number: matching(/^\d{1,9}(?:\.\d{1,6})?$/),
  version: matching(/^\d+(?:\.\d+){1,4}$/),
  host: (text) => {
    const url = URL.parse(text);
    if (url === null || looksLikeSecret(url.host)) return undefined;
    return `${url.protocol}//${url.host}${isPlain(url) ? url.pathname : ''}`;
  },
  path: (text) => (isAbsolute(text) || /^[a-z]:[\\/]/i.test(text) ? shownHelperPath(text) : undefined),
  directory: matching(/^(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|(?:[a-z\d-]+\.)+[a-z]{2,24})$/i),
  resource: matching(/^[a-z\d][a-z\d-]{0,62}[a-z\d]$/i),
  models: (_, value) => {
    const names = offeredModels(value).filter((name) => /^[\w.@:-]{1,64}$/.test(name) && !looksLikeSecret(name));
    return names.length === 0 ? undefined : names.join(', ');
  },
  hidden: () => undefined,
};

/** Whether the path of a URL is what paths of addresses are: a few short words, and nothing else comes with it. */
const isPlain = ({ pathname, search, hash, username, password }: URL): boolean =>
  /^(?:\/[a-z\d._-]{1,24}){1,4}\/?$/i.test(pathname) &&
  !looksLikeSecret(pathname) &&
  [search, hash, username, password].every((part) => part === '');

/** The value of one key as a person may see it; `undefined` if it isn't set. */
function shownValue(values: DesktopValues, key: DesktopKeyName): string | undefined {
  const text = values.text(key);
  if (text === undefined) return undefined;
  const definition = desktopKey(key);
  return SHOW[definition.show](text, values.structure(key), definition) ?? '(set, not shown)';
}

/** What may be shown of the settings that are set, in the table's order. */
export function shownSettings(values: DesktopValues): readonly { readonly key: string; readonly value: string }[] {
  return desktopKeyNames.flatMap((key) => {
    const value = shownValue(values, key);
    return value === undefined ? [] : [{ key, value }];
  });
}

/** Lines for the report. */
export function describeDesktop(reading: DesktopReading): readonly string[] {
  switch (reading.state) {
    case 'absent':
      return ['no configuration was found'];
    case 'unreadable':
      return [`${reading.origin} is there, but can't be used: it ${reading.reason}`];
    case 'values': {
      const settings = shownSettings(new DesktopValues(reading.document));
      const shown = settings.map(({ key, value }) => `${key.padEnd(46)} ${value}`);
      const others = reading.document.entries.length - shown.length;
      const rest = others <= 0 ? [] : [`and ${others} other ${others === 1 ? 'key' : 'keys'}, not shown`];
      return [`from ${reading.origin}`, ...shown, ...rest];
    }
  }
}
