// Managed policy: what an admin has set for this computer or this user. Users can't change it.
import { userInfo } from 'node:os';
import { toAppError } from '../../core/errors.ts';
import { createRegistry } from '../../platform/registry.ts';
import { MANAGED_PREFERENCES, type Subject } from '../places.ts';
import { linuxPolicy } from './linux-policy.ts';
import type { ConfigurationSource } from './source.ts';

/**
 * Highest rank first. A place that can't be opened becomes an unreadable source. Claude Desktop's file on Linux has
 * its own rules, in claude-desktop/read.ts. Never rejects.
 */
export async function managedSources(subject: Subject = 'own'): Promise<readonly ConfigurationSource[]> {
  switch (process.platform) {
    case 'darwin': {
      const { macPreferences } = await import('./mac-preferences.ts');
      return macPreferences(accountName(), MANAGED_PREFERENCES, subject);
    }
    case 'win32': {
      const { windowsPolicy } = await import('./windows-policy.ts');
      const { loadNativeAddon } = await import('../../platform/native-addon.ts');
      return windowsPolicy(await loadNativeAddon('registry').then(createRegistry, toAppError), subject);
    }
    case 'linux':
      return subject === 'own' ? [linuxPolicy()] : [];
    default:
      return [];
  }
}

/** The account's real name. Users can set variables such as USER to anything. */
function accountName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
