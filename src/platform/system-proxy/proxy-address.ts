// Reads the address of a proxy as people and programs write it into a system's settings.
import { isIPv6 } from 'node:net';

export type ProxyAddress =
  | {
      readonly kind: 'http';
      /** With the port, and with user name and password percent-encoded if there are any. */
      readonly url: string;
    }
  | { readonly kind: 'socks' }
  | { readonly kind: 'invalid' };

interface AddressOptions {
  /** From a separate setting; counts if the text has none. */
  readonly port?: number | undefined;
  /** Whether `https://` means a TLS connection to the proxy. Otherwise it's read as `http://`. */
  readonly keepsScheme?: boolean;
}

/** What Chromium takes if a proxy's port is missing (net/docs/proxy.md, "HTTP proxy scheme"). */
const DEFAULT_PORTS = { http: 80, https: 443 } as const;
/** Far more than any address has. */
const MAX_LENGTH = 2_048;
const INVALID: ProxyAddress = { kind: 'invalid' };

/**
 * `[scheme://][user[:password]@]host[:port][/]`, where the host may be an IPv6 address with or without brackets.
 *
 * Systems call the proxy for HTTPS requests "HTTPS proxy" or "secure proxy" and speak plain HTTP to it. That's why
 * `https://` counts as `http://` unless `keepsScheme` is set
 * (https://chromium.googlesource.com/chromium/src/+/HEAD/net/docs/proxy.md#Proxy-server-identifiers).
 * @returns undefined if the text names no host, which is how these settings say "none"
 */
export function proxyAddress(
  text: string,
  { port, keepsScheme = false }: AddressOptions = {},
): ProxyAddress | undefined {
  if (text.length > MAX_LENGTH) return INVALID;
  const [, scheme = 'http', rest = ''] = /^(?:(?:([a-z][a-z0-9+.-]*):)?\/\/)?(.*?)\/*$/is.exec(text.trim()) ?? [];
  const at = rest.lastIndexOf('@');
  const { host, ownPort } = hostAndPort(rest.slice(at + 1));
  if (host === '') return undefined;
  if (/^socks/i.test(scheme)) return { kind: 'socks' };
  const protocol = scheme.toLowerCase();
  if (protocol !== 'http' && protocol !== 'https') return INVALID;
  const spoken = keepsScheme ? protocol : 'http';
  return address(spoken, rest.slice(0, Math.max(at, 0)), host, ownPort ?? String(port || DEFAULT_PORTS[spoken]));
}

/** A bare IPv6 address contains colons, so it has no port. */
function hostAndPort(text: string): { readonly host: string; readonly ownPort?: string } {
  if (isIPv6(text)) return { host: `[${text}]` };
  const [, host = text, ownPort] = /^(\[.*\]|[^:[]*):(.*)$/s.exec(text) ?? [];
  return ownPort === undefined ? { host } : { host, ownPort };
}

function address(protocol: string, user: string, host: string, port: string): ProxyAddress {
  // URL drops line breaks and tabs, reads `\` and `/` as the end of the host, and takes `:0` and `$HOST`.
  if (/[\s/\\?#]/.test(host) || !/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) return INVALID;
  const url = URL.parse(`${protocol}://${host}/`);
  if (url === null || !/^(?:[a-z\d._-]+|\[.+\])$/.test(url.hostname)) return INVALID;
  return { kind: 'http', url: `${protocol}://${credentials(user)}${url.hostname}:${Number(port)}` };
}

/** Encodes what a URL can't hold and leaves what is encoded already as it is. */
function credentials(text: string): string {
  if (text === '') return '';
  const colon = text.indexOf(':');
  const url = new URL('http://host/');
  url.username = colon === -1 ? text : text.slice(0, colon);
  url.password = colon === -1 ? '' : text.slice(colon + 1);
  return url.password === '' ? `${url.username}@` : `${url.username}:${url.password}@`;
}
