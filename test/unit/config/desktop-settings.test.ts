import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DesktopPlaces, readDesktopSettings } from '../../../src/config/desktop-settings.ts';

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
