// The settings as one process sees them, in a form that may leave it: nothing secret, and yet comparable.
import { createHmac } from 'node:crypto';
import { type ConfigurationRow, describeConfiguration } from '../../config/describe.ts';
import type { Resolution } from '../../config/resolve.ts';
import { printable } from '../../core/printable.ts';

export interface SettingView {
  /** A key of the configuration, `config.json`, or a variable that isn't a setting. */
  readonly name: string;
  /** Absent if it isn't set. Masked. */
  readonly shown?: string;
  /** The file, registry key, or variable. Absent if it isn't set, and for a default. */
  readonly location?: string;
  /** The same for the same value; absent if it isn't set. */
  readonly digest?: string;
}

/** The file of settings, whose place depends on variables. */
export const CONFIG_FILE = 'config.json';
/** OpenSSL reads its roots from here. */
const ROOT_VARIABLES = ['SSL_CERT_FILE', 'SSL_CERT_DIR'];
/** Never shown: support can ask who signs in. */
const PERSONAL_KEYS = ['accountHint'];
/** What is sent has a limit. */
const MAX_SHOWN = 300;

/** @param key makes the digests: a new one for each comparison, so that no one can look up values by them */
export function viewSettings(resolution: Resolution, env: NodeJS.ProcessEnv, key: string): readonly SettingView[] {
  const viewOf = (value: unknown, shown: string): Pick<SettingView, 'shown' | 'digest'> =>
    value === undefined
      ? {}
      : {
          shown: printable(shown, MAX_SHOWN),
          digest: createHmac('sha256', key).update(JSON.stringify(value)).digest('base64'),
        };
  const file = resolution.sources.find(({ kind }) => kind === 'user-file')?.location;
  const others = [[CONFIG_FILE, file] as const, ...ROOT_VARIABLES.map((name) => [name, env[name]] as const)];
  return [
    ...others.map(([name, value]) => ({ name, ...viewOf(value, `${value}`) })),
    ...describeConfiguration(resolution).map((row) => ({
      name: row.key,
      ...viewOf(row.problem ?? resolution.settings[row.key].value, shownValue(row)),
      ...(row.origin === undefined || row.origin.kind === 'default' ? {} : { location: row.origin.location }),
    })),
  ];
}

function shownValue({ key, value, problem }: ConfigurationRow): string {
  if (problem !== undefined) return '(invalid)';
  if (PERSONAL_KEYS.includes(key)) return '(hidden)';
  return typeof value === 'string' ? value : `${JSON.stringify(value)}`;
}
