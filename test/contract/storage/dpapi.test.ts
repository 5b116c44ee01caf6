import { describe } from 'vitest';
import { openSecretStore } from '../../../src/storage/open-secret-store.ts';
import { describeSecretStore } from './secret-store-contract.ts';

describe.runIf(process.platform === 'win32')('DPAPI of Windows', () => {
  describeSecretStore({ open: () => openSecretStore('win32') });
});
