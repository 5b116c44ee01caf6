// The proxy that an admin or the user gave to Claude Desktop itself.
// https://claude.com/docs/third-party/claude-desktop/network-proxy
import { DesktopValues } from './document.ts';
import type { DesktopKeyName } from './keys.ts';
import { type DesktopPlaces, type DesktopReading, ownsDevice, readEverythingManaged, readLocal } from './read.ts';

type EgressKey = Extract<DesktopKeyName, 'egressProxyPacUrl' | 'egressProxyUrl'>;

export interface DesktopProxy {
  /** `unusable`: Claude Desktop refuses the value, so it follows the system's settings. */
  readonly kind: 'pac' | 'proxy' | 'unusable';
  /** The PAC file's or the proxy's http:// or https:// URL; of an unusable value, why, as `must …`. */
  readonly value: string;
  /** Where it was found, for people: `Claude Desktop's egressProxyUrl (/etc/…)`. */
  readonly origin: string;
}

export interface DesktopProxyOptions extends DesktopPlaces {
  /** Whether only what an admin set counts. */
  readonly managedOnly?: boolean | undefined;
}

/** A PAC file wins over a proxy, as in Claude Desktop. */
const KEYS: readonly EgressKey[] = ['egressProxyPacUrl', 'egressProxyUrl'];

/** `undefined` if Claude Desktop has no proxy setting: it follows the system's settings then. Never throws. */
export function readDesktopProxy({
  managedOnly = false,
  ...places
}: DesktopProxyOptions = {}): DesktopProxy | undefined {
  const managed = readEverythingManaged(places);
  const found = proxyIn(managed);
  if (found !== undefined || managedOnly || managed.state === 'unreadable') return found;
  if (managed.state === 'values' && ownsDevice(managed)) return undefined;
  return proxyIn(readLocal(places));
}

function proxyIn(reading: DesktopReading): DesktopProxy | undefined {
  if (reading.state !== 'values') return undefined;
  const values = new DesktopValues(reading.document);
  const [key] = KEYS.filter((name) => values.has(name));
  const text = key === undefined ? undefined : values.text(key);
  if (key === undefined || text === undefined) return undefined;
  const origin = `Claude Desktop's ${key} (${reading.origin})`;
  const fault = faultOf(key, text);
  if (fault !== undefined) return { kind: 'unusable', value: fault, origin };
  return key === 'egressProxyPacUrl'
    ? { kind: 'pac', value: text, origin }
    : { kind: 'proxy', value: text.replace(/\/$/, ''), origin };
}

function faultOf(key: EgressKey, text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return 'must be an http:// or https:// URL';
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password';
  const isBare = url.pathname === '/' && url.search === '' && url.hash === '';
  return key === 'egressProxyUrl' && !isBare ? 'must end after host and port' : undefined;
}
