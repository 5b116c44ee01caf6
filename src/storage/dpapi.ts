import type { NativeAddons } from '../platform/native-addon.ts';
import { type DataProtector, DpapiFileStore } from './dpapi-file-store.ts';
import type { SecretStore } from './secret-store.ts';

/**
 * Ties the files to this product: without it, another program's CryptUnprotectData fails. If it changes, existing files
 * can't be read anymore.
 */
const ENTROPY = Buffer.from('dev.foundry-credential-helper/keystore/1');

/** Opens a store of files under `folder`, which Windows' DPAPI (CryptProtectData) protects for the current user. */
export function openDpapiStore(dpapi: NativeAddons['dpapi'], folder: string): SecretStore {
  const protector: DataProtector = {
    protect: (bytes) => dpapi.protectData(bytes, ENTROPY, 'CurrentUser'),
    unprotect: (bytes) => dpapi.unprotectData(bytes, ENTROPY, 'CurrentUser'),
  };
  return new DpapiFileStore(folder, protector);
}
