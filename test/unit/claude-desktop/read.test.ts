import { chmodSync, chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'plist';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { desktopTimes } from '../../../src/claude-desktop/cache-time.ts';
import { desktopKey, desktopKeyNames } from '../../../src/claude-desktop/keys.ts';
import { configLibrary } from '../../../src/claude-desktop/places.ts';
import { type DesktopPlaces, type DesktopReading, readDesktopConfiguration } from '../../../src/claude-desktop/read.ts';
import { macPreferences } from '../../../src/config/sources/mac-preferences.ts';
import { windowsPolicy } from '../../../src/config/sources/windows-policy.ts';
import { FakeRegistry } from '../../support/fakes/fake-registry.ts';

const TTL = 'inferenceCredentialHelperTtlSec';
const TIMEOUT = 'inferenceCredentialHelperTimeoutSec';
const ID = '0f8a6b7c-1d2e-4f30-9a4b-5c6d7e8f9a0b';
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'desktop-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const place = (path: string, content: unknown): string => {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(file, 0o644);
  return file;
};
const library = '.config/Claude-3p/configLibrary';
const placeLocal = (values: unknown, folder = library, id: unknown = ID): string => {
  place(`home/${folder}/_meta.json`, { appliedId: id, entries: [{ id, name: 'Work' }] });
  return place(`home/${folder}/${ID}.json`, values);
};
const read = (places: DesktopPlaces = {}): DesktopReading =>
  readDesktopConfiguration({ platform: 'linux', env: {}, root, home: join(root, 'home'), ...places });
const found = (key: string, places: DesktopPlaces = {}): unknown => {
  const reading = read(places);
  return reading.state === 'values' ? reading.values[key] : reading.state;
};

describe("Claude Desktop's local configuration", () => {
  it('is absent on most computers', () => {
    expect(read()).toEqual({ state: 'absent' });
  });

  it('is read under its flat names, native or as text', () => {
    const origin = placeLocal({ [TTL]: 900, [TIMEOUT]: '600', inferenceProvider: 'gateway' });
    expect(read()).toMatchObject({ state: 'values', origin, managed: false, values: { [TTL]: 900, [TIMEOUT]: '600' } });
    expect(desktopTimes(read())).toEqual({ cacheMs: 900_000, timeoutMs: 600_000 });
  });

  it("is read in the app's own form", () => {
    placeLocal({
      $schemaVersion: 2,
      inference: {
        provider: 'gateway',
        credential: { kind: 'helper-script', command: '/usr/bin/x', ttlSec: 900, authScheme: 'bearer' },
      },
      models: { list: ['claude-sonnet-5'] },
      somethingNew: { inner: true },
    });
    expect(read()).toMatchObject({
      values: {
        inferenceProvider: 'gateway',
        inferenceCredentialKind: 'helper-script',
        inferenceCredentialHelper: '/usr/bin/x',
        inferenceGatewayAuthScheme: 'bearer',
        [TTL]: 900,
        inferenceModels: ['claude-sonnet-5'],
        somethingNew: { inner: true },
      },
    });
  });

  it.each([
    ['linux', library, {}],
    ['linux', 'xdg/Claude-3p/configLibrary', { XDG_CONFIG_HOME: 'home/xdg' }],
    ['darwin', 'Library/Application Support/Claude-3p/configLibrary', {}],
    ['win32', 'AppData/Local/Claude-3p/configLibrary', {}],
    ['win32', 'local/Claude-3p/configLibrary', { LOCALAPPDATA: 'home/local' }],
  ] as const)('is where %s keeps it: %s', (platform, folder, env) => {
    placeLocal({ [TTL]: 300 }, folder);
    const absolute = Object.fromEntries(Object.entries(env).map(([name, path]) => [name, join(root, path)]));
    expect(found(TTL, { platform, env: absolute })).toBe(300);
  });

  it.each([['../../outside'], ['..'], ['.hidden'], ['a/b'], [7], ['work'], [ID.toUpperCase()]])(
    'is unreadable with the ID %j',
    (id) => {
      placeLocal({ [TTL]: 900 }, library, id);
      place('home/.config/outside.json', { [TTL]: 900 });
      expect(read()).toMatchObject({
        state: 'unreadable',
        managed: false,
        reason: expect.stringContaining('appliedId'),
      });
    },
  );

  it.each([{ appliedId: null }, { appliedId: '' }, {}])('is absent while none is applied: %j', (meta) => {
    placeLocal({ [TTL]: 900 });
    place(`home/${library}/_meta.json`, meta);
    expect(read()).toEqual({ state: 'absent' });
  });

  it.each(['{', '[]', '', '\ufeff{}'])('is unreadable, not absent, if a file is malformed: %j', (content) => {
    const origin = placeLocal(content);
    expect(read()).toMatchObject({ state: 'unreadable', origin });
    const meta = place(`home/${library}/_meta.json`, content);
    expect(read()).toMatchObject({ state: 'unreadable', origin: meta });
  });

  it('is unreadable if the applied file is gone', () => {
    rmSync(placeLocal({}));
    expect(read()).toMatchObject({ state: 'unreadable', reason: expect.stringContaining("doesn't exist") });
  });
});

