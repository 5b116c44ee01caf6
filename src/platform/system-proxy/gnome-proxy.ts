// The proxy settings of GNOME and of the desktops that share them.
import { findProgram } from '../programs.ts';
import { decide, direct, type NamedProxy, type SystemProxy, unreadable } from './decision.ts';
import { gioExceptions } from './gio-exceptions.ts';
import { type GVariantValue, parseGVariant } from './gvariant-text.ts';
import { pacAddress } from './pac-address.ts';
import type { RunReader } from './run-reader.ts';

const ORIGIN = "GNOME's network settings";
const SCHEMA = 'org.gnome.system.proxy';
const NOT_FOLLOWED = "automatic configuration without an address, which this program doesn't follow";

/** Values by schema and key, such as `org.gnome.system.proxy.https host`. */
type Settings = ReadonlyMap<string, GVariantValue>;

export async function readGnomeProxy(run: RunReader, env: NodeJS.ProcessEnv): Promise<SystemProxy> {
  const gsettings = findProgram('gsettings', env);
  if (gsettings === undefined) return unreadable(ORIGIN, "gsettings isn't in PATH");
  // In another encoding than UTF-8, it prints `?` for what that lacks.
  const result = await run(gsettings, ['list-recursively', SCHEMA], { ...env, LC_ALL: 'C.UTF-8' });
  return 'failure' in result ? unreadable(ORIGIN, result.failure) : gnomeProxy(parseSettings(result.stdout));
}

/** A schema, a key, and a value on each line. */
function parseSettings(text: string): Settings {
  const settings = new Map<string, GVariantValue>();
  for (const line of text.split('\n')) {
    const [, key, source = ''] = /^(\S+ \S+) (.*)$/.exec(line) ?? [];
    const value = parseGVariant(source);
    if (key !== undefined && value !== undefined) settings.set(key, value);
  }
  return settings;
}

/**
 * The rules are those in the descriptions of the schema
 * (https://gitlab.gnome.org/GNOME/gsettings-desktop-schemas, schemas/org.gnome.system.proxy.gschema.xml.in) and in
 * GNOME's own resolver (https://gitlab.gnome.org/GNOME/glib-networking, proxy/gnome).
 */
function gnomeProxy(settings: Settings): SystemProxy {
  switch (settings.get(`${SCHEMA} mode`)) {
    case 'manual':
      return manualProxy(settings);
    case 'auto':
      return automaticProxy(text(settings, `${SCHEMA} autoconfig-url`));
    case 'none':
      return { origin: ORIGIN, autoDetect: false, notes: [], proxyFor: () => direct('no proxy is set') };
    default:
      return unreadable(ORIGIN, `${SCHEMA} has no mode that this program knows`);
  }
}

function automaticProxy(address: string): SystemProxy {
  const pacUrl = pacAddress(address);
  if (pacUrl !== undefined) {
    return { origin: ORIGIN, pacUrl, autoDetect: false, notes: [], proxyFor: () => direct('only a PAC file is set') };
  }
  // Without an address, GNOME asks the network for one.
  const isEmpty = address.trim() === '';
  const why = isEmpty ? NOT_FOLLOWED : "autoconfig-url isn't an address";
  return { origin: ORIGIN, autoDetect: isEmpty, notes: isEmpty ? [] : [why], proxyFor: () => direct(why) };
}

function manualProxy(settings: Settings): SystemProxy {
  const http = named(settings, 'http');
  const exceptions = gioExceptions(texts(settings, `${SCHEMA} ignore-hosts`));
  const proxies = { http, https: named(settings, 'https') ?? http, socks: named(settings, 'socks'), exceptions };
  return { origin: ORIGIN, autoDetect: false, notes: [], proxyFor: (url) => decide(url, proxies) };
}

/** A proxy counts "if its host key is non-empty and its port key is non-0", says the schema. */
function named(settings: Settings, kind: 'http' | 'https' | 'socks'): NamedProxy | undefined {
  const host = text(settings, `${SCHEMA}.${kind} host`).trim();
  const port = Number(settings.get(`${SCHEMA}.${kind} port`) ?? 0);
  if (host === '' || port === 0) return undefined;
  const prefix = kind === 'socks' ? 'socks://' : '';
  const user = kind === 'http' ? credentials(settings) : '';
  return { setting: `the ${kind} proxy`, text: `${prefix}${user}${host}`, port };
}

/** The schema has them for the HTTP proxy only. */
function credentials(settings: Settings): string {
  if (settings.get(`${SCHEMA}.http use-authentication`) !== true) return '';
  const [user, password] = ['authentication-user', 'authentication-password'].map((key) =>
    encodeURIComponent(text(settings, `${SCHEMA}.http ${key}`)),
  );
  return `${user}:${password}@`;
}

function text(settings: Settings, key: string): string {
  const value = settings.get(key);
  return typeof value === 'string' ? value : '';
}

function texts(settings: Settings, key: string): readonly string[] {
  const value = settings.get(key);
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
