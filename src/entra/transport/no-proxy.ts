// Which hosts bypass the proxy. Follows curl's rules, because admins write such lists for curl. Node's own list has no
// ranges and no suffixes without a dot, and it takes `evil-contoso.com` for a part of `.contoso.com`.
import { BlockList, isIP } from 'node:net';

/**
 * Whether `url` bypasses the proxy by curl's rules (https://curl.se/docs/manpage.html, NO_PROXY). `*` matches every
 * host. A name, with or without a leading dot or `*.`, matches that host and everything below it. An address matches
 * itself; `10.0.0.0/8` is a range. Each may end in `:port`. Names aren't resolved, and an invalid entry matches
 * nothing.
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
  // An IPv6 address without brackets contains colons, so it can't have a port.
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

/** Lowercase, without an IPv6 address's brackets and without a fully qualified name's final dot. */
function normalize(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}
