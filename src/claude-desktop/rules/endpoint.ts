// Where calls go: provider, Foundry resource, base URLs.
import { foundryBaseUrl, isFoundryHost } from '../../config/base-url.ts';
import { textOf } from '../../core/text-of.ts';
import type { DesktopValues } from '../document.ts';
import type { Examination } from '../examination.ts';
import { type DesktopKeyName, PROVIDERS } from '../keys.ts';

/** Claude Desktop takes lowercase names only, which Azure's always can be. */
const RESOURCE = /^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/;

export function checkEndpoint(examination: Examination): void {
  const provider = providerOf(examination.values);
  if (provider === undefined) examination.report('provider-missing', 'inferenceProvider');
  else if (!(PROVIDERS as readonly string[]).includes(provider))
    examination.report('provider-invalid', 'inferenceProvider');
  if (provider === 'foundry') checkFoundry(examination);
  if (provider === 'gateway') checkGateway(examination);
}

/** `inferenceProvider` as Claude Desktop reads it: letter by letter, spaces included. */
export function providerOf(values: DesktopValues): string | undefined {
  const value = values.raw('inferenceProvider');
  return value === undefined ? undefined : textOf(value);
}

/** The address that calls go to, if the settings say it; without a slash at the end. */
export function addressOf(values: DesktopValues): string | undefined {
  const provider = providerOf(values);
  const trimmed = (text: string | undefined) => (text === undefined ? undefined : withScheme(text).replace(/\/+$/, ''));
  if (provider === 'gateway') return trimmed(values.text('inferenceGatewayBaseUrl'));
  if (provider !== 'foundry') return undefined;
  const resource = values.text('inferenceFoundryResource');
  const own = resource === undefined || !RESOURCE.test(resource) ? undefined : foundryBaseUrl(resource);
  return trimmed(values.text('inferenceFoundryBaseUrl')) ?? own;
}

/** The key that holds the address. */
export function addressKey(values: DesktopValues): DesktopKeyName {
  if (providerOf(values) === 'gateway') return 'inferenceGatewayBaseUrl';
  return values.has('inferenceFoundryBaseUrl') ? 'inferenceFoundryBaseUrl' : 'inferenceFoundryResource';
}

function checkFoundry({ values, report }: Examination): void {
  const resource = values.text('inferenceFoundryResource');
  const baseUrl = values.text('inferenceFoundryBaseUrl');
  if (resource === undefined) {
    const alsoWithUrl = baseUrl === undefined ? {} : { rule: 'must be set, even if inferenceFoundryBaseUrl is' };
    report('endpoint-missing', 'inferenceFoundryResource', alsoWithUrl);
  } else if (!RESOURCE.test(resource)) {
    const isCase = RESOURCE.test(resource.toLowerCase());
    const lower = {
      rule: 'must be lowercase: Claude Desktop refuses capital letters',
      remedy: 'write the name in lowercase',
    };
    report('foundry-resource-invalid', 'inferenceFoundryResource', isCase ? lower : {});
  }
  if (baseUrl !== undefined) checkUrl(baseUrl, 'inferenceFoundryBaseUrl', report);
}

function checkGateway({ values, report }: Examination): void {
  const url = values.text('inferenceGatewayBaseUrl');
  if (url === undefined) report('endpoint-missing', 'inferenceGatewayBaseUrl');
  else checkUrl(url, 'inferenceGatewayBaseUrl', report);
}

function checkUrl(text: string, key: string, report: Examination['report']): void {
  const rule = urlFault(text);
  if (rule !== undefined) report('base-url-invalid', key, { rule });
}

/** Claude Desktop puts https:// before an address without a scheme. */
const withScheme = (text: string): string => (/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`);

/** Why calls to an address can't work; completes "<key> …". */
export function urlFault(text: string): string | undefined {
  const url = URL.parse(withScheme(text));
  if (url === null || /\s/.test(text)) return 'must be an https:// URL';
  // Plain http is for programs on this computer only.
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(isLoopback && url.protocol === 'http:')) {
    return 'must be an https:// URL: Claude Desktop refuses plain http';
  }
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  if (url.search !== '' || url.hash !== '') return 'must not have a query or fragment: calls go to a path below it';
  if (/\/v1(?:\/messages)?\/?$/.test(url.pathname))
    return 'must end before /v1: Claude Desktop adds /v1/messages itself';
  if (isFoundryHost(url.hostname) && !/^\/anthropic\/?$/.test(url.pathname)) {
    return 'must end in /anthropic for a Foundry resource; without it, every call returns 404';
  }
  return undefined;
}
