// What the real keyrings on test machines don't do on demand: hide, hang, ignore, fail in Apple's words.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { Secret } from '../../../src/core/secret.ts';
import { KeyringStore, type KeyringStoreOptions } from '../../../src/storage/keyring-store.ts';
import { mapKeyringError } from '../../../src/storage/map-keyring-error.ts';
import { RememberedStore } from '../../../src/storage/remembered-store.ts';
import { FakeKeyring } from '../../support/fakes/fake-keyring.ts';
import { describeSecretStore } from './secret-store-contract.ts';

const KEY = 'tenant/client';

function createStore(options: Partial<KeyringStoreOptions> = {}): { keyring: FakeKeyring; store: KeyringStore } {
  const keyring = new FakeKeyring();
  const { openEntry, listAccounts } = keyring;
  return {
    keyring,
    store: new KeyringStore({ kind: 'keychain', openEntry, listAccounts, ...options }),
  };
}

describe.each([true, false])('a keyring that hides its entries when locked: %s', (hidesWhenLocked) => {
  const keyring = new FakeKeyring();
  keyring.hidesWhenLocked = hidesWhenLocked;
  const { openEntry, listAccounts } = keyring;
  const path = join(mkdtempSync(join(tmpdir(), 'keyring-')), 'keystore.json');
  afterAll(() => rmSync(dirname(path), { recursive: true }));
  describeSecretStore({
    open: () =>
      new RememberedStore(new KeyringStore({ kind: 'secret-service', openEntry, listAccounts }), path, systemClock),
    lock: () => {
      keyring.isLocked = true;
    },
    unlock: () => {
      keyring.isLocked = false;
    },
  });
});

describe("a keyring that doesn't answer", () => {
  it('is reported as waiting for the user when the deadline passes', async () => {
    const { keyring, store } = createStore({ deadlineMs: 50 });
    keyring.isSilent = true;
    await expect(store.get(KEY)).rejects.toMatchObject({
      code: 'ERR_KEYSTORE_WAITING',
      detail: "it hasn't answered yet",
    });
  });

  it('is asked one thing at a time, since each holds a thread', async () => {
    const { keyring, store } = createStore({ deadlineMs: 50 });
    keyring.isSilent = true;
    const calls = ['a', 'b', 'c', 'd', 'e'].map((key) => store.get(key));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status)).toEqual(calls.map(() => 'rejected'));
    expect(keyring.calls).toEqual(['get a']);
    expect(keyring.mostCallsAtOnce).toBe(1);
  });

  it("isn't asked later what no one waits for any more", async () => {
    const { keyring, store } = createStore({ deadlineMs: 50 });
    keyring.isSilent = true;
    const late = [store.get(KEY), store.set(KEY, new Secret('abandoned'))];
    await Promise.allSettled(late);
    keyring.answer();
    await store.set(KEY, new Secret('newest'));
    expect((await store.get(KEY))?.reveal()).toBe('newest');
    expect(keyring.calls.filter((call) => call.startsWith('set'))).toHaveLength(1);
  });

  it('works again once it has answered', async () => {
    const { keyring, store } = createStore({ deadlineMs: 50 });
    await store.set(KEY, new Secret('there'));
    keyring.isSilent = true;
    await expect(store.get(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_WAITING' });
    keyring.answer();
    expect((await store.get(KEY))?.reveal()).toBe('there');
  });
});

describe('a keyring that refuses', () => {
  it("doesn't pass for having deleted what is still there", async () => {
    const { keyring, store } = createStore();
    await store.set(KEY, new Secret('there'));
    keyring.ignoresDeletion = true;
    await expect(store.delete(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_LOCKED' });
    expect((await store.get(KEY))?.reveal()).toBe('there');
  });

  it('may refuse as early as when the entry is opened', async () => {
    const openEntry = () => {
      throw new Error(
        'Platform failure: DBus error: The name org.freedesktop.secrets was not provided by any .service files',
      );
    };
    const { store } = createStore({ kind: 'secret-service', openEntry });
    await expect(store.get(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_UNAVAILABLE' });
  });
});

describe('a keyring that asks before each access', () => {
  const createAsking = () => {
    const keyring = new FakeKeyring();
    keyring.asksBeforeAccess = true;
    const { openEntry, listAccounts } = keyring;
    const open = () => new KeyringStore({ kind: 'secret-service', openEntry, listAccounts });
    return { keyring, open };
  };

  it('is asked once for all that one process does with an entry', async () => {
    const { keyring, open } = createAsking();
    await open().set(KEY, new Secret('of the process before'));
    const store = open();
    await store.get(KEY);
    await store.set(KEY, new Secret('newer'));
    await store.get(KEY);
    await store.delete(KEY);
    expect(keyring.dialogs).toBe(1);
  });

  it("isn't asked again by a process that it refused for good", async () => {
    const { keyring, open } = createAsking();
    await open().set(KEY, new Secret('kept'));
    keyring.answers = 'deny';
    const store = open();
    for (const call of [() => store.get(KEY), () => store.set(KEY, new Secret('x')), () => store.delete(KEY)]) {
      await expect(call()).rejects.toMatchObject({ code: 'ERR_KEYSTORE_LOCKED' });
    }
    expect(keyring.dialogs).toBe(1);
  });

  it('is reached over a new connection after a restart', async () => {
    const { keyring, open } = createAsking();
    const store = open();
    await store.set(KEY, new Secret('kept'));
    keyring.restart();
    expect((await store.get(KEY))?.reveal()).toBe('kept');
    expect(keyring.dialogs).toBe(1);
  });
});

describe('the error texts of the library', () => {
  it.each([
    ['keychain', 'Platform failure: User interaction is not allowed.', 'ERR_KEYSTORE_LOCKED'],
    ['keychain', 'Platform failure: Benutzerinteraktion ist nicht erlaubt.', 'ERR_KEYSTORE_LOCKED'],
    ['keychain', 'Platform failure: A default keychain could not be found.', 'ERR_KEYSTORE_UNAVAILABLE'],
    ['keychain', "Couldn't access platform storage: No keychain is available.", 'ERR_KEYSTORE_UNAVAILABLE'],
    ['secret-service', 'zbus error: org.freedesktop.Secret.Error.IsLocked: Error', 'ERR_KEYSTORE_LOCKED'],
    [
      'secret-service',
      'Platform failure: DBus error: Did not receive a reply. Possible causes',
      'ERR_KEYSTORE_WAITING',
    ],
    ['secret-service', "Couldn't access platform storage: Secret Service: no result found", 'ERR_KEYSTORE_UNAVAILABLE'],
    ['secret-service', 'Platform failure: something new', 'ERR_KEYSTORE_UNAVAILABLE'],
  ] as const)('%s: %s', (kind, text, code) => {
    const cause = new Error(text);
    expect(mapKeyringError(cause, kind)).toMatchObject({ code, cause });
  });
});
