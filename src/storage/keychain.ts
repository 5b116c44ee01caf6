import type { NativeAddons } from '../platform/native-addon.ts';
import { KeyringStore, SERVICE } from './keyring-store.ts';
import type { SecretStore } from './secret-store.ts';

/**
 * Stores generic passwords in the user's login keychain. A locked keychain still says correctly whether an entry
 * exists, because only the secrets in it are encrypted.
 */
export function openKeychain({ AsyncEntry, findCredentialsAsync }: NativeAddons['keyring']): SecretStore {
  // Never `withTarget`: its target selects another keychain.
  return new KeyringStore({
    kind: 'keychain',
    openEntry: (account) => new AsyncEntry(SERVICE, account),
    listAccounts: async () => (await findCredentialsAsync(SERVICE)).map(({ account }) => account),
  });
}
