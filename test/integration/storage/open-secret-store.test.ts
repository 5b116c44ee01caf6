import { expect, it } from 'vitest';
import { openSecretStore } from '../../../src/storage/open-secret-store.ts';

it.each([
  ['linux', 'secret-service'],
  ['darwin', 'keychain'],
  ['win32', 'dpapi'],
] as const)('opens the keystore of %s: %s', async (platform, kind) => {
  expect((await openSecretStore(platform)).kind).toBe(kind);
});

it('has none for another system, and falls back to no file', async () => {
  await expect(openSecretStore('freebsd')).rejects.toMatchObject({
    code: 'ERR_KEYSTORE_UNAVAILABLE',
    detail: expect.stringContaining('freebsd'),
  });
});
