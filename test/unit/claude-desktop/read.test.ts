import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'plist';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DesktopPlaces, readDesktopConfiguration, readDesktopSettings } from '../../../src/claude-desktop/read.ts';
import { macPreferences } from '../../../src/config/sources/mac-preferences.ts';
import { windowsPolicy } from '../../../src/config/sources/windows-policy.ts';
import { FakeRegistry } from '../../fakes/fake-registry.ts';

const TTL = 'inferenceCredentialHelperTtlSec';
const TIMEOUT = 'inferenceCredentialHelperTimeoutSec';
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'desktop-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const place = (path: string, content: unknown): string => {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o644 });
  return file;
};
const library = '.config/Claude-3p/configLibrary';
const placeLocal = (values: unknown, folder = library, id = 'work'): string => {
  place(`home/${folder}/_meta.json`, { appliedId: id, entries: [{ id, name: 'Work' }] });
  return place(`home/${folder}/${id}.json`, values);
};
const read = (places: DesktopPlaces = {}) =>
  readDesktopSettings({ platform: 'linux', env: {}, root, home: join(root, 'home'), ...places });

describe('Claude Desktop’s local configuration', () => {
  it('is absent on most computers', () => {
    expect(read()).toEqual({});
  });

  it('gives numbers, native or as text', () => {
    const origin = placeLocal({ [TTL]: 900, [TIMEOUT]: '600', inferenceProvider: 'foundry' });
    expect(read()).toEqual({ ttlSec: 900, timeoutSec: 600, origin });
  });

  it.each([
    ['linux', library, {}],
    ['linux', 'xdg/Claude-3p/configLibrary', { XDG_CONFIG_HOME: 'home/xdg' }],
    ['darwin', 'Library/Application Support/Claude-3p/configLibrary', {}],
    ['win32', 'AppData/Local/Claude-3p/configLibrary', {}],
    ['win32', 'local/Claude-3p/configLibrary', { LOCALAPPDATA: 'home/local' }],
  ] as const)('stands where %s keeps it: %s', (platform, folder, env) => {
    placeLocal({ [TTL]: 300 }, folder);
    const absolute = Object.fromEntries(Object.entries(env).map(([name, path]) => [name, join(root, path)]));
    expect(read({ platform, env: absolute }).ttlSec).toBe(300);
  });

  it.each([[0], [-1], [1.5], ['soon'], [''], [null], [true], [[900]], [90_000]])('leaves out a TTL of %j', (ttl) => {
    const origin = placeLocal({ [TTL]: ttl, [TIMEOUT]: 601 });
    expect(read()).toEqual({ origin });
  });

  it.each(['../../outside', '..', '.hidden', 'a/b', '', 7, null])('does not follow the id %j', (appliedId) => {
    placeLocal({ [TTL]: 900 });
    place('home/.config/outside.json', { [TTL]: 900 });
    place(`home/${library}/_meta.json`, { appliedId });
    expect(read()).toEqual({});
  });

  it.each(['{', '[]', ''])('ignores a malformed file: %j', (content) => {
    placeLocal(content);
    expect(read()).toEqual({});
    place(`home/${library}/_meta.json`, content);
    expect(read()).toEqual({});
  });
});

// Only root can make a file that Desktop accepts as managed.
describe.runIf(process.getuid?.() === 0)('Claude Desktop’s managed configuration on Linux', () => {
  const placeManaged = (values: unknown) => place('etc/claude-desktop/managed-settings.json', values);

  const makeLink = (file: string): void => {
    renameSync(file, `${file}.real`);
    symlinkSync(`${file}.real`, file);
  };
  const makeFolder = (file: string): void => {
    rmSync(file);
    mkdirSync(file);
  };

  it('rules out local values, even for keys it does not hold', () => {
    placeLocal({ [TTL]: 300, [TIMEOUT]: 30 });
    const origin = placeManaged({ [TTL]: '900' });
    expect(read()).toEqual({ ttlSec: 900, origin });
  });

  it('leaves local values alone when it only manages updates', () => {
    placeLocal({ [TTL]: 300 });
    placeManaged({ disableAutoUpdates: true });
    expect(read().ttlSec).toBe(300);
  });

  it.each([
    ['writable by its group', (file: string) => chmodSync(file, 0o664)],
    ['a link', makeLink],
    ['malformed', (file: string) => writeFileSync(file, '{')],
    ['a folder', makeFolder],
  ])('is ignored, and local values with it, when it is %s', (_, spoil) => {
    placeLocal({ [TTL]: 300 });
    const origin = placeManaged({ [TTL]: 900 });
    spoil(origin);
    expect(read()).toEqual({ origin });
  });

  it('is not looked for elsewhere', () => {
    placeManaged({ [TTL]: 900 });
    expect(read({ platform: 'darwin' })).toEqual({});
  });
});

it.runIf(process.platform === 'linux' && process.getuid?.() !== 0)(
  'a managed file of another owner than root does not count',
  () => {
    const origin = place('etc/claude-desktop/managed-settings.json', { [TTL]: 900 });
    expect(read()).toEqual({ origin });
  },
);

describe('Claude Desktop’s managed settings', () => {
  it('of macOS are joined key by key, the user’s first, and rule out local ones', () => {
    placeLocal({ [TTL]: 60 }, 'Library/Application Support/Claude-3p/configLibrary');
    const file = 'com.anthropic.claudefordesktop.plist';
    const ofUser = place(`prefs/ada/${file}`, build({ [TTL]: '300' }));
    const ofComputer = place(`prefs/${file}`, build({ [TTL]: '900', [TIMEOUT]: '600' }));
    const managed = macPreferences('ada', join(root, 'prefs'), 'claude-desktop');
    expect(read({ platform: 'darwin', managed })).toEqual({
      ttlSec: 300,
      timeoutSec: 600,
      origin: `${ofUser} and ${ofComputer}`,
    });
    place(`prefs/${file}`, '<plist');
    expect(readDesktopConfiguration({ platform: 'darwin', managed })).toEqual({ state: 'ignored', origin: ofComputer });
  });

  it('of Windows are the computer’s as a whole, else the user’s, else local ones', () => {
    const local = placeLocal({ [TTL]: 60 }, 'AppData/Local/Claude-3p/configLibrary');
    const registry = new FakeRegistry();
    const managed = windowsPolicy(registry, 'claude-desktop');
    const readThere = () => read({ platform: 'win32', managed });
    expect(readThere()).toEqual({ ttlSec: 60, origin: local });
    registry.import(registryFile('HKEY_CURRENT_USER', `"${TTL}"="300"\r\n"${TIMEOUT}"="600"`));
    expect(readThere()).toMatchObject({ ttlSec: 300, timeoutSec: 600 });
    registry.import(registryFile('HKEY_LOCAL_MACHINE', `"${TTL}"="900"`));
    expect(readThere()).toEqual({ ttlSec: 900, origin: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Claude' });
  });

  it('that only concern updates leave the local ones in force', () => {
    placeLocal({ [TTL]: 60 }, 'AppData/Local/Claude-3p/configLibrary');
    const registry = new FakeRegistry();
    registry.import(registryFile('HKEY_LOCAL_MACHINE', '"disableAutoUpdates"="true"'));
    expect(read({ platform: 'win32', managed: windowsPolicy(registry, 'claude-desktop') }).ttlSec).toBe(60);
  });
});

const registryFile = (hive: string, values: string): string =>
  `Windows Registry Editor Version 5.00\r\n\r\n[${hive}\\SOFTWARE\\Policies\\Claude]\r\n${values}\r\n`;
