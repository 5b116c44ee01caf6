// The exception list of GNOME.
import { isIP } from 'node:net';
import type { Exceptions } from './decision.ts';
import { hostOf, isInRange, portOf } from './hosts.ts';

/**
 * An entry is a domain, which means itself and everything below it whether it's written `contoso.com`,
 * `.contoso.com`, or `*.contoso.com`; an address; or a range. A domain or address may end in a port. Names aren't
 * resolved. https://docs.gtk.org/gio/property.SimpleProxyResolver.ignore-hosts.html
 */
export function gioExceptions(entries: readonly string[]): Exceptions {
  const rules = entries.map((entry) => entry.trim()).filter((entry) => entry !== '');
  return (url) => rules.find((rule) => matches(rule.toLowerCase(), url));
}

function matches(rule: string, url: URL): boolean {
  const host = hostOf(url.hostname);
  if (rule.includes('/')) return isInRange(host, rule);
  if (isIP(hostOf(rule)) !== 0) return host === hostOf(rule);
  const [, pattern = rule, port] = /^(.*?)(?::(\d+))?$/s.exec(rule) ?? [];
  if (port !== undefined && Number(port) !== portOf(url)) return false;
  const name = hostOf(pattern).replace(/^\*?\./, '');
  if (isIP(name) !== 0 || isIP(host) !== 0) return host === name;
  return name !== '' && (host === name || host.endsWith(`.${name}`));
}