describe('the times of Claude Desktop', () => {
  it.each([[0], [-1], [1.5], ['soon'], [''], [null], [true], [[900]], [90_000]])("don't include a TTL of %j", (ttl) => {
    placeLocal({ [TTL]: ttl, [TIMEOUT]: 601 });
    expect(desktopTimes(read())).toEqual({ cacheMs: 3_600_000, timeoutMs: undefined });
  });

  it("are those of this program's own profiles if there's nothing to read", () => {
    expect(desktopTimes({ state: 'absent' }).cacheMs).toBe(900_000);
    const unreadable = { state: 'unreadable', origin: 'x', reason: 'y', managed: true } as const;
    expect(desktopTimes(unreadable).cacheMs).toBe(900_000);
  });
});

// Only root can make a file that Desktop accepts as managed.
describe.runIf(process.getuid?.() === 0)("Claude Desktop's managed configuration on Linux", () => {
  const placeManaged = (values: unknown) => place('etc/claude-desktop/managed-settings.json', values);

  const makeLink = (file: string): void => {
    renameSync(file, `${file}.real`);
    symlinkSync(`${file}.real`, file);
  };
  const linkFolder = (file: string): void => {
    renameSync(dirname(file), `${dirname(file)}.real`);
    symlinkSync(`${dirname(file)}.real`, dirname(file));
  };
  const makeFolder = (file: string): void => {
    rmSync(file);
    mkdirSync(file);
  };

  it("rules out local values, even for keys it doesn't hold", () => {
    placeLocal({ [TTL]: 300, [TIMEOUT]: 30 });
    const origin = placeManaged({ [TTL]: '900' });
    expect(read()).toMatchObject({ state: 'values', managed: true, origin, values: { [TTL]: '900' } });
  });

  it.each(desktopKeyNames.filter((key) => desktopKey(key).mayBeManagedAlone === true))(
    'leaves local values alone if it only holds %s',
    (key) => {
      placeLocal({ [TTL]: 300 });
      placeManaged({ [key]: true });
      expect(found(TTL)).toBe(300);
    },
  );

  it.each([['inferenceProvider'], ['isLocalDevMcpEnabled'], ['somethingUnknown']])('rules them out with %s', (key) => {
    placeLocal({ [TTL]: 300 });
    placeManaged({ [key]: 'x', disableAutoUpdates: true });
    expect(found(TTL)).toBeUndefined();
  });

  it.each([
    ['writable by its group', (file: string) => chmodSync(file, 0o664), /writable/],
    ['readable by root only', (file: string) => chmodSync(file, 0o600), /readable by everyone/],
    ["another user's", (file: string) => chownSync(file, 1234, 1234), /belong to root/],
    [
      'in a folder that others may write to',
      (file: string) => chmodSync(dirname(file), 0o777),
      /folder that is writable/,
    ],
    ['in a folder that is a link', linkFolder, /folder that is a link/],
    ['a link', makeLink, /link/],
    ['malformed', (file: string) => writeFileSync(file, '{'), /JSON/],
    ['begun with a byte order mark', (file: string) => writeFileSync(file, '\ufeff{}'), /byte order mark/],
    ['UTF-16', (file: string) => writeFileSync(file, '\ufeff{}', 'utf16le'), /UTF-8/],
    ['a folder', makeFolder, /regular file/],
  ])('is unreadable, and rules out local values, if it is %s', (_, spoil, reason) => {
    placeLocal({ [TTL]: 300 });
    const origin = placeManaged({ [TTL]: 900 });
    spoil(origin);
    expect(read()).toEqual({ state: 'unreadable', managed: true, origin, reason: expect.stringMatching(reason) });
  });

  it("isn't looked for elsewhere", () => {
    placeManaged({ [TTL]: 900 });
    expect(read({ platform: 'darwin' })).toEqual({ state: 'absent' });
  });
});

