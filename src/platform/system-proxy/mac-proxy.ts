// The proxy settings of macOS: those of the network service in use, or of a managed profile, which replace them.
import { chromiumExceptions } from './chromium-exceptions.ts';
import { decide, type NamedProxy, type SystemProxy, unreadable } from './decision.ts';
import type { RunReader } from './run-reader.ts';
import { parseScutilDictionary, type ScutilDictionary } from './scutil-dictionary.ts';

const ORIGIN = 'the network settings of macOS';
/** Part of macOS; /usr/sbin is on the sealed system volume. */
const SCUTIL = '/usr/sbin/scutil';

export async function readMacProxy(run: RunReader): Promise<SystemProxy> {
  const result = await run(SCUTIL, ['--proxy']);
  return 'failure' in result ? unreadable(ORIGIN, result.failure) : macProxy(parseScutilDictionary(result.stdout));
}

/**
 * The dictionary of `SCDynamicStoreCopyProxies`, which Chromium reads too
 * (https://developer.apple.com/documentation/systemconfiguration/proxies-entity-keys). The settings of a single network
 * interface or domain, below `__SCOPED__` and `__SUPPLEMENTAL__`, don't count there either.
 */
export function macProxy(settings: ScutilDictionary): SystemProxy {
  const pacIsOn = isOn(settings, 'ProxyAutoConfigEnable');
  const pacUrl = pacIsOn ? text(settings, 'ProxyAutoConfigURLString') : undefined;
  const exceptions = chromiumExceptions([
    ...(isOn(settings, 'ExcludeSimpleHostnames') ? ['<local>'] : []),
    ...list(settings, 'ExceptionsList'),
  ]);
  const http = named(settings, 'HTTP');
  const https = named(settings, 'HTTPS');
  const socks = named(settings, 'SOCKS');
  return {
    origin: ORIGIN,
    pacUrl,
    autoDetect: isOn(settings, 'ProxyAutoDiscoveryEnable'),
    notes: pacIsOn && pacUrl === undefined ? ['automatic configuration is on, but without an address'] : [],
    proxyFor: (url) => decide(url, { http, https, socks, exceptions }),
  };
}

function named(settings: ScutilDictionary, kind: 'HTTP' | 'HTTPS' | 'SOCKS'): NamedProxy | undefined {
  if (!isOn(settings, `${kind}Enable`)) return undefined;
  const host = text(settings, `${kind}Proxy`) ?? '';
  const prefix = kind === 'SOCKS' && host !== '' ? 'socks://' : '';
  return { setting: `${kind}Proxy`, text: `${prefix}${host}`, port: Number(text(settings, `${kind}Port`) ?? 0) };
}

/** A CFNumber of 0 or 1, in some profiles a CFBoolean. */
const isOn = (settings: ScutilDictionary, key: string): boolean =>
  /^(?:[1-9]\d*|true)$/i.test(text(settings, key) ?? '');

/** Undefined if it's missing, empty, or a list. */
function text(settings: ScutilDictionary, key: string): string | undefined {
  const value = settings[key];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function list(settings: ScutilDictionary, key: string): readonly string[] {
  const value = settings[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
