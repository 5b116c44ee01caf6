import { type Cloud, DEFAULT_SCOPES } from '../core/cloud.ts';

interface CloudHosts {
  /** https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud */
  readonly authority: string;
  /**
   * Hosts of the page where users enter a device code. Entra names https://microsoft.com/devicelogin
   * (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code) or https://login.microsoft.com/device; in
   * the US Government cloud https://microsoft.com/deviceloginus, as MSAL for Android's own tests expect; in China
   * https://microsoft.com/deviceloginchina, as the Azure CLI prints it there. Older replies name aka.ms or the authority.
   */
  readonly verification: readonly string[];
  /**
   * Issuers without the tenant: v2.0, which belongs to the endpoint that this program calls, and v1.0
   * (https://learn.microsoft.com/entra/identity-platform/id-tokens).
   */
  readonly issuers: readonly (readonly [before: string, after: string])[];
}

const MICROSOFT_PAGES = ['microsoft.com', 'www.microsoft.com', 'aka.ms'];

const HOSTS: Readonly<Record<Cloud, CloudHosts>> = {
  public: {
    authority: 'login.microsoftonline.com',
    verification: [...MICROSOFT_PAGES, 'login.microsoftonline.com', 'login.microsoft.com'],
    issuers: [
      ['https://login.microsoftonline.com/', '/v2.0'],
      ['https://sts.windows.net/', '/'],
    ],
  },
  usgovernment: {
    authority: 'login.microsoftonline.us',
    verification: [...MICROSOFT_PAGES, 'login.microsoftonline.us'],
    issuers: [
      ['https://login.microsoftonline.us/', '/v2.0'],
      ['https://sts.windows.net/', '/'],
    ],
  },
  china: {
    authority: 'login.partner.microsoftonline.cn',
    verification: [...MICROSOFT_PAGES, 'login.partner.microsoftonline.cn', 'login.chinacloudapi.cn'],
    issuers: [
      ['https://login.partner.microsoftonline.cn/', '/v2.0'],
      ['https://login.chinacloudapi.cn/', '/v2.0'],
      ['https://sts.chinacloudapi.cn/', '/'],
    ],
  },
};

/**
 * The authority of one tenant, for example `https://login.microsoftonline.com/contoso.com`. MSAL has these hosts built
 * in, so it never asks a discovery endpoint.
 */
export function authorityUrl(cloud: Cloud, tenantId: string): string {
  return `https://${HOSTS[cloud].authority}/${encodeURIComponent(tenantId)}`;
}

/** Whether a request is for Azure Cognitive Services. `scope` has one or more scopes; `undefined` is the default one. */
export function isDefaultScope(scope: string | undefined): boolean {
  return scope === undefined || Object.values(DEFAULT_SCOPES).some((own) => scope.split(' ').includes(own));
}

/** A page's address is a line on a terminal and a QR code. */
const MAX_ADDRESS = 512;

/**
 * The address of the page where users enter a device code, normalized: https, without a user name or password, and on a
 * host of the cloud whose authority named it. Undefined for any other text.
 * @param authority the host that sent the reply
 */
export function verificationAddress(text: unknown, authority: string): string | undefined {
  const url = typeof text === 'string' ? URL.parse(text) : null;
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  const cloud = Object.values(HOSTS).find((hosts) => hosts.authority === authority);
  return cloud?.verification.includes(url.host) === true && url.href.length <= MAX_ADDRESS ? url.href : undefined;
}

const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

export const isGuid = (text: unknown): text is string => typeof text === 'string' && GUID.test(text);

/** The tenant that an issuer of this cloud speaks for, as a lowercase GUID; undefined for any other issuer. */
export function tenantOfIssuer(cloud: Cloud, issuer: unknown): string | undefined {
  if (typeof issuer !== 'string') return undefined;
  for (const [before, after] of HOSTS[cloud].issuers) {
    const tenant: string = issuer.slice(before.length, -after.length);
    if (issuer === `${before}${tenant}${after}` && isGuid(tenant)) return tenant.toLowerCase();
  }
  return undefined;
}
