import { describe } from 'vitest';
import { openSecretStore } from '../../../src/storage/open-secret-store.ts';
import { describeSecretStore } from './secret-store-contract.ts';

describe.runIf(process.platform === 'darwin')('the Keychain of macOS', () => {
  describeSecretStore({ open: () => openSecretStore('darwin') });
});
