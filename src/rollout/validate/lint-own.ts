import { posix, win32 } from 'node:path';
import { type Finding, type FindingId, finding } from '../../claude-desktop/finding.ts';
import { parseValue } from '../../config/decode.ts';
import { type ConfigurationKey, configurationKeys, isConfigurationKey, isPathKey } from '../../config/keys.ts';
import { nearestKey } from '../../config/nearest-key.ts';
import { textOf } from '../../core/text-of.ts';
import type { Entry, SettingsDocument } from '../../formats/settings-document.ts';

/** Checks this program's settings in a file by the rules of config/keys.ts. */
export function lintOwn(document: SettingsDocument): readonly Finding[] {
  return document.entries.flatMap((entry) => {
    const key = ownKey(document, entry.key);
    if (key === undefined) return unknownSetting(document.file, entry.key.slice(0, 60), nearestKey(entry.key));
    const type = registryFault(entry);
    if (type !== undefined) return finding(type, document.file, { key });
    const rule = brokenRule(document, key, entry.value);
    if (rule !== undefined) return finding('setting-invalid', document.file, { key, rule });
    const fault = faultOf(document, key, textOf(entry.value));
    return fault === undefined ? [] : finding(fault, document.file, { key });
  });
}

/** What's wrong with a value that is valid elsewhere. */
function faultOf(document: SettingsDocument, key: ConfigurationKey, value: string): FindingId | undefined {
  if (key === 'proxy') return credentialsFault(document, value);
  // Only Macs read property lists.
  if (key === 'signInMethod' && value === 'broker' && document.form === 'plist') return 'broker-on-macos';
  return undefined;
}

/** A file in JSON is a user's own, and may hold credentials. */
function credentialsFault({ form }: SettingsDocument, proxy: string): FindingId | undefined {
  if (/^pac\+/i.test(proxy.trim()) || !proxy.includes('@')) return undefined;
  if (form !== 'json') return 'policy-credentials';
  return /^https:/i.test(proxy.trim()) ? undefined : 'proxy-credentials-plain';
}

/** The registry ignores case. */
function ownKey({ form }: SettingsDocument, name: string): ConfigurationKey | undefined {
  if (form !== 'registry') return isConfigurationKey(name) ? name : undefined;
  return configurationKeys.find((key) => key.toLowerCase() === name.toLowerCase());
}

/** `nearest` is the key that was probably meant. */
export function unknownSetting(file: string, key: string, nearest: ConfigurationKey | undefined): Finding {
  const rule = nearest === undefined ? {} : { rule: `is unknown; did you mean "${nearest}"?` };
  return finding('setting-unknown', file, { key, ...rule });
}

function registryFault({ registryType }: Entry): FindingId | undefined {
  if (registryType === undefined || registryType === 'REG_SZ' || registryType === 'REG_DWORD') return undefined;
  return registryType === 'REG_EXPAND_SZ' ? 'registry-expand-sz' : 'registry-type';
}

/** Judges a path for the file's platform, which need not be this one. */
function brokenRule({ form }: SettingsDocument, key: ConfigurationKey, raw: unknown): string | undefined {
  const parsed = parseValue(key, raw);
  if (!isPathKey(key)) return parsed.valid ? undefined : parsed.rule;
  const text = typeof raw === 'string' ? raw.trim() : '';
  const isPosix = posix.isAbsolute(text) && form !== 'registry';
  const isWindows = /^[a-z]:[\\/]|^\\\\/i.test(text) && win32.isAbsolute(text) && form !== 'plist';
  if (key === 'organizationLogo' && /^[\\/]{2}/.test(text)) return 'must be a file of the computer, not of a network';
  return isPosix || isWindows ? undefined : 'must be an absolute path for the platform of this file';
}
