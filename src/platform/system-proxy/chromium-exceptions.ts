// The exception lists of macOS and Windows, read as Chromium reads them, because Claude Desktop's network is Chromium's.
import { isIP } from 'node:net';
import type { Exceptions } from './decision.ts';
import { hostOf, isInRange, matchesPattern, portOf } from './hosts.ts';

/** Whether an entry exempts the URL from the proxy, or takes an exemption back. */
type Verdict = 'direct' | 'proxy' | undefined;

/**
 * An entry is a host with `*` anywhere (`*.contoso.com`), `.contoso.com` for everything below it, an address, or a range
 * (`169.254/16`), each with an optional `scheme://` and port; or `<local>` for names without a dot. A name without `*`
 * is that host alone. Names aren't resolved. This computer and link-local addresses never use the proxy unless
 * `<-loopback>` says so; of two entries that disagree, the later counts.
 * https://chromium.googlesource.com/chromium/src/+/HEAD/net/docs/proxy.md#Proxy-bypass-rules
 */
export function chromiumExceptions(entries: readonly string[]): Exceptions {
  // Some programs write a whole list as one entry. No host has these characters.
  const rules = entries.flatMap((entry) => entry.split(/[,;\s]+/)).filter((entry) => entry !== '');
  return (url) => {
    const last = rules.findLast((rule) => verdict(rule.toLowerCase(), url) !== undefined);
    if (last !== undefined) return verdict(last.toLowerCase(), url) === 'direct' ? last : undefined;
    return isImplicit(url) ? 'for this computer and link-local addresses' : undefined;
  };
}

function verdict(rule: string, url: URL): Verdict {
  if (rule === '<-loopback>') return isImplicit(url) ? 'proxy' : undefined;
  if (rule === '<local>') return isSimpleName(url.hostname) ? 'direct' : undefined;
  const [, scheme, pattern = ''] = /^(?:([^:/]+):\/\/)?(.*)$/.exec(rule) ?? [];
  if (scheme !== undefined && `${scheme}:` !== url.protocol) return undefined;
  return matchesEntry(pattern, url) ? 'direct' : undefined;
}

function matchesEntry(entry: string, url: URL): boolean {
  const host = hostOf(url.hostname);
  if (entry.includes('/')) return isInRange(host, entry);
  const literal = hostOf(entry);
  if (isIP(literal) !== 0) return matchesPattern(host, literal);
  const [, pattern = entry, port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (port !== undefined && Number(port) !== portOf(url)) return false;
  return matchesPattern(host, pattern.startsWith('.') ? `*${pattern}` : hostOf(pattern));
}

/** As WinINET sees it, a final dot makes a name not simple. */
const isSimpleName = (host: string): boolean => !host.includes('.') && !host.startsWith('[');

const LOCAL_RANGES = ['127.0.0.0/8', '169.254.0.0/16', '::1/128', 'fe80::/10', '::ffff:127.0.0.0/104'];

function isImplicit(url: URL): boolean {
  const host = hostOf(url.hostname);
  if (host === 'localhost' || host === 'loopback' || host.endsWith('.localhost')) return true;
  return LOCAL_RANGES.some((range) => isInRange(host, range));
}
