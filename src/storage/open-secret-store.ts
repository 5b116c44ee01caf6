// The only platform switch in this folder. No branch falls back to a file: a computer without a keystore is an error
// with a remedy, not a silent downgrade.
import { join } from 'node:path';
import { systemClock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { loadNativeAddon } from '../platform/native-addon.ts';
import { productPaths } from '../platform/paths.ts';
import type { DatedStore, SecretStore } from './secret-store.ts';

/**
 * Opens this system's keystore.
 * @throws AppError ERR_KEYSTORE_UNAVAILABLE if the system has no known keystore, or its addon doesn't load
 */
export async function openSecretStore(platform: NodeJS.Platform = process.platform): Promise<SecretStore> {
  switch (platform) {
    case 'darwin': {
      const { openKeychain } = await import('./keychain.ts');
      return openKeychain(await loadNativeAddon('keyring'));
    }
    case 'linux': {
      const { openSecretService } = await import('./secret-service.ts');
      return openSecretService(await loadNativeAddon('keyring'));
    }
    case 'win32': {
      const { openDpapiStore } = await import('./dpapi.ts');
      return openDpapiStore(await loadNativeAddon('dpapi'), join(productPaths().state, 'keystore'));
    }
    default:
      throw new AppError('ERR_KEYSTORE_UNAVAILABLE', { detail: `none is known for ${platform}` });
  }
}

/** The same for the keystore's one writer: with a file in `folder` that says what it holds. @throws as `openSecretStore` */
export async function openRememberedStore(folder: string): Promise<DatedStore> {
  const { RememberedStore } = await import('./remembered-store.ts');
  return new RememberedStore(await openSecretStore(), join(folder, 'keystore.json'), systemClock);
}
