import type { NativeAddons } from '../platform/native-addon.ts';
import { KeyringStore, SERVICE } from './keyring-store.ts';
import type { SecretStore } from './secret-store.ts';

/** Without this, the library silently falls back to the kernel's keyring, which is empty after a restart. */
const PIN = { linux: { store: 'secret-service' } } as const;

/**
 * Stores items in the Secret Service's default collection (https://specifications.freedesktop.org/secret-service/),
 * with the attributes `service` and `username`. A locked gnome-keyring still finds items. A locked KeePassXC asks to be
 * unlocked first, or finds none if its option "Prompt to unlock database before searching" is off.
 */
export function openSecretService(
  { AsyncEntry, findCredentialsAsync }: NativeAddons['keyring'],
  deadlineMs?: number,
): SecretStore {
  // Never `withTarget`: it would create another collection.
  return new KeyringStore({
    kind: 'secret-service',
    openEntry: (account) => new AsyncEntry(SERVICE, account, PIN),
    listAccounts: async () => (await findCredentialsAsync(SERVICE)).map(({ account }) => account),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
}
