// The proxy settings of KDE Plasma 5 and 6.
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { inParentheses, isCode } from '../../core/errno.ts';
import { decide, direct, type NamedProxy, type SystemProxy, unreadable } from './decision.ts';
import { type KdeEntry, readKdeGroup } from './kde-config.ts';
import { kdeExceptions } from './kde-exceptions.ts';
import { pacAddress } from './pac-address.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Settings = ReadonlyMap<string, KdeEntry>;

const FILE = 'kioslaverc';
/** `KProtocolManager::ProxyType` of KIO. */
const TYPES = ['none', 'manual', 'pac', 'detect', 'variables'] as const;

/** Reads kioslaverc of the session's XDG folders; Plasma 6 kept the name. A file that isn't there has no settings. */
export async function readKdeProxy(env: Environment): Promise<SystemProxy> {
  const own = join(absolute(env['XDG_CONFIG_HOME']) ?? join(env['HOME'] || homedir(), '.config'), FILE);
  const origin = `KDE's network settings (${own})`;
  const paths = [own, ...systemFolders(env).map((folder) => join(folder, FILE))];
  try {
    const files = await Promise.all(paths.toReversed().map(readIfThere));
    return kdeProxy(readKdeGroup('Proxy Settings', files), origin, env);
  } catch (thrown) {
    return unreadable(origin, `${FILE} can't be read${inParentheses(thrown)}`);
  }
}

/** https://specifications.freedesktop.org/basedir-spec/latest/ */
function systemFolders(env: Environment): readonly string[] {
  const folders = (env['XDG_CONFIG_DIRS'] ?? '').split(':').filter((folder) => absolute(folder) !== undefined);
  return folders.length > 0 ? folders : ['/etc/xdg'];
}

const absolute = (path: string | undefined): string | undefined => (path?.startsWith('/') ? path : undefined);

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT', 'ENOTDIR')) return '';
    throw thrown;
  }
}

function kdeProxy(settings: Settings, origin: string, env: Environment): SystemProxy {
  const type = TYPES[Number(textOf(settings, 'ProxyType') || 0)];
  const none = { origin, autoDetect: false, notes: [] };
  switch (type) {
    case 'manual':
      return { ...none, notes: expansions(settings), proxyFor: (url) => decide(url, manual(settings)) };
    case 'variables':
      return { ...none, proxyFor: (url) => decide(url, fromVariables(settings, env)) };
    case 'pac':
      return automatic(none, textOf(settings, 'Proxy Config Script'));
    case 'detect':
      return {
        ...none,
        autoDetect: true,
        proxyFor: () => direct("automatic detection, which this program doesn't follow"),
      };
    case 'none':
      return { ...none, proxyFor: () => direct('no proxy is set') };
    default:
      return unreadable(origin, "ProxyType isn't a number from 0 to 4");
  }
}

function automatic(none: Omit<SystemProxy, 'proxyFor'>, script: string): SystemProxy {
  const pacUrl = pacAddress(script);
  if (pacUrl !== undefined) return { ...none, pacUrl, proxyFor: () => direct('only a PAC file is set') };
  const why = "Proxy Config Script isn't an address";
  return { ...none, notes: [why], proxyFor: () => direct(why) };
}

const manual = (settings: Settings) => ({
  http: named('httpProxy', textOf(settings, 'httpProxy')),
  https: named('httpsProxy', textOf(settings, 'httpsProxy')),
  socks: named('socksProxy', textOf(settings, 'socksProxy')),
  exceptions: kdeExceptions(textOf(settings, 'NoProxyFor'), isTrue(textOf(settings, 'ReversedException'))),
});

/** Each setting names the variable of the session that has the value. KDE reverses no exceptions here. */
function fromVariables(settings: Settings, env: Environment) {
  const variable = (key: string): string => env[textOf(settings, key)] ?? '';
  const proxy = (key: string): NamedProxy | undefined => named(`${key}=${textOf(settings, key)}`, variable(key));
  const [http, https, socks] = [proxy('httpProxy'), proxy('httpsProxy'), proxy('socksProxy')];
  return { http, https, socks, exceptions: kdeExceptions(variable('NoProxyFor'), false) };
}

/** `http://proxy 8080`; older versions wrote `http://proxy:8080`. */
function named(setting: string, value: string): NamedProxy | undefined {
  const [, address = value, port = '0'] = /^(.*\S)\s+(\d{1,9})$/.exec(value.trim()) ?? [];
  if (address === '') return undefined;
  const text = setting.startsWith('socks') ? address.replace(/^(?:\w+:\/\/)?(?=.)/, 'socks://') : address;
  return { setting, text, port: Number(port) };
}

/** Only KDE's own programs know what these are. */
function expansions(settings: Settings): readonly string[] {
  const keys = [...settings]
    .filter(([, { value, isExpanded }]) => isExpanded && value.includes('$'))
    .map(([key]) => key);
  return keys.map((key) => `${key} needs an expansion that this program doesn't do`);
}

/** `true`, as Chromium reads it, or any other number than 0. */
const isTrue = (value: string): boolean => value.toLowerCase() === 'true' || Number.parseInt(value, 10) > 0;

const textOf = (settings: Settings, key: string): string => settings.get(key)?.value.trim() ?? '';
