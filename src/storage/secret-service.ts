import type { NativeAddons } from '../platform/native-addon.ts';
import { KeyringStore, SERVICE } from './keyring-store.ts';
import type { SecretStore } from './secret-store.ts';

/** Without the pin the library silently falls back to the kernel's keyring, which a restart empties. */
const PIN = { linux: { store: 'secret-service' } } as const;

/**
 * Items in the default collection of the Secret Service (https://specifications.freedesktop.org/secret-service/),
 * attributes `service` and `username`. A locked gnome-keyring finds items all the same; a locked KeePassXC finds none
 * (Collection::searchItems), which would pass for "not signed in".
 */
export function openSecretService(
  { AsyncEntry, findCredentialsAsync }: NativeAddons['keyring'],
  deadlineMs?: number,
): SecretStore {
  // Never `withTarget`: it would make a collection of its own.
  return new KeyringStore({
    kind: 'secret-service',
    openEntry: (account) => new AsyncEntry(SERVICE, account, PIN),
    listAccounts: async () => (await findCredentialsAsync(SERVICE)).map(({ account }) => account),
    hidesWhenLocked: true,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
}
