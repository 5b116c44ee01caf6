// The real data protection of Windows. Under Wine, test/platform/windows/storage.test.ts runs the same contract.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { loadNativeAddon } from '../../../src/platform/native-addon.ts';
import { openDpapiStore } from '../../../src/storage/dpapi.ts';
import { findSecretsInFiles } from '../../support/harness/find-secrets.ts';
import { describeSecretStore } from './secret-store-contract.ts';

describe.runIf(process.platform === 'win32')('DPAPI files on Windows', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dpapi-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const open = async () => openDpapiStore(await loadNativeAddon('dpapi'), join(folder, 'keystore'));

  describeSecretStore({ open });

  it('hold no secret that can be read', async () => {
    const store = await open();
    await store.set('tenant/client', new Secret('refresh-token-0123456789'));
    expect(findSecretsInFiles(folder, ['refresh-token-0123456789'])).toEqual([]);
    await store.delete('tenant/client');
  });
});
