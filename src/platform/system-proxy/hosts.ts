// Compares a URL's host with what exception lists name.
import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/**
 * A host as `URL.hostname` spells it, but without an IPv6 address's brackets and a fully qualified name's final dot:
 * lowercase, `::1` for `0:0::1`, and Punycode. Patterns keep their `*`.
 */
export function hostOf(name: string): string {
  const bare = name
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  if (isIP(bare) === 6) return URL.parse(`http://[${bare}]/`)?.hostname.slice(1, -1) ?? bare;
  return /^[\x20-\x7e]*$/.test(bare) ? bare : domainToASCII(bare) || bare;
}

export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'http:' ? 80 : 443;
}

/** Whether the host equals the pattern, where `*` matches any characters and `?` one. Both in lowercase. */
export function matchesPattern(host: string, pattern: string): boolean {
  // A host of 253 characters against many stars would take long as a regular expression.
  const [first = '', ...rest] = pattern.split(/\*+/);
  if (rest.length === 0) return isLike(host, first);
  const last = rest.pop() ?? '';
  if (host.length < first.length + last.length) return false;
  if (!isLike(host.slice(0, first.length), first)) return false;
  if (!isLike(host.slice(host.length - last.length), last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = findLike(host, part, at, host.length - last.length);
    if (found === -1) return false;
    at = found + part.length;
  }
  return true;
}

function findLike(host: string, part: string, from: number, end: number): number {
  for (let at = from; at + part.length <= end; at += 1) {
    if (isLike(host.slice(at, at + part.length), part)) return at;
  }
  return -1;
}

const isLike = (text: string, pattern: string): boolean =>
  text.length === pattern.length && Array.from(pattern, (unit, at) => unit === '?' || unit === text[at]).every(Boolean);

/**
 * Whether the host is an address in `range`, such as `10.0.0.0/8`, `fe80::/10`, or macOS's short `169.254/16`. Names
 * aren't resolved, and an invalid range holds nothing.
 */
export function isInRange(host: string, range: string): boolean {
  const [base = '', prefix = '', ...others] = range.split('/');
  const address = isIP(hostOf(base)) === 0 ? padded(base) : hostOf(base);
  const family = isIP(address);
  if (others.length > 0 || family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(prefix)) return false;
  if (Number(prefix) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), type);
  return list.check(host, type);
}

/** `169.254` is 169.254.0.0. */
const padded = (base: string): string =>
  /^\d{1,3}(?:\.\d{1,3}){0,2}$/.test(base) ? [...base.split('.'), '0', '0', '0'].slice(0, 4).join('.') : base;
