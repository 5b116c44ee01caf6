import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { DpapiFileStore } from '../../../src/storage/dpapi-file-store.ts';
import { AesProtector } from '../../support/fakes/aes-protector.ts';
import { describeSecretStore } from './secret-store-contract.ts';

const base = mkdtempSync(join(tmpdir(), 'dpapi-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const protector = new AesProtector();
describeSecretStore({ open: () => new DpapiFileStore(join(base, 'contract'), protector) });

const KEY = 'tenant/client';
const FILE = `${createHash('sha256').update(KEY).digest('hex')}.dpapi`;

async function storeWithEntry(): Promise<{ store: DpapiFileStore; folder: string; path: string }> {
  const folder = mkdtempSync(join(base, 'store-'));
  const store = new DpapiFileStore(folder, protector);
  await store.set(KEY, new Secret('refresh-token'));
  return { store, folder, path: join(folder, FILE) };
}

describe('the DPAPI file store', () => {
  it('writes one private file per key, protected, and leaves nothing else behind', async () => {
    const { store, folder, path } = await storeWithEntry();
    await store.set(KEY, new Secret('refresh-token-2'));
    expect(readdirSync(folder)).toEqual([FILE]);
    expect(readFileSync(path).includes('refresh-token')).toBe(false);
    await store.delete(KEY);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(process.platform !== 'win32')('makes the folder 0700 and the file 0600', async () => {
    const folder = join(base, 'modes', 'keystore');
    await new DpapiFileStore(folder, protector).set(KEY, new Secret('refresh-token'));
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, FILE)).mode & 0o777).toBe(0o600);
  });

  it.each<[string, (path: string) => void]>([
    [
      'changed',
      (path) =>
        writeFileSync(
          path,
          readFileSync(path).map((byte, index) => (index === 14 ? byte ^ 1 : byte)),
        ),
    ],
    ['cut', (path) => truncateSync(path, 20)],
    ['empty', (path) => truncateSync(path, 0)],
    ['no UTF-8', (path) => writeFileSync(path, protector.protect(Buffer.from([0xff, 0xfe])))],
    ['of another user', (path) => writeFileSync(path, new AesProtector().protect(Buffer.from('theirs')))],
  ])('refuses a file that is %s, and leaves it untouched', async (_, damage) => {
    const { store, path } = await storeWithEntry();
    damage(path);
    const before = readFileSync(path);
    await expect(store.get(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_RECORD' });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it.runIf(process.platform !== 'win32')('refuses a link and a file that others may write to', async () => {
    const { store, folder, path } = await storeWithEntry();
    chmodSync(path, 0o666);
    await expect(store.get(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_RECORD' });
    chmodSync(path, 0o600);
    const elsewhere = join(folder, 'elsewhere');
    writeFileSync(elsewhere, readFileSync(path), { mode: 0o600 });
    rmSync(path);
    symlinkSync(elsewhere, path);
    await expect(store.get(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_RECORD' });
  });

  it('can replace a damaged record', async () => {
    const { store, path } = await storeWithEntry();
    truncateSync(path, 20);
    await store.set(KEY, new Secret('new'));
    expect((await store.get(KEY))?.reveal()).toBe('new');
  });

  it("keeps the old value when it can't be replaced", async () => {
    const { folder } = await storeWithEntry();
    const failing = {
      protect: () => {
        throw new Error('Encryption failed. Error code: 5');
      },
      unprotect: (bytes: Uint8Array) => protector.unprotect(bytes),
    };
    const store = new DpapiFileStore(folder, failing);
    await expect(store.set(KEY, new Secret('new'))).rejects.toMatchObject({ code: 'ERR_KEYSTORE_UNAVAILABLE' });
    expect((await store.get(KEY))?.reveal()).toBe('refresh-token');
  });

  it("is unavailable if its folder can't be, and names it", async () => {
    const folder = join(base, 'a-file', 'keystore');
    writeFileSync(join(base, 'a-file'), '');
    const store = new DpapiFileStore(folder, protector);
    const refused = { code: 'ERR_KEYSTORE_UNAVAILABLE', detail: expect.stringContaining(folder) };
    await expect(store.set(KEY, new Secret('new'))).rejects.toMatchObject(refused);
    // Windows says of such a path what it says of a file that isn't there.
    if (process.platform !== 'win32') await expect(store.get(KEY)).rejects.toMatchObject(refused);
  });

  it("doesn't treat a folder as a record, and doesn't delete it", async () => {
    const folder = mkdtempSync(join(base, 'store-'));
    mkdirSync(join(folder, FILE));
    const store = new DpapiFileStore(folder, protector);
    await expect(store.get(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_RECORD' });
    await expect(store.delete(KEY)).rejects.toMatchObject({ code: 'ERR_KEYSTORE_UNAVAILABLE' });
  });
});
