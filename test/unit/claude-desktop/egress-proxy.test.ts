import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DesktopProxyOptions, readDesktopProxy } from '../../../src/claude-desktop/egress-proxy.ts';
import { windowsPolicy } from '../../../src/config/sources/windows-policy.ts';
import { FakeRegistry } from '../../support/fakes/fake-registry.ts';

const ID = '0f8a6b7c-1d2e-4f30-9a4b-5c6d7e8f9a0b';
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'desktop-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function place(path: string, content: unknown): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(content));
  return file;
}

function placeLocal(values: unknown, folder = '.config/Claude-3p'): string {
  place(`home/${folder}/configLibrary/_meta.json`, { appliedId: ID });
  return place(`home/${folder}/configLibrary/${ID}.json`, values);
}

const read = (options: DesktopProxyOptions = {}) =>
  readDesktopProxy({ platform: 'linux', env: {}, root, home: join(root, 'home'), ...options });

const PROXY = 'http://proxy.contoso.com:8080';
const PAC = 'https://contoso.com/proxy.pac';

describe("in the configuration of Claude Desktop's window", () => {
  it("isn't set on most computers", () => {
    expect(read()).toBeUndefined();
    placeLocal({ inferenceProvider: 'gateway' });
    expect(read()).toBeUndefined();
  });

  it('is a proxy or a PAC file, and the PAC file wins', () => {
    const file = placeLocal({ egressProxyUrl: `${PROXY}/` });
    expect(read()).toEqual({ kind: 'proxy', value: PROXY, origin: `Claude Desktop's egressProxyUrl (${file})` });
    placeLocal({ egressProxyUrl: PROXY, egressProxyPacUrl: PAC });
    expect(read()).toEqual({ kind: 'pac', value: PAC, origin: `Claude Desktop's egressProxyPacUrl (${file})` });
    placeLocal({ egressProxyUrl: PROXY, egressProxyPacUrl: '' });
    expect(read()?.kind).toBe('proxy');
  });

  it("is read in the app's own form", () => {
    placeLocal({ $schemaVersion: 2, workspace: { egressProxyPacUrl: PAC } });
    expect(read()).toMatchObject({ kind: 'pac', value: PAC });
  });

  it("doesn't count if only admins count", () => {
    placeLocal({ egressProxyUrl: PROXY });
    expect(read({ managedOnly: true })).toBeUndefined();
  });

  it.each([
    ['egressProxyUrl', 'socks5://proxy:1080', /http:\/\/ or https:\/\/ URL/],
    ['egressProxyUrl', 'proxy.contoso.com:8080', /http:\/\/ or https:\/\/ URL/],
    ['egressProxyUrl', 'http://ada:s3cret@proxy:8080', /user name or password/],
    ['egressProxyUrl', 'http://proxy:8080/path', /end after host and port/],
    ['egressProxyPacUrl', 'file:///etc/proxy.pac', /http:\/\/ or https:\/\/ URL/],
    ['egressProxyPacUrl', 'http://ada:s3cret@contoso.com/proxy.pac', /user name or password/],
  ])('is unusable with %s %s, and the value is kept out of the reason', (key, value, reason) => {
    placeLocal({ [key]: value });
    const found = read();
    expect(found).toMatchObject({ kind: 'unusable', value: expect.stringMatching(reason) });
    expect(JSON.stringify(found)).not.toContain('s3cret');
  });
});

describe.runIf(process.getuid?.() === 0)('in the managed settings of Linux', () => {
  const placeManaged = (values: unknown): string => {
    const file = place('etc/claude-desktop/managed-settings.json', values);
    for (const path of [file, dirname(file)]) chownSync(path, 0, 0);
    chmodSync(dirname(file), 0o755);
    chmodSync(file, 0o644);
    return file;
  };

  it('counts even if the rest is left to the user, and wins over it', () => {
    const file = placeManaged({ egressProxyUrl: PROXY });
    placeLocal({ egressProxyPacUrl: PAC });
    const expected = { kind: 'proxy', value: PROXY, origin: `Claude Desktop's egressProxyUrl (${file})` };
    expect(read()).toEqual(expected);
    expect(read({ managedOnly: true })).toEqual(expected);
  });

  it('leaves the proxy to the user if it only sets updates', () => {
    placeManaged({ disableAutoUpdates: true });
    placeLocal({ egressProxyPacUrl: PAC });
    expect(read()?.kind).toBe('pac');
  });

  it("rules out the user's if it owns the device", () => {
    placeManaged({ inferenceProvider: 'gateway' });
    placeLocal({ egressProxyPacUrl: PAC });
    expect(read()).toBeUndefined();
  });

  it("rules out the user's if it can't be read", () => {
    chmodSync(placeManaged({ egressProxyUrl: PROXY }), 0o666);
    placeLocal({ egressProxyPacUrl: PAC });
    expect(read()).toBeUndefined();
  });
});

it('is found in the registry of Windows, whatever the case', () => {
  const registry = new FakeRegistry();
  registry.set('HKEY_LOCAL_MACHINE', 'SOFTWARE\\Policies\\Claude', [
    { name: 'EGRESSPROXYURL', type: 'REG_SZ', data: PROXY },
  ]);
  const managed = windowsPolicy(registry, 'claude-desktop');
  expect(read({ platform: 'win32', managed })).toMatchObject({ kind: 'proxy', value: PROXY });
});
