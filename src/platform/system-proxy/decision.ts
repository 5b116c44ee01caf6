// What every system's proxy settings come down to: for one URL, a proxy, no proxy, or one that this program can't use.
import { printable } from '../../core/printable.ts';
import { type ProxyAddress, proxyAddress } from './proxy-address.ts';

export type SystemProxyDecision =
  | {
      readonly kind: 'direct';
      /** For people, such as `no proxy is set` or `the exception *.contoso.com`. */
      readonly why: string;
      /** The entry of the exception list that decided, if one did. */
      readonly exception?: string;
    }
  | {
      readonly kind: 'proxy';
      /** `http://` or `https://`, host, and port. May hold a password, so never show it as it is. */
      readonly proxy: string;
      /** For people: which setting names the proxy. Holds no secret. */
      readonly why: string;
    }
  | {
      /** A proxy is set, but this program can't use it: SOCKS, or an address that isn't one. */
      readonly kind: 'unsupported';
      readonly why: string;
    };

/** What the operating system says about proxies, for this user on this computer, at this moment. */
export interface SystemProxy {
  /** For people: where the settings were read, such as `Internet Settings (HKEY_CURRENT_USER)`. */
  readonly origin: string;
  /**
   * A PAC file that is configured by address. Wins over `proxyFor` on every system that knows both; Chromium uses the
   * fixed proxy if the file can't be loaded.
   */
  readonly pacUrl?: string | undefined;
  /** Automatic detection (WPAD) is switched on. This program doesn't follow it; it's only reported. */
  readonly autoDetect: boolean;
  /** For people: what else they should know, such as settings that couldn't be read. Holds no secret. */
  readonly notes: readonly string[];
  /** The fixed proxy for `url`, by this system's own rules for exceptions. */
  proxyFor(url: URL): SystemProxyDecision;
}

/** The entry of an exception list that `url` matches, or undefined. */
export type Exceptions = (url: URL) => string | undefined;

/** A proxy as a setting names it. Empty text means that none is set. */
export interface NamedProxy {
  /** For people: the name of the setting. */
  readonly setting: string;
  readonly text: string;
  /** From a separate setting; counts if `text` has none. 80 if neither is set. */
  readonly port?: number | undefined;
  /** Whether `https://` means a TLS connection to the proxy, and not only a proxy for HTTPS. */
  readonly keepsScheme?: boolean;
}

/** The proxies of a desktop's or system's dialog for `url`, first for its own scheme, then for everything else. */
export interface FixedProxies {
  readonly http: NamedProxy | undefined;
  readonly https: NamedProxy | undefined;
  readonly socks: NamedProxy | undefined;
  readonly exceptions: Exceptions;
}

/**
 * The rule of all systems: exceptions first, then the proxy for the URL's scheme, then SOCKS. A proxy for HTTP never
 * serves HTTPS. https://chromium.googlesource.com/chromium/src/+/HEAD/net/docs/proxy.md#Manual-proxy-settings
 */
export function decide(url: URL, proxies: FixedProxies): SystemProxyDecision {
  const own = chosen(url.protocol === 'http:' ? proxies.http : proxies.https);
  const decision = own ?? (chosen(proxies.socks) === undefined ? undefined : SOCKS);
  if (decision === undefined) return direct(isSet(proxies.http) ? 'a proxy is set for HTTP only' : 'no proxy is set');
  const exception = proxies.exceptions(url);
  return exception === undefined ? decision : { ...direct(`the exception ${exception}`), exception };
}

export const direct = (why: string) => ({ kind: 'direct', why }) as const satisfies SystemProxyDecision;

/** Settings that exist but can't be read: no proxy, and a note that says why. */
export function unreadable(origin: string, reason: string): SystemProxy {
  const why = `the settings can't be read: ${reason}`;
  return { origin, autoDetect: false, notes: [why], proxyFor: () => direct(why) };
}

const SOCKS: SystemProxyDecision = {
  kind: 'unsupported',
  why: "only a SOCKS proxy is set, which this program can't use",
};

const isSet = (proxy: NamedProxy | undefined): boolean => chosen(proxy) !== undefined;

function chosen(proxy: NamedProxy | undefined): SystemProxyDecision | undefined {
  const address = proxy && proxyAddress(proxy.text, proxy);
  return address && inWords(address, proxy);
}

function inWords(address: ProxyAddress, { setting, text }: NamedProxy): SystemProxyDecision {
  switch (address.kind) {
    case 'http':
      return { kind: 'proxy', proxy: address.url, why: setting };
    case 'socks':
      return SOCKS;
    case 'invalid':
      return { kind: 'unsupported', why: `${setting} isn't a proxy address${quoted(text)}` };
  }
}

/** No part of a text that may hold a password. */
const quoted = (text: string): string => (text.includes('@') ? '' : `: "${printable(text.trim(), 100)}"`);
