// The one address for Messages calls. Claude Desktop, Claude Code, `doctor`, and the exports all use it.

/** Hosts of Foundry resources. Microsoft documents the first one; the others answer too. */
const FOUNDRY_HOST = /\.(?:services\.ai|cognitiveservices|openai)\.azure\.com$/i;

export const isFoundryHost = (host: string): boolean => FOUNDRY_HOST.test(host);

/** `https://<resource>.services.ai.azure.com/anthropic`, in lowercase and without a slash at the end. */
export const foundryBaseUrl = (resource: string): string =>
  `https://${resource.toLowerCase()}.services.ai.azure.com/anthropic`;

/** The settings that decide the address. */
export interface AddressSettings {
  readonly baseUrl?: string | undefined;
  readonly foundryResource?: string | undefined;
  readonly cloud?: string | undefined;
}

/**
 * `baseUrl` if it's set, otherwise the Foundry resource's own address. `undefined` if neither is known: Microsoft
 * offers Claude in the public cloud only, so in other clouds `baseUrl` must name a gateway.
 */
export function baseUrlOf({ baseUrl, foundryResource, cloud = 'public' }: AddressSettings): string | undefined {
  if (baseUrl !== undefined) return baseUrl;
  return foundryResource === undefined || cloud !== 'public' ? undefined : foundryBaseUrl(foundryResource);
}

/** Clients append `/v1/messages` themselves; calls such as `/v1/messages/count_tokens` lie below it. */
const MESSAGES_PATH = /\/v1(?:\/messages(?:\/.*)?)?\/*$/;

/**
 * Why a text can't be `baseUrl`; completes `"baseUrl" in <origin> …` and never repeats the text. `undefined` if it can.
 * These are Claude Desktop's own rules for `inferenceGatewayBaseUrl`, and Foundry's for its path.
 */
export function baseUrlFault(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\/[^/\\]/i.test(text) || /[\s\p{Cc}]/u.test(text)) return 'must be an https:// URL';
  if (url.protocol !== 'https:') return 'must be an https:// URL: credentials must not travel over plain HTTP';
  // Anywhere: a slash in a password makes a path of what follows it.
  if (text.includes('@')) return 'must not contain a user name or password, nor "@"';
  if (/[?#]/.test(text)) return 'must not contain a query or fragment';
  if (MESSAGES_PATH.test(url.pathname)) return 'must end before /v1: clients append /v1/messages themselves';
  if (isFoundryHost(url.hostname) && !/^\/anthropic\/*$/.test(url.pathname)) {
    return 'must end in /anthropic for a Foundry resource';
  }
  return undefined;
}

/** The same address in its final form: host in lowercase, no slash at the end. Expects a text without a fault. */
export const normalBaseUrl = (text: string): string => new URL(text).href.replace(/\/+$/, '');
