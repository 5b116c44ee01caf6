// Runs in Windows' Node: the contract of the secret stores, kept by Windows' data protection.
import { openSecretStore } from '../../../../src/storage/open-secret-store.ts';
import { describeSecretStore } from '../../../integration/storage/secret-store-contract.ts';

describeSecretStore({ open: () => openSecretStore('win32') });
