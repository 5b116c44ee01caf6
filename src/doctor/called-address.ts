import { DesktopValues } from '../claude-desktop/document.ts';
import type { DesktopReading } from '../claude-desktop/read.ts';
import { addressKey, addressOf, urlFault } from '../claude-desktop/rules/endpoint.ts';
import { baseUrlOf, isFoundryHost } from '../config/base-url.ts';
import type { Resolution } from '../config/resolve.ts';

export interface CalledAddress {
  /** Up to `/v1`, without a slash at the end. http only for a program on this computer. */
  readonly url: string;
  /** With the port if it isn't the usual one. */
  readonly host: string;
  readonly from: 'claude-desktop' | 'own';
  /** The setting that holds it, or both if they say the same, as messages name them. */
  readonly setting: string;
  /** Whether Foundry itself answers there; if not, a gateway is in front of it. */
  readonly via: 'foundry' | 'gateway';
}

export interface AddressSources {
  desktop(): DesktopReading;
  readonly resolution: Resolution;
}

/**
 * The address that Claude Desktop calls, otherwise this program's own. `undefined` if there's none, or Desktop rejects
 * it.
 */
export function calledAddress(sources: AddressSources): CalledAddress | undefined {
  const reading = sources.desktop();
  if (callsInVain(reading)) return undefined;
  const own = ownAddress(sources.resolution);
  const desktop = desktopAddress(reading);
  if (desktop === undefined) return own;
  // Who corrects the one must correct the other.
  return own?.url !== desktop.url ? desktop : { ...desktop, setting: `${desktop.setting} and ${own.setting}` };
}

/** Whether Claude Desktop's profile is wrong: it names an address that can't answer. */
export function callsInVain(reading: DesktopReading): boolean {
  if (reading.state !== 'values' || desktopAddress(reading) === undefined) return false;
  return urlFault(addressOf(new DesktopValues(reading.document)) ?? '') !== undefined;
}

function desktopAddress(reading: DesktopReading): CalledAddress | undefined {
  if (reading.state !== 'values') return undefined;
  const values = new DesktopValues(reading.document);
  return address(addressOf(values), { from: 'claude-desktop', setting: addressKey(values) });
}

function ownAddress({ settings: { baseUrl, foundryResource, cloud } }: Resolution): CalledAddress | undefined {
  const setting = baseUrl.value === undefined ? '"foundryResource"' : '"baseUrl"';
  const values = { baseUrl: baseUrl.value, foundryResource: foundryResource.value, cloud: cloud.value };
  return address(baseUrlOf(values), { from: 'own', setting });
}

function address(text: string | undefined, source: Pick<CalledAddress, 'from' | 'setting'>): CalledAddress | undefined {
  const url = text === undefined ? null : URL.parse(text);
  if (url === null || !isCallable(url)) return undefined;
  const via = isFoundryHost(url.hostname) ? 'foundry' : 'gateway';
  return { url: url.href.replace(/\/+$/, ''), host: url.host, via, ...source };
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

function isCallable({ protocol, hostname, username, password, search, hash }: URL): boolean {
  const isAllowed = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
  return isAllowed && username === '' && password === '' && search === '' && hash === '';
}
