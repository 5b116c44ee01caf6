// The functions that a PAC file may call. Netscape defined them, and Microsoft added those that end in `Ex`:
// https://developer.mozilla.org/docs/Web/HTTP/Guides/Proxy_servers_and_tunneling/Proxy_Auto-Configuration_PAC_file
// https://learn.microsoft.com/windows/win32/winhttp/ipv6-extensions-to-navigator-auto-config-file-format
import { BlockList, isIP } from 'node:net';
import { dateRange, timeRange, weekdayRange } from './calendar.ts';
import { matchesGlob } from './glob.ts';

/** What the functions need to know about this computer. */
export interface PacHost {
  /** All addresses of a name; empty if it has none. */
  resolve(host: string): readonly string[];
  /** This computer's addresses toward the internet; may be empty. */
  readonly ownAddresses: readonly string[];
  now(): Date;
}

export type PacValue = string | number | boolean | null | undefined;
export type PacFunction = (...args: readonly PacValue[]) => PacValue;

/** By name, as PAC files call them. None of them throws. */
export function pacFunctions(host: PacHost): Readonly<Record<string, PacFunction>> {
  const resolve4 = (name: string) => addressesOf(host, name).find((address) => isIP(address) === 4);
  return {
    isPlainHostName: (name) => !/[.:]/.test(text(name)),
    dnsDomainIs: (name, domain) => text(name).endsWith(text(domain)),
    localHostOrDomainIs: (name, full) => text(name) === text(full) || text(full).startsWith(`${text(name)}.`),
    dnsDomainLevels: (name) => text(name).split('.').length - 1,
    shExpMatch: (name, pattern) => matchesGlob(text(name), text(pattern)),
    dnsResolve: (name) => resolve4(text(name)) ?? null,
    isResolvable: (name) => resolve4(text(name)) !== undefined,
    isInNet: (name, address, mask) => isInNet(resolve4(text(name)), text(address), text(mask)),
    myIpAddress: () => host.ownAddresses.find((address) => isIP(address) === 4) ?? '127.0.0.1',
    convert_addr: (address) => numberOf(text(address)) ?? 0,
    dnsResolveEx: (name) => addressesOf(host, text(name)).join(';'),
    isResolvableEx: (name) => addressesOf(host, text(name)).length > 0,
    isInNetEx: (name, prefix) => addressesOf(host, text(name)).some((address) => isInPrefix(address, text(prefix))),
    myIpAddressEx: () => host.ownAddresses.join(';'),
    sortIpAddressList: (list) => sortAddresses(text(list)),
    getClientVersion: () => '1.0',
    weekdayRange: (...args) => weekdayRange(args, host.now()),
    dateRange: (...args) => dateRange(args, host.now()),
    timeRange: (...args) => timeRange(args, host.now()),
    alert: () => undefined,
  };
}

const text = (value: PacValue): string => String(value ?? '');

/** An address is its own address. */
function addressesOf(host: PacHost, name: string): readonly string[] {
  const bare = name.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0) return [bare];
  // Longer names than RFC 1035 allows can't exist.
  return bare === '' || bare.length > 253 || /[\s\0/]/.test(bare) ? [] : host.resolve(bare);
}

function isInNet(address: string | undefined, network: string, mask: string): boolean {
  const [a, b, bits] = [address, network, mask].map((part) => (part === undefined ? undefined : numberOf(part)));
  if (a === undefined || b === undefined || bits === undefined) return false;
  return (a & bits) === (b & bits);
}

/** An IPv4 address as a signed 32-bit number, as bit operations return it. */
function numberOf(address: string): number | undefined {
  if (isIP(address) !== 4) return undefined;
  return address.split('.').reduce((sum, part) => (sum << 8) | Number(part), 0);
}

/** `198.95.0.0/16`, `3ffe:8311:ffff::/48` */
function isInPrefix(address: string, prefix: string): boolean {
  const [network = '', length = ''] = prefix.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(address) !== family || !/^\d{1,3}$/.test(length)) return false;
  if (Number(length) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const range = new BlockList();
  range.addSubnet(network, Number(length), type);
  return range.check(address, type);
}

/** IPv6 before IPv4, as Windows sorts them. Empty if there's anything else in the list. */
function sortAddresses(list: string): string {
  const addresses = list.split(';').map((part) => part.trim());
  if (addresses.some((address) => isIP(address) === 0)) return '';
  return addresses.toSorted((a, b) => isIP(b) - isIP(a)).join(';');
}
