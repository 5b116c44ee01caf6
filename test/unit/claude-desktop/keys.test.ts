import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type CredentialKind,
  type DesktopKey,
  desktopKey,
  desktopKeyNames,
  isDesktopKey,
  PROVIDERS,
} from '../../../src/claude-desktop/keys.ts';

const KINDS: readonly CredentialKind[] = [
  'static',
  'helper-script',
  'interactive',
  'vendor-profile',
  'workforce',
  'external-idp',
];
const keys = desktopKeyNames.map((name) => ({ name, ...desktopKey(name) }));
const those = (holds: (key: DesktopKey) => boolean) => keys.filter(holds).map(({ name }) => name);

/** Where a nested place means this key: for each provider and kind of credential. */
const placesOf = ({ nested, providers = PROVIDERS, credentialKinds = KINDS }: DesktopKey): readonly string[] =>
  providers.flatMap((provider) => credentialKinds.map((kind) => `${nested} for ${provider} with ${kind}`));

describe('the table of Claude Desktop’s keys', () => {
  it('has all 170, and no two share a nested place for the same provider and kind of credential', () => {
    expect(keys).toHaveLength(170);
    const places = keys.flatMap(placesOf);
    expect(places.filter((place, index) => places.indexOf(place) !== index)).toEqual([]);
    expect(those(({ nested }) => !/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*){0,2}$/.test(nested))).toEqual([]);
  });

  it('describes each in one sentence that no other key has', () => {
    expect(those(({ description }) => !/^[A-Z][^!?]{10,110}[^.!?]\.$/.test(description))).toEqual([]);
    expect(those(({ description }) => /\.\s/.test(description))).toEqual([]);
    expect(new Set(keys.map(({ description }) => description)).size).toBe(keys.length);
  });

  it('lists values only for enums and element types only for arrays', () => {
    expect(those((key) => (key.values !== undefined) !== (key.type === 'enum' || key.of === 'enum'))).toEqual([]);
    expect(those(({ values }) => values !== undefined && new Set(values).size !== values.length)).toEqual([]);
    expect(those(({ type, of }) => (of !== undefined) !== (type === 'array'))).toEqual([]);
    expect(
      those(({ values = [], valuesSince = {} }) => !Object.keys(valuesSince).every((value) => values.includes(value))),
    ).toEqual([]);
  });

  it('sets bounds only for numbers, the lower one first', () => {
    const isBounded = (key: DesktopKey) => (key.min ?? key.above ?? key.max ?? key.fraction) !== undefined;
    expect(those((key) => isBounded(key) && key.type !== 'number')).toEqual([]);
    expect(those(({ min = -1, above = -1, max = Infinity }) => Math.max(min, above) > max)).toEqual([]);
    expect(those(({ min, fraction }) => min !== undefined && fraction === true)).toEqual([]);
  });

  it('sets patterns, addresses, paths, and lengths only for texts', () => {
    const isText = (key: DesktopKey) => (key.pattern ?? key.url ?? key.path ?? key.maxLength) !== undefined;
    expect(those((key) => isText(key) && key.type !== 'string')).toEqual([]);
  });

  it('has valid versions', () => {
    const versionsOf = (key: DesktopKey) => [
      key.since,
      key.firstPartySince ?? key.since,
      ...Object.values(key.valuesSince ?? {}),
    ];
    const isVersion = (text: string) => /^\d+(?:\.\d+)+$/.test(text);
    expect(those((key) => !versionsOf(key).every(isVersion))).toEqual([]);
    expect(those(({ firstPartySince, modes }) => firstPartySince !== undefined && modes.length !== 2)).toEqual([]);
  });

  it('has fifteen keys that may be managed alone', () => {
    expect(those(({ mayBeManagedAlone }) => mayBeManagedAlone === true)).toHaveLength(15);
  });

  it('has former names that aren’t keys, valid dates, and replacements that are keys', () => {
    const old = keys.flatMap(({ formerly }) => (formerly === undefined ? [] : [formerly.name]));
    expect(old.filter(isDesktopKey)).toEqual([]);
    expect(new Set(old).size).toBe(old.length);
    const days = keys.flatMap(({ formerly, retired, refusedForms = [] }) =>
      [formerly, retired, ...refusedForms].flatMap((refusal) => refusal?.refusedFrom ?? []),
    );
    expect(days.filter((day) => !/^2026-1[01]-\d\d$/.test(day))).toEqual([]);
    expect(those(({ supersededBy }) => supersededBy !== undefined && !isDesktopKey(supersededBy))).toEqual([]);
  });

  it('doesn’t refuse a value that it lists', () => {
    const refused = ({ refusedForms = [], values = [] }: DesktopKey) =>
      refusedForms.some((refusal) => refusal.form === 'value' && values.includes(refusal.value));
    expect(those(refused)).toEqual([]);
  });
});

describe('how a report may show a value', () => {
  it('fits the type', () => {
    const fits = (key: DesktopKey): boolean => {
      switch (key.show) {
        case 'hidden':
          return true;
        case 'word':
          return key.type === 'enum' || key.pattern !== undefined;
        case 'flag':
          return key.type === 'boolean';
        case 'number':
          return key.type === 'number';
        case 'host':
          return key.url !== undefined;
        case 'models':
          return key.of === 'union';
        default:
          return key.type === 'string';
      }
    };
    expect(those((key) => !fits(key))).toEqual([]);
  });

  it('hides keys, tokens, secrets, headers, arguments, free text, lists, and objects', () => {
    const secret = /apikey|token$|secret|headers$|args$|instructions|displayname|subtitle|hint|profile|scopes$/i;
    const shown = keys.filter(({ show }) => show !== 'hidden' && show !== 'models');
    expect(shown.filter(({ name }) => secret.test(name)).map(({ name }) => name)).toEqual([]);
    expect(shown.filter(({ type }) => ['array', 'object', 'record'].includes(type)).map(({ name }) => name)).toEqual(
      [],
    );
  });
});

describe('the facts of the vendor’s schema', () => {
  it('match the copy in the fixtures', () => {
    const copy: unknown = JSON.parse(
      readFileSync(new URL('../../fixtures/desktop-keys.json', import.meta.url), 'utf8'),
    );
    expect(Object.fromEntries(keys.map((key) => [key.name, factsOf(key)]))).toEqual(copy);
  });
});

function factsOf({ type, of, values, min, above, max, since, modes, readers, providers, ...key }: DesktopKey): object {
  const facts = { type, of, values, min, above, max, since, scopes: modes, readers, providers };
  const more = { behaviourOnly: key.mayBeManagedAlone, formerly: key.formerly?.name };
  return Object.fromEntries(Object.entries({ ...facts, ...more }).filter(([, value]) => value !== undefined));
}
