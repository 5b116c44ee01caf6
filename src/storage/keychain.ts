import type { NativeAddons } from '../platform/native-addon.ts';
import { KeyringStore, SERVICE } from './keyring-store.ts';
import type { SecretStore } from './secret-store.ts';

/**
 * Generic passwords in the user's login keychain. A locked keychain still says truthfully whether an entry exists:
 * only the secrets in it are encrypted.
 */
export function openKeychain({ AsyncEntry, findCredentialsAsync }: NativeAddons['keyring']): SecretStore {
  // Never `withTarget`: there the target picks another keychain.
  return new KeyringStore({
    kind: 'keychain',
    openEntry: (account) => new AsyncEntry(SERVICE, account),
    listAccounts: async () => (await findCredentialsAsync(SERVICE)).map(({ account }) => account),
    hidesWhenLocked: false,
  });
}
