// The proxy settings of Windows: Internet Settings (WinINET), which Chromium and so Claude Desktop use, or WinHTTP's.
import { inParentheses } from '../../core/errno.ts';
import { loadNativeAddon } from '../native-addon.ts';
import { createRegistry, type Hive, type Registry, type RegistryValue } from '../registry.ts';
import { type ConnectionSettings, parseConnectionSettings } from './connection-settings.ts';
import { decide, type SystemProxy, unreadable } from './decision.ts';
import { pacAddress } from './pac-address.ts';
import { windowsProxies } from './proxy-server-value.ts';

const KEY = 'SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings';
const POLICY_KEY = 'SOFTWARE\\Policies\\Microsoft\\Windows\\CurrentVersion\\Internet Settings';
const CONNECTIONS_KEY = `${KEY}\\Connections`;
const ORIGIN = 'Internet Settings';

/** Case doesn't matter in names. */
type Values = ReadonlyMap<string, RegistryValue>;

export async function readWindowsProxy(registry?: Registry): Promise<SystemProxy> {
  try {
    return windowsProxy(registry ?? createRegistry(await loadNativeAddon('registry')));
  } catch (thrown) {
    return unreadable(ORIGIN, `the registry can't be read${inParentheses(thrown)}`);
  }
}

/** WinHTTP's settings are meant for services. They count only if Internet Settings name neither proxy nor PAC file. */
function windowsProxy(registry: Registry): SystemProxy {
  const hive = settingsHive(registry);
  const { settings, notes } = internetSettings(registry, hive);
  const all = [...notes, ...ignoredPolicies(registry)];
  const winHttp = connection(registry, 'HKEY_LOCAL_MACHINE', 'WinHttpSettings');
  if (!isConfigured(settings) && winHttp !== undefined && winHttp.proxies !== '') {
    return systemProxy('WinHTTP', { ...winHttp, autoDetect: settings.autoDetect }, all);
  }
  return systemProxy(`${ORIGIN} (${hive})`, settings, all);
}

/** The policy "Make proxy settings per-machine (rather than per-user)" of inetres.admx. */
function settingsHive(registry: Registry): Hive {
  const policy = values(registry, 'HKEY_LOCAL_MACHINE', POLICY_KEY).get('proxysettingsperuser')?.data;
  return policy === 0 || policy === '0' ? 'HKEY_LOCAL_MACHINE' : 'HKEY_CURRENT_USER';
}

interface Found {
  readonly settings: ConnectionSettings;
  readonly notes: readonly string[];
}

/**
 * Windows uses DefaultConnectionSettings. It also keeps a copy in separate values (ProxyServer and so on), for
 * programs that read those, and takes over what scripts and Group Policy preferences write there: SavedLegacySettings
 * says what the values were when it last looked. So the values count if they've changed since, or if there's nothing
 * else. Not documented by Microsoft, and seen on no Windows by this project.
 */
function internetSettings(registry: Registry, hive: Hive): Found {
  const found = values(registry, hive, KEY);
  const plain = plainSettings(found);
  const used = connection(registry, hive, 'DefaultConnectionSettings');
  if (used === undefined) return { settings: plain, notes: [] };
  if (isAlike(used, plain) || !COPIES.some((name) => found.has(name))) return { settings: used, notes: [] };
  const saved = connection(registry, hive, 'SavedLegacySettings');
  const isNewer = saved === undefined ? !isConfigured(used) : !isAlike(saved, plain);
  // WinINET keeps automatic detection in the binary value only.
  const settings = isNewer ? { ...plain, autoDetect: used.autoDetect } : used;
  return { settings, notes: [isNewer ? VALUES_COUNT : BINARY_COUNTS] };
}

const COPIES = ['proxyenable', 'proxyserver', 'autoconfigurl'];
const BINARY_COUNTS =
  'DefaultConnectionSettings differs from ProxyEnable, ProxyServer, ProxyOverride, and AutoConfigURL, and counts, as it does for Windows';
const VALUES_COUNT =
  'ProxyEnable, ProxyServer, ProxyOverride, and AutoConfigURL have changed since Windows copied them to DefaultConnectionSettings, and count';

function plainSettings(found: Values): ConnectionSettings {
  const isManual = isOn(found, 'proxyenable');
  return {
    proxies: isManual ? text(found, 'proxyserver') : '',
    exceptions: isManual ? text(found, 'proxyoverride') : '',
    pacUrl: text(found, 'autoconfigurl'),
    autoDetect: isOn(found, 'autodetect'),
  };
}

/**
 * inetres.admx defines none of these values below this key, and Windows doesn't look for them there, as measured on
 * Windows 11 by https://github.com/gnoays/proxy-watch (src/config.rs).
 */
function ignoredPolicies(registry: Registry): readonly string[] {
  const hives: readonly Hive[] = ['HKEY_LOCAL_MACHINE', 'HKEY_CURRENT_USER'];
  return hives.flatMap((hive) => {
    const found = values(registry, hive, POLICY_KEY);
    const names = ['ProxyServer', 'AutoConfigURL'].filter((name) => text(found, name.toLowerCase()) !== '');
    return names.map((name) => `${name} in ${hive}\\${POLICY_KEY} doesn't count, because Windows ignores it there`);
  });
}

function systemProxy(origin: string, settings: ConnectionSettings, notes: readonly string[]): SystemProxy {
  const { proxies, exceptions, autoDetect } = settings;
  const pacUrl = pacAddress(settings.pacUrl);
  const isWrong = settings.pacUrl !== '' && pacUrl === undefined;
  const fixed = windowsProxies('ProxyServer', proxies, exceptions);
  return {
    origin,
    pacUrl,
    autoDetect,
    notes: isWrong ? [...notes, "AutoConfigURL isn't an address"] : notes,
    proxyFor: (url) => decide(url, fixed),
  };
}

const isConfigured = ({ proxies, pacUrl }: ConnectionSettings): boolean => proxies !== '' || pacUrl !== '';

const isAlike = (one: ConnectionSettings, other: ConnectionSettings): boolean =>
  one.proxies === other.proxies && one.exceptions === other.exceptions && one.pacUrl === other.pacUrl;

function connection(registry: Registry, hive: Hive, name: string): ConnectionSettings | undefined {
  const bytes = values(registry, hive, CONNECTIONS_KEY).get(name.toLowerCase())?.bytes;
  return bytes && parseConnectionSettings(bytes);
}

const values = (registry: Registry, hive: Hive, key: string): Values =>
  new Map(registry.readKey(hive, key)?.map((value) => [value.name.toLowerCase(), value]));

function text(found: Values, name: string): string {
  const data = found.get(name)?.data;
  return typeof data === 'string' ? data.trim() : '';
}

/** A REG_DWORD; some programs write a REG_SZ. */
const isOn = (found: Values, name: string): boolean => Number(found.get(name)?.data ?? 0) > 0;
