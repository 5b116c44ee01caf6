// Which hosts are reached past the proxy. Node's own list knows no suffix without a dot and no range, and takes
// `evil-contoso.com` for a part of `.contoso.com`; curl's rules are what admins write such lists by.
import { BlockList, isIP } from 'node:net';

/**
 * By curl's rules (https://curl.se/docs/manpage.html, NO_PROXY): `*` is every host; a name is that host and all below
 * it, with or without a leading dot or `*.`; an address is itself; `10.0.0.0/8` is a range. Each may end in `:port`.
 * Names are not resolved. An entry that makes no sense matches nothing.
 */
export function bypassesProxy(url: URL, noProxy: readonly string[]): boolean {
  const host = normalize(url.hostname);
  const port = url.port === '' ? '443' : url.port;
  return noProxy.some((text) => {
    const entry = parseEntry(text.trim().toLowerCase());
    return (entry.port === undefined || entry.port === port) && matches(host, entry.pattern);
  });
}

interface Entry {
  readonly pattern: string;
  readonly port: string | undefined;
}

function parseEntry(text: string): Entry {
  // An IPv6 address without brackets has colons of its own, and so no port.
  const [address = ''] = text.split('/');
  if (isIP(address) === 6) return { pattern: text, port: undefined };
  const [, pattern = text, port] = /^(.*?)(?::(\d+))?$/.exec(text) ?? [];
  return { pattern, port };
}

function matches(host: string, pattern: string): boolean {
  if (pattern === '*') return true;
  const [address = '', prefix] = pattern.split('/');
  if (prefix !== undefined) return /^\d{1,3}$/.test(prefix) && isInRange(host, normalize(address), Number(prefix));
  const name = normalize(pattern.replace(/^\*?\./, ''));
  if (name === '') return false;
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function isInRange(host: string, address: string, prefix: number): boolean {
  const family = isIP(address);
  if (family === 0 || isIP(host) !== family || prefix > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const range = new BlockList();
  range.addSubnet(address, prefix, type);
  return range.check(host, type);
}

/** Without the brackets of an IPv6 address and the dot that ends a fully qualified name. */
function normalize(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}
