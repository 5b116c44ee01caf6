// What the harness does on macOS and Windows, if it can be seen anywhere.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { agentAddress } from '../../../src/ipc/address.ts';
import { productPaths } from '../../../src/platform/paths.ts';
import { chromiumPlaces } from '../../support/harness/chromium.ts';
import { createKeychain } from '../../support/harness/keychain.ts';
import { environmentForTests } from '../../support/harness/own-environment.ts';
import { fromPs } from '../../support/harness/processes.ts';
import { systemVariables } from '../../support/harness/system-variables.ts';
import { temporaryFolder } from '../../support/harness/temporary-folder.ts';

it("leaves room for the agent's socket in a home on macOS", () => {
  const home = `${temporaryFolder('darwin')}/fch-AbCdEf/home`;
  const { state } = productPaths({ HOME: home }, 'darwin');
  // A longer path would move the socket out of the home.
  expect(agentAddress({ runtime: state }, 'darwin')).toMatchObject({ folder: state });
});

describe('the processes that macOS lists', () => {
  const output = `
    1 /sbin/launchd
  501 /private/tmp/fch-AbCdEf/bin/foundry-credential-helper agent run PATH=/usr/bin HOME=/private/tmp/fch-AbCdEf/home USER=tester
  502 sleep 30 HOME=/private/tmp/fch-AbCdEf/home
  503 sleep 30 HOME=/private/tmp/fch-AbCdEf/home/bus OTHER_HOME=/private/tmp/fch-AbCdEf/home`;

  it('are those with the whole entry, without their environment', () => {
    expect(fromPs(output, 'HOME=/private/tmp/fch-AbCdEf/home')).toEqual([
      { pid: 501, command: '/private/tmp/fch-AbCdEf/bin/foundry-credential-helper agent run' },
      { pid: 502, command: 'sleep 30' },
    ]);
    expect(fromPs(output, 'HOME=/private/tmp/fch-other/home')).toEqual([]);
  });
});

describe('the browser', () => {
  it.each([
    ['darwin', {}, '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
    ['win32', { ProgramFiles: 'C:\\Program Files' }, 'C:\\Program Files/Google/Chrome/Application/chrome.exe'],
    ['linux', {}, '/usr/bin/chromium'],
    ['linux', { CHROMIUM: '/opt/chromium' }, '/opt/chromium'],
  ] as const)('on %s with %j is looked for in %s first', (platform, env, place) => {
    expect(chromiumPlaces(platform, env)[0]?.replaceAll('\\', '/')).toBe(place.replaceAll('\\', '/'));
  });
});

describe('a keychain', () => {
  it('is the only one of its home, unlocked, and never locks itself', async () => {
    const home = mkdtempSync(join(tmpdir(), 'keychain-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const calls: string[][] = [];
    const homes = new Set<string | undefined>();
    await createKeychain({ HOME: home }, async (args, env) => {
      calls.push([...args]);
      homes.add(env['HOME']);
    });
    const keychain = join(home, 'Library', 'Keychains', 'test.keychain-db');
    expect(calls.map(([command]) => command)).toEqual([
      'create-keychain',
      'set-keychain-settings',
      'list-keychains',
      'default-keychain',
      'unlock-keychain',
    ]);
    expect(calls.map((call) => call.at(-1))).toEqual(calls.map(() => keychain));
    expect(homes).toEqual(new Set([home]));
    expect(statSync(join(home, 'Library', 'Preferences')).isDirectory()).toBe(true);
  });
});

describe("this computer's variables", () => {
  const env = { PATH: '/usr/bin', SystemRoot: 'C:\\Windows', USERPROFILE: 'C:\\Users\\ada', HTTPS_PROXY: 'http://x' };

  it('are passed to programs on Windows, but not those of its user', () => {
    const variables = systemVariables('/sandbox/bin', env, 'win32');
    expect(variables).toMatchObject({ SystemRoot: 'C:\\Windows' });
    expect(variables).not.toHaveProperty('USERPROFILE');
    expect(variables).not.toHaveProperty('HTTPS_PROXY');
  });

  it('are PATH alone elsewhere', () => {
    expect(Object.keys(systemVariables('/sandbox/bin', env, 'darwin'))).toEqual(['PATH']);
  });
});

describe("the tests' environment", () => {
  const env = {
    PATH: '/bin',
    LONG: '1',
    LC_ALL: 'de_DE.UTF-8',
    TZ: 'Asia/Kolkata',
    https_proxy: 'http://p',
    DISPLAY: ':0',
  };

  it("has nothing from the developer's shell that programs act on", () => {
    expect(environmentForTests(env, 'linux')).toEqual({ PATH: '/bin', LONG: '1', LANG: 'C.UTF-8', TZ: 'UTC' });
  });

  it('is the whole one on Windows', () => {
    expect(environmentForTests(env, 'win32')).toEqual(env);
  });

  it('is the one in which this test runs', () => {
    expect(Object.keys(process.env).filter((name) => /^(?:LC_|XDG_|https?_proxy$|DBUS_)/i.test(name))).toEqual([]);
  });
});
