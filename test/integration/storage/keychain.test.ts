// The real Keychain of macOS, with a keychain of this test's own.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openSecretStore } from '../../../src/storage/open-secret-store.ts';
import { createKeychain } from '../../support/harness/keychain.ts';
import { temporaryFolder } from '../../support/harness/temporary-folder.ts';
import { describeSecretStore } from './secret-store-contract.ts';

describe.runIf(process.platform === 'darwin')('the Keychain of macOS', () => {
  const { HOME } = process.env;
  let home: string;
  beforeAll(async () => {
    home = mkdtempSync(join(temporaryFolder(), 'keychain-'));
    await createKeychain({ HOME: home });
    // This process's keychains too are those of its HOME.
    process.env['HOME'] = home;
  });
  afterAll(() => {
    process.env['HOME'] = HOME;
    rmSync(home, { recursive: true, force: true });
  });

  describeSecretStore({ open: () => openSecretStore('darwin') });
});
