import { isObject } from '../../core/json.ts';
import { textOf } from '../../core/text-of.ts';

export type Dictionary = Readonly<Record<string, unknown>>;

/** What a payload sets in one preference domain. */
export interface DomainSettings {
  readonly domain: string;
  readonly values: Dictionary;
}

/** How MDM consoles wrap preferences. https://developer.apple.com/documentation/devicemanagement/managedpreferences */
const MANAGED_PREFERENCES = 'com.apple.ManagedClient.preferences';

export function domainSettings(payload: Dictionary): readonly DomainSettings[] {
  const type = textOf(payload['PayloadType'] ?? '');
  const content = payload['PayloadContent'];
  if (type !== MANAGED_PREFERENCES || !isObject(content)) return [{ domain: type, values: payload }];
  return Object.entries(content).flatMap(([domain, wrapper]) => {
    const states = isObject(wrapper) ? [wrapper['Forced'], wrapper['Set-Once']].flat() : [];
    return states.flatMap((state) => {
      const values = isObject(state) ? state['mcx_preference_settings'] : undefined;
      return isObject(values) ? [{ domain, values }] : [];
    });
  });
}
