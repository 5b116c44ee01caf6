import type { Configuration } from '../../config/configuration.ts';

/** One keystore entry and one place in the state file per tenant and client. */
export function credentialKey({ tenantId, clientId }: Pick<Configuration, 'tenantId' | 'clientId'>): string {
  return `${tenantId.toLowerCase()}/${clientId.toLowerCase()}`;
}

/** The tenant and client of a `credentialKey`. */
export function partsOfKey(key: string): { readonly tenantId: string; readonly clientId: string } {
  const [tenantId = '', clientId = ''] = key.split('/');
  return { tenantId, clientId };
}
