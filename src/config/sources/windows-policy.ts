import type { Hive, Registry, RegistryValue } from '../../platform/registry.ts';
import { configurationKeys } from '../keys.ts';
import { places, type Subject } from '../places.ts';
import type { ConfigurationSource, SourceReading } from './source.ts';

const REGISTRY_TYPES = ['REG_SZ', 'REG_DWORD'];

/**
 * Policy for the computer and for the user. If the computer's key has any value, the user's is ignored entirely, so
 * that it can't loosen what the computer's omits. `registry` is an Error if the registry couldn't be opened.
 */
export function windowsPolicy(registry: Registry | Error, subject: Subject = 'own'): readonly ConfigurationSource[] {
  const key = places[subject].registryKey;
  const computer = () => readHive(registry, 'HKEY_LOCAL_MACHINE', key);
  return [
    source(`HKEY_LOCAL_MACHINE\\${key}`, computer),
    source(`HKEY_CURRENT_USER\\${key}`, () => {
      const above = computer();
      if (above.state === 'absent') return readHive(registry, 'HKEY_CURRENT_USER', key);
      const user = readHive(registry, 'HKEY_CURRENT_USER', key);
      if (user.state !== 'values') return { state: 'absent' };
      const reason = 'is ignored because HKEY_LOCAL_MACHINE has a policy';
      return { state: 'ignored', reason, keys: Object.keys(user.values) };
    }),
  ];
}

function source(location: string, read: () => SourceReading): ConfigurationSource {
  // The registry has no usable modification time; reading its few values costs less than a request over the pipe.
  return { kind: 'managed', location, read, fingerprint: () => fingerprintOf(read()) };
}

function fingerprintOf(reading: SourceReading): string {
  return reading.state === 'unreadable' ? `unreadable: ${reading.reason}` : JSON.stringify(reading);
}

function readHive(registry: Registry | Error, hive: Hive, key: string): SourceReading {
  if (registry instanceof Error) {
    return { state: 'unreadable', reason: "can't be read: the registry addon doesn't load", cause: registry };
  }
  let found: readonly RegistryValue[] | undefined;
  try {
    found = registry.readKey(hive, key);
  } catch (cause) {
    return { state: 'unreadable', reason: `can't be read${codeOf(cause)}`, cause };
  }
  return found === undefined || found.length === 0 ? { state: 'absent' } : toReading(found);
}

function toReading(found: readonly RegistryValue[]): SourceReading {
  const values: Record<string, unknown> = Object.create(null);
  const faults: Record<string, string> = Object.create(null);
  const registryTypes: Record<string, string> = Object.create(null);
  for (const { name, type, data } of found) {
    // The key's default value isn't a setting.
    if (name === '') continue;
    const key = settingName(name);
    values[key] = data;
    registryTypes[key] = type;
    if (!REGISTRY_TYPES.includes(type)) faults[key] = `must be REG_SZ or REG_DWORD, not ${type}`;
  }
  return { state: 'values', values, registryTypes, faults };
}

/** The registry ignores case. */
function settingName(name: string): string {
  return configurationKeys.find((key) => key.toLowerCase() === name.toLowerCase()) ?? name;
}

/** native-reg reports Windows's error code as `errno`. */
function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'errno' in thrown ? ` (Windows error ${String(thrown.errno)})` : '';
}
