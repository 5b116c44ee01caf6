import { resolve } from 'node:path';
import { configurationKeys, definitionOf } from '../keys.ts';
import type { ConfigurationSource, SourceReading } from './source.ts';

/** The variables that keys.ts names. An empty one counts as not set, as in other programs. */
export function environmentSource(env: NodeJS.ProcessEnv): ConfigurationSource {
  return {
    kind: 'environment',
    location: 'environment',
    read: () => readEnvironment(env),
    // The environment of a running process doesn't change from outside.
    fingerprint: () => 'environment',
  };
}

function readEnvironment(env: NodeJS.ProcessEnv): SourceReading {
  const values: Record<string, string> = {};
  const locations: Record<string, string> = {};
  for (const key of configurationKeys) {
    const name = definitionOf(key).environment?.find((variable) => (env[variable] ?? '').trim() !== '');
    if (name === undefined) continue;
    values[key] = normalize(name, env[name] ?? '');
    locations[key] = name;
  }
  return Object.keys(values).length === 0 ? { state: 'absent' } : { state: 'values', values, locations };
}

/** Accepts what other programs accept in these variables, beyond this program's own rules. */
function normalize(variable: string, value: string): string {
  switch (variable) {
    case 'NODE_EXTRA_CA_CERTS':
      // Node resolves a relative path against the working folder.
      return resolve(value.trim());
    case 'NO_PROXY':
    case 'no_proxy':
      // curl accepts spaces as separators too.
      return value
        .trim()
        .split(/[\s,]+/)
        .join(',');
    default:
      return value;
  }
}
