// The form in which Claude Desktop itself writes a configuration (`$schemaVersion` 2): groups in place of flat names.
import { isObject, parseJson } from '../core/json.ts';
import type { Entry } from '../formats/settings-document.ts';
import { type DesktopKeyName, desktopKey, desktopKeyNames, isDesktopKey } from './keys.ts';

type Dictionary = Readonly<Record<string, unknown>>;

const VERSION = '$schemaVersion';
/** Members of a document that aren't settings. */
const DESCRIPTION = [VERSION, '$schema', 'expiresAt'];

export const isDescription = (member: string): boolean => DESCRIPTION.includes(member);

/** The keys of each place; different providers and kinds of credential share some. */
const KEYS_BY_PLACE = new Map<string, DesktopKeyName[]>();
for (const name of desktopKeyNames) {
  const { nested } = desktopKey(name);
  KEYS_BY_PLACE.set(nested, [...(KEYS_BY_PLACE.get(nested) ?? []), name]);
}
const GROUPS = new Set([...KEYS_BY_PLACE.keys()].flatMap(groupsOf));

/**
 * Whether an object has groups rather than flat names. `$schemaVersion` decides if it's a whole number: 1 is the flat
 * form, everything above the nested one. Otherwise a group at the top level does.
 */
export function isNestedForm(object: Dictionary): boolean {
  const version = object[VERSION];
  if (typeof version === 'number' && Number.isInteger(version) && version >= 1) return version > 1;
  return Object.entries(object).some(([name, value]) => isGroup(name) && isObject(groupValue(value)));
}

/** The settings under their flat names. What has no flat name, or none with this provider and kind, keeps its place. */
export function flatEntries(object: Dictionary): readonly Entry[] {
  const inference = groupValue(object['inference']);
  const credential = isObject(inference) ? groupValue(inference['credential']) : undefined;
  const choice: Choice = {
    provider: isObject(inference) ? inference['provider'] : undefined,
    kind: isObject(credential) ? credential['kind'] : undefined,
  };
  const members = Object.entries(object).filter(([name]) => !isDescription(name));
  const grouped = members
    .filter(([name]) => isGroup(name))
    .flatMap(([name, value]) => entriesBelow(name, value, choice));
  const taken = new Set(grouped.map(({ key }) => key));
  // A flat name next to the groups counts too, unless a group holds the same setting.
  const flat = members.filter(([name]) => !isGroup(name) && !taken.has(name)).map(([key, value]) => ({ key, value }));
  return [...grouped, ...flat];
}

/** The settings of a file in Claude Desktop's flat form, without what describes the file. */
export const plainEntries = (object: Dictionary): readonly Entry[] =>
  Object.entries(object)
    .filter(([name]) => !isDescription(name))
    .map(([key, value]) => ({ key, value }));

interface Choice {
  readonly provider: unknown;
  readonly kind: unknown;
}

function entriesBelow(place: string, value: unknown, choice: Choice): readonly Entry[] {
  const key = keyAt(place, choice);
  if (key !== undefined) return [{ key, value }];
  const group = groupValue(value);
  if (!isGroup(place) || !isObject(group)) return [{ key: place, value }];
  return Object.entries(group).flatMap(([member, inner]) => entriesBelow(`${place}.${member}`, inner, choice));
}

function keyAt(place: string, { provider, kind }: Choice): DesktopKeyName | undefined {
  return KEYS_BY_PLACE.get(place)?.find((name) => {
    const { providers, credentialKinds } = desktopKey(name);
    return includes(providers, provider) && includes(credentialKinds, kind);
  });
}

const includes = (allowed: readonly string[] | undefined, value: unknown): boolean =>
  allowed === undefined || allowed.some((name) => name === value);

/** The same settings in the app's own form. */
export function nestedForm(settings: Dictionary): Dictionary {
  const root: Record<string, unknown> = { [VERSION]: 2 };
  for (const [name, value] of Object.entries(settings)) {
    // What isn't a key keeps its name, or the place that it had as a path with dots.
    const parts = (isDesktopKey(name) ? desktopKey(name).nested : name).split('.');
    const last = parts.pop() ?? name;
    let group = root;
    for (const part of parts) {
      const inner = (group[part] ?? {}) as Record<string, unknown>;
      group[part] = inner;
      group = inner;
    }
    group[last] = value;
  }
  return root;
}

const isGroup = (place: string): boolean => GROUPS.has(place);

/** A group may itself be JSON text. */
function groupValue(value: unknown): unknown {
  return typeof value === 'string' && value.trimStart().startsWith('{') ? (parseJson(value) ?? value) : value;
}

function groupsOf(place: string): readonly string[] {
  const parts = place.split('.');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
}