it.runIf(process.platform === 'linux' && process.getuid?.() !== 0)(
  "a managed file of an owner other than root doesn't count",
  () => {
    const origin = place('etc/claude-desktop/managed-settings.json', { [TTL]: 900 });
    expect(read()).toMatchObject({ state: 'unreadable', origin, reason: "doesn't belong to root" });
  },
);

describe("Claude Desktop's managed settings", () => {
  it("of macOS are joined key by key, the user's first, and rule out local ones", () => {
    placeLocal({ [TTL]: 60 }, 'Library/Application Support/Claude-3p/configLibrary');
    const file = 'com.anthropic.claudefordesktop.plist';
    const ofUser = place(`prefs/ada/${file}`, build({ [TTL]: '300' }));
    const ofComputer = place(`prefs/${file}`, build({ [TTL]: '900', [TIMEOUT]: '600' }));
    const managed = macPreferences('ada', join(root, 'prefs'), 'claude-desktop');
    expect(read({ platform: 'darwin', managed })).toMatchObject({
      managed: true,
      document: { form: 'plist', system: 'macos' },
      values: { [TTL]: '300', [TIMEOUT]: '600' },
      origin: `${ofUser} and ${ofComputer}`,
    });
    place(`prefs/${file}`, '<plist');
    expect(read({ platform: 'darwin', managed })).toMatchObject({ state: 'unreadable', origin: ofComputer });
  });

  it("of Windows are all the computer's, or all the user's, or local ones", () => {
    placeLocal({ [TTL]: 60 }, 'AppData/Local/Claude-3p/configLibrary');
    const registry = new FakeRegistry();
    const managed = windowsPolicy(registry, 'claude-desktop');
    const readThere = () => read({ platform: 'win32', managed });
    expect(readThere()).toMatchObject({ managed: false, values: { [TTL]: 60 } });
    registry.import(registryFile('HKEY_CURRENT_USER', `"${TTL}"="300"\r\n"${TIMEOUT}"="600"`));
    expect(readThere()).toMatchObject({ managed: true, values: { [TTL]: '300', [TIMEOUT]: '600' } });
    registry.import(registryFile('HKEY_LOCAL_MACHINE', `"INFERENCEcredentialHelperTtlSec"="900"`));
    expect(readThere()).toMatchObject({
      values: { [TTL]: '900' },
      origin: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Claude',
      document: { form: 'registry', entries: [{ registryType: 'REG_SZ' }] },
    });
  });

  it('that may be managed alone leave the local ones in force', () => {
    placeLocal({ [TTL]: 60 }, 'AppData/Local/Claude-3p/configLibrary');
    const registry = new FakeRegistry();
    registry.import(registryFile('HKEY_LOCAL_MACHINE', '"disableAutoUpdates"="true"'));
    expect(found(TTL, { platform: 'win32', managed: windowsPolicy(registry, 'claude-desktop') })).toBe(60);
  });
});

const registryFile = (hive: string, values: string): string =>
  `Windows Registry Editor Version 5.00\r\n\r\n[${hive}\\SOFTWARE\\Policies\\Claude]\r\n${values}\r\n`;

it.each(['', 'relative', '.'])('looks for nothing below the working folder if LOCALAPPDATA is %j', (LOCALAPPDATA) => {
  const home = join(tmpdir(), 'home');
  expect(configLibrary({ env: { LOCALAPPDATA }, platform: 'win32', home })).toBe(
    join(home, 'AppData/Local/Claude-3p/configLibrary'),
  );
});
