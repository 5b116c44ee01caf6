// A keystore that hides what it holds while it's locked, and the file that knows better.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { KeyringStore } from '../../../src/storage/keyring-store.ts';
import { RememberedStore } from '../../../src/storage/remembered-store.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { FakeKeyring } from '../../support/fakes/fake-keyring.ts';

const KEY = 'tenant/client';

let folder: string;
let keyring: FakeKeyring;
const clock = new FakeClock();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'remembered-'));
  keyring = new FakeKeyring();
  keyring.hidesWhenLocked = true;
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As a new process opens it. */
function open(): RememberedStore {
  const { openEntry, listAccounts } = keyring;
  const store = new KeyringStore({ kind: 'secret-service', openEntry, listAccounts });
  return new RememberedStore(store, join(folder, 'keystore.json'), clock);
}

it('tells a hidden entry from one that was never there, and writes nothing to find out', async () => {
  await open().set(KEY, new Secret('kept'));
  keyring.isLocked = true;
  keyring.calls.length = 0;
  await expect(open().get(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_MISSING', category: 'keystore' });
  expect(await open().get('never there')).toBeUndefined();
  expect(keyring.calls).toEqual([`get ${KEY}`, 'get never there']);
});

it('remembers an entry when it reads it, for example after an upgrade', async () => {
  keyring.entries.set(KEY, Buffer.from('of an older version'));
  await open().get(KEY);
  expect(open().storedAt(KEY)).toBe(0);
  keyring.isLocked = true;
  await expect(open().get(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_MISSING' });
});

it('deletes a hidden entry only once it is unlocked, and remembers it until then', async () => {
  await open().set(KEY, new Secret('kept'));
  keyring.isLocked = true;
  await expect(open().delete(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_LOCKED' });
  expect(open().storedAt(KEY)).toBe(clock.now());
  keyring.isLocked = false;
  expect(await open().delete(KEY)).toBe(true);
  expect(keyring.entries.size).toBe(0);
  expect(await open().get(KEY)).toBeUndefined();
});

it('lets an entry go that was deleted in the keyring program', async () => {
  await open().set(KEY, new Secret('kept'));
  keyring.entries.clear();
  await open().delete(KEY);
  expect(keyring.entries.size).toBe(0);
  expect(await open().get(KEY)).toBeUndefined();
});

it("clears what the keystore doesn't list", async () => {
  await open().set(KEY, new Secret('kept'));
  const { openEntry } = keyring;
  const store = new KeyringStore({ kind: 'secret-service', openEntry, listAccounts: async () => [] });
  expect(await new RememberedStore(store, join(folder, 'keystore.json'), clock).clear()).toBe(1);
  expect(keyring.entries.size).toBe(0);
});

it("keeps no secret in its file, and starts anew with one that can't be read", async () => {
  await open().set(KEY, new Secret('refresh-token'));
  const path = join(folder, 'keystore.json');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ version: 1, entries: { [KEY]: clock.now() } });
  writeFileSync(path, 'damaged');
  expect((await open().get(KEY))?.reveal()).toBe('refresh-token');
});
