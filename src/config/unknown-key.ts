// Settings that this version doesn't know. They change nothing, so that fleets can roll forward and back; a misspelled
// name still has to come to light.
import { isShowableName } from '../core/looks-like-secret.ts';
import { type ConfigurationKey, isConfigurationKey } from './keys.ts';
import { nearestKey } from './nearest-key.ts';

export interface UnknownKey {
  /** The name, safe to print and to log; see `shownName`. */
  readonly key: string;
  readonly location: string;
  /** The known key that was probably meant. */
  readonly nearest?: ConfigurationKey | undefined;
}

export function unknownKey(name: string, location: string): UnknownKey {
  const nearest = nearestKey(name);
  return { key: shownName(name), location, nearest };
}

/** The names among a source's own that aren't settings. */
export const unknownNames = (values: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(values).filter((name) => !isConfigurationKey(name));

/** `unknown setting "x" in <location>; did you mean "y"?` */
export function unknownKeyText({ key, location, nearest }: UnknownKey): string {
  const suggestion = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  return `unknown setting "${key}" in ${location}${suggestion}`;
}

/** What isn't like a setting's name is hidden: someone may have pasted a key or a command there. */
const shownName = (name: string): string => (isShowableName(name) ? name : '(hidden)');
