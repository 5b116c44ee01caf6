import { posix, win32 } from 'node:path';
import type { Values } from '../../config/configuration.ts';
import { configurationKeys, isPathKey } from '../../config/keys.ts';
import { compactModel } from '../../config/models.ts';
import type { System } from '../../core/system.ts';
import { textOf } from '../../core/text-of.ts';

/** Where the program is, or will be, installed on each system. */
export type HelperPaths = Readonly<Record<System, string>>;

/**
 * Where this program's own installers put it: only administrators may write to these files and the folders above them.
 */
export const DEFAULT_HELPER_PATHS: HelperPaths = {
  macos: '/Library/Application Support/foundry-credential-helper/bin/foundry-credential-helper',
  windows: 'C:\\Program Files\\foundry-credential-helper\\foundry-credential-helper.exe',
  linux: '/usr/bin/foundry-credential-helper',
};

export type NativeValue = string | number | boolean | readonly unknown[] | Readonly<Record<string, unknown>>;
export type Settings = Readonly<Record<string, NativeValue>>;
export type TextSettings = Readonly<Record<string, string>>;

/** This program's own policy: all answers, without paths that belong to another system. Macs have no `broker`. */
export function ownSettings(values: Values, system: System): Settings {
  const isAbsolute = system === 'windows' ? win32.isAbsolute : posix.isAbsolute;
  const settings: Record<string, NativeValue> = {};
  for (const key of configurationKeys) {
    const value = values[key];
    if (value === undefined) continue;
    if (isPathKey(key) && (!isAbsolute(String(value)) || (system === 'windows' && String(value).startsWith('/')))) {
      continue;
    }
    settings[key] = key === 'models' ? (values.models ?? []).map(compactModel) : (value as NativeValue);
  }
  if (usesBrowserOnMacs(values) && system === 'macos') settings['signInMethod'] = 'browser';
  return settings;
}

/** Whether people on Macs sign in another way than elsewhere: this program doesn't use the broker of macOS. */
export function usesBrowserOnMacs({ signInMethod }: Values): boolean {
  return signInMethod === 'broker';
}

/** As property lists and the registry hold the settings of both programs: everything as text, structures as JSON. */
export function asText(settings: Settings): TextSettings {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, textOf(value)]));
}
