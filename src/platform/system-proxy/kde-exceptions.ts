// The exception list of KDE.
import { isIP } from 'node:net';
import type { Exceptions } from './decision.ts';
import { hostOf, isInRange, matchesPattern } from './hosts.ts';

/**
 * Entries are separated by commas and spaces. A name matches every host that ends with it, `evil-contoso.com` for
 * `contoso.com` too; `<local>` matches names without a dot. Addresses and ranges work too, and names aren't resolved
 * for them, other than in KDE's own programs. Reversed, only the listed hosts use the proxy.
 * Source: `shouldIgnoreProxyFor` and `revmatch` in src/core/kprotocolmanager.cpp of KIO 5, and Chromium's
 * net/proxy_resolution/proxy_config_service_linux.cc
 */
export function kdeExceptions(list: string, isReversed: boolean): Exceptions {
  const rules = list.split(/[,\s'"]+/).filter((rule) => rule !== '');
  return (url) => {
    const match = rules.find((rule) => matches(rule.toLowerCase(), url));
    if (!isReversed) return match;
    return match === undefined ? 'for all hosts but the listed ones' : undefined;
  };
}

function matches(rule: string, url: URL): boolean {
  const host = hostOf(url.hostname);
  if (rule.includes('/')) return isInRange(host, rule);
  if (rule === '<local>') return !host.includes('.') && isIP(host) === 0;
  if (isIP(hostOf(rule)) !== 0) return host === hostOf(rule);
  const suffix = rule.startsWith('*') ? rule : `*${rule}`;
  return matchesPattern(host, suffix) || (url.port !== '' && matchesPattern(`${host}:${url.port}`, suffix));
}
