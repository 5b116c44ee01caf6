// What every SecretStore promises; each store's own test file runs it.
import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import type { SecretStore } from '../../../src/storage/secret-store.ts';

export interface StoreUnderTest {
  /** A store on the same keystore each time, as another process would open it. */
  open(): SecretStore | Promise<SecretStore>;
  /** Where the keystore can be locked. */
  lock?(): void | Promise<void>;
  unlock?(): void | Promise<void>;
}

const lockedOrHidden = (): object => ({ code: expect.stringMatching(/^ERR_KEYSTORE_(LOCKED|MISSING)$/) });

/** Declares the suite. Keys are random, so that it may run on a developer's own keystore, and are deleted afterward. */
export function describeSecretStore({ open, lock, unlock }: StoreUnderTest): void {
  const keys: string[] = [];
  const newKey = (): string => {
    const key = `contract-test/${randomUUID()}`;
    keys.push(key);
    return key;
  };
  afterEach(async () => {
    await unlock?.();
    const store = await open();
    for (const key of keys.splice(0)) await store.delete(key);
  });

  describe('the contract of a secret store', () => {
    it.each([
      ['ASCII', 'refresh-token'],
      ['non-ASCII and control characters', '\ufeffZürich ☃ 𝕊 日本語 "\\ \n\r\t \u0000 end'],
      ['20 KB', randomBytes(15_000).toString('base64')],
    ])('returns what was set: %s', async (_, text) => {
      const store = await open();
      const key = newKey();
      await store.set(key, new Secret(text));
      expect((await store.get(key))?.reveal()).toBe(text);
    });

    it('replaces a value, also a longer one', async () => {
      const store = await open();
      const key = newKey();
      await store.set(key, new Secret('a longer first value'));
      await store.set(key, new Secret('second'));
      expect((await store.get(key))?.reveal()).toBe('second');
    });

    it("says undefined for what isn't there, before and after", async () => {
      const store = await open();
      const key = newKey();
      expect(await store.get(key)).toBeUndefined();
      await store.set(key, new Secret('there'));
      await store.delete(key);
      expect(await store.get(key)).toBeUndefined();
    });

    it('says of a deletion whether there was an entry', async () => {
      const store = await open();
      const key = newKey();
      await store.set(key, new Secret('there'));
      expect([await store.delete(key), await store.delete(key)]).toEqual([true, false]);
    });

    it('deletes everything in one call, and says how much that was', async () => {
      const store = await open();
      await store.clear();
      const [first, second] = [newKey(), newKey()];
      await store.set(first, new Secret('one'));
      await store.set(second, new Secret('two'));
      expect(await store.clear()).toBe(2);
      expect([await store.get(first), await store.get(second)]).toEqual([undefined, undefined]);
      expect(await store.clear()).toBe(0);
    });

    it('keeps keys apart', async () => {
      const store = await open();
      const key = newKey();
      const others = [`${key}/other`, key.toUpperCase()];
      keys.push(...others);
      await store.set(key, new Secret('mine'));
      for (const other of others) await store.set(other, new Secret(other));
      await store.delete(`${key}/other`);
      expect((await store.get(key))?.reveal()).toBe('mine');
      expect((await store.get(key.toUpperCase()))?.reveal()).toBe(key.toUpperCase());
      expect(await store.get(`${key}/other`)).toBeUndefined();
    });

    it('never shows a torn value while 20 writers are at work', async () => {
      const stores = await Promise.all([open(), open()]);
      const key = newKey();
      const values = Array.from({ length: 20 }, (_, index) => `${index}:`.padEnd(3000, String(index)));
      const seen: (string | undefined)[] = [];
      const store = (index: number): SecretStore => stores[index % 2] ?? (stores[0] as SecretStore);
      await store(0).set(key, new Secret(values[0] ?? ''));
      await Promise.all(
        values.map(async (value, index) => {
          await store(index).set(key, new Secret(value));
          seen.push((await store(index + 1).get(key))?.reveal());
        }),
      );
      seen.push((await store(0).get(key))?.reveal());
      expect(seen).toHaveLength(21);
      expect(seen.filter((value) => value === undefined || !values.includes(value))).toEqual([]);
    });

    it('keeps entries when it is opened anew', async () => {
      const key = newKey();
      await (await open()).set(key, new Secret('kept'));
      expect((await (await open()).get(key))?.reveal()).toBe('kept');
    });
  });

  if (lock === undefined) return;
  describe('a locked secret store', () => {
    it.each(['get', 'set', 'delete'] as const)('refuses to %s and keeps the entry', async (operation) => {
      const store = await open();
      const key = newKey();
      await store.set(key, new Secret('still there'));
      await lock();
      const call = operation === 'set' ? store.set(key, new Secret('other')) : store[operation](key);
      await expect(call).rejects.toMatchObject(lockedOrHidden());
      await unlock?.();
      expect((await store.get(key))?.reveal()).toBe('still there');
    });

    it('works again when it is unlocked', async () => {
      const store = await open();
      const key = newKey();
      await store.set(key, new Secret('old'));
      await lock();
      await expect(store.get(key)).rejects.toMatchObject(lockedOrHidden());
      await unlock?.();
      await store.set(key, new Secret('new'));
      expect((await store.get(key))?.reveal()).toBe('new');
      await store.delete(key);
      expect(await store.get(key)).toBeUndefined();
    });
  });
}
