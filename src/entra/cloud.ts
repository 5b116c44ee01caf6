import type { Cloud } from '../core/cloud.ts';

/** https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud */
const AUTHORITY_HOSTS: Readonly<Record<Cloud, string>> = {
  public: 'login.microsoftonline.com',
  usgovernment: 'login.microsoftonline.us',
  china: 'login.partner.microsoftonline.cn',
};

/**
 * The authority of one tenant, for example `https://login.microsoftonline.com/contoso.com`. MSAL has these hosts built
 * in, so it never asks a discovery endpoint.
 */
export function authorityUrl(cloud: Cloud, tenantId: string): string {
  return `https://${AUTHORITY_HOSTS[cloud]}/${encodeURIComponent(tenantId)}`;
}
