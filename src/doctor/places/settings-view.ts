// The settings as one process sees them, in a form that may leave it: nothing secret, and yet comparable.
import { createHmac } from 'node:crypto';
import { describeConfiguration } from '../../config/describe.ts';
import type { Resolution } from '../../config/resolve.ts';

export interface SettingView {
  /** A key of the configuration, `config.json`, or a variable that isn't a setting. */
  readonly name: string;
  /** Absent if it isn't set. Masked. */
  readonly shown?: string;
  /** The file, registry key, or variable. Absent if it isn't set, or for a default. */
  readonly location?: string;
  readonly isFromEnvironment: boolean;
  /** The same for the same value; absent if it isn't set. */
  readonly digest?: string;
}

/** The file of settings, whose place variables can change. */
export const CONFIG_FILE = 'config.json';
/** OpenSSL reads its roots from here. */
const ROOT_VARIABLES = ['SSL_CERT_FILE', 'SSL_CERT_DIR'];
/** Never shown: support can ask who signs in. */
const PERSONAL_KEYS = ['accountHint'];

/** @param key makes the digests: a new one for each comparison, so that nobody can look up values by them */
export function viewSettings(resolution: Resolution, env: NodeJS.ProcessEnv, key: string): readonly SettingView[] {
  const digest = (value: unknown) => createHmac('sha256', key).update(JSON.stringify(value)).digest('base64');
  const file = resolution.sources.find(({ kind }) => kind === 'user-file')?.location;
  const variables = ROOT_VARIABLES.map((name): readonly [string, string | undefined] => [name, env[name]]);
  return [
    ...[[CONFIG_FILE, file] as const, ...variables].map(([name, value]) => ({
      name,
      isFromEnvironment: name !== CONFIG_FILE,
      ...(value === undefined ? {} : { shown: value, digest: digest(value) }),
    })),
    ...describeConfiguration(resolution).map(({ key: name, value: shown, origin }) => {
      const { value } = resolution.settings[name];
      const text = PERSONAL_KEYS.includes(name)
        ? '(hidden)'
        : typeof shown === 'string'
          ? shown
          : JSON.stringify(shown);
      return {
        name,
        isFromEnvironment: origin?.kind === 'environment',
        ...(value === undefined ? {} : { shown: text, digest: digest(value) }),
        ...(origin === undefined || origin.kind === 'default' ? {} : { location: origin.location }),
      };
    }),
  ];
}
