import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, posix, win32 } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { productPaths, runtimeFolder } from '../../../src/platform/paths.ts';

/** As on a computer where every session has its folder. */
const anyFolder = () => true;

describe('productPaths', () => {
  it('follows XDG on Linux, with its defaults below the home folder', () => {
    expect(productPaths({ HOME: '/home/ada' }, 'linux')).toEqual({
      config: '/home/ada/.config/foundry-credential-helper',
      state: '/home/ada/.local/state/foundry-credential-helper',
      log: '/home/ada/.local/state/foundry-credential-helper',
      cache: '/home/ada/.cache/foundry-credential-helper',
      runtime: '/home/ada/.local/state/foundry-credential-helper',
    });
  });

  it('takes every XDG variable from the environment that it is given', () => {
    const env = {
      HOME: '/home/ada',
      XDG_CONFIG_HOME: '/x/config',
      XDG_STATE_HOME: '/x/state',
      XDG_CACHE_HOME: '/x/cache/',
      XDG_RUNTIME_DIR: '/run/user/1000',
    };
    expect(productPaths(env, 'linux', anyFolder)).toEqual({
      config: '/x/config/foundry-credential-helper',
      state: '/x/state/foundry-credential-helper',
      log: '/x/state/foundry-credential-helper',
      cache: '/x/cache/foundry-credential-helper',
      runtime: '/run/user/1000/foundry-credential-helper',
    });
  });

  it('treats an empty or relative XDG variable as absent', () => {
    const env = { HOME: '/home/ada', XDG_CONFIG_HOME: '', XDG_STATE_HOME: 'state', XDG_RUNTIME_DIR: 'run' };
    const { config, runtime, state } = productPaths(env, 'linux', (path) => path === 'run');
    expect(config).toBe('/home/ada/.config/foundry-credential-helper');
    expect(state).toBe('/home/ada/.local/state/foundry-credential-helper');
    expect(runtime).toBe(state);
  });

  it.runIf(process.platform === 'linux').each([
    ['no variable', undefined],
    ['a relative one', 'run/user'],
    ["someone else's folder, as after su", '/root'],
  ])("uses the folder that the system makes for this user's sessions with %s", (_, named) => {
    const env = { HOME: '/home/ada', ...(named === undefined ? {} : { XDG_RUNTIME_DIR: named }) };
    const own = `/run/user/${process.getuid?.()}`;
    expect(productPaths(env, 'linux', (path) => path === own).runtime).toBe(`${own}/foundry-credential-helper`);
    expect(runtimeFolder(env, 'linux', (path) => path === own)).toBe(`${own}/foundry-credential-helper`);
  });

  it.runIf(process.platform === 'linux')('uses a session folder only if no one else may write to it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'session-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const env = { HOME: '/home/ada', XDG_RUNTIME_DIR: folder };
    expect(runtimeFolder(env, 'linux')).toBe(`${folder}/foundry-credential-helper`);
    chmodSync(folder, 0o777);
    expect(runtimeFolder(env, 'linux')).not.toContain(folder);
    expect(runtimeFolder({ ...env, XDG_RUNTIME_DIR: join(folder, 'none') }, 'linux')).not.toContain(folder);
  });

  it('uses the Library on macOS, whatever XDG says', () => {
    const env = { HOME: '/Users/ada', XDG_CONFIG_HOME: '/x', XDG_RUNTIME_DIR: '/run' };
    expect(productPaths(env, 'darwin')).toEqual({
      config: '/Users/ada/Library/Preferences/foundry-credential-helper',
      state: '/Users/ada/Library/Application Support/foundry-credential-helper',
      log: '/Users/ada/Library/Logs/foundry-credential-helper',
      cache: '/Users/ada/Library/Caches/foundry-credential-helper',
      runtime: '/Users/ada/Library/Application Support/foundry-credential-helper',
    });
  });

  it('uses one folder of the profile on Windows, wherever AppData is', () => {
    const env = { APPDATA: 'D:\\Roaming', LOCALAPPDATA: 'D:\\Local', USERPROFILE: 'C:\\Users\\Ada' };
    const expected = {
      config: 'C:\\Users\\Ada\\.foundry-credential-helper',
      state: 'C:\\Users\\Ada\\.foundry-credential-helper\\state',
      log: 'C:\\Users\\Ada\\.foundry-credential-helper\\log',
      cache: 'C:\\Users\\Ada\\.foundry-credential-helper\\cache',
      runtime: 'C:\\Users\\Ada\\.foundry-credential-helper\\state',
    };
    expect(productPaths(env, 'win32')).toEqual(expected);
    const inPackage = 'C:\\Users\\Ada\\AppData\\Local\\Packages\\Claude_pzs8sxrjxfjjc\\LocalCache\\Local';
    expect(productPaths({ ...env, LOCALAPPDATA: inPackage }, 'win32')).toEqual(expected);
  });

  it.each(['', 'ada', '\\Users\\Ada', 'C:Users\\Ada', '/Users/ada', '.'])(
    'asks Windows for the profile if its variable holds no full path: "%s"',
    (USERPROFILE) => {
      const { config } = productPaths({ USERPROFILE }, 'win32');
      expect(config).toBe(win32.join(homedir(), '.foundry-credential-helper'));
    },
  );

  it('accepts a profile on a server', () => {
    const { state } = productPaths({ USERPROFILE: '\\\\server\\profiles\\ada' }, 'win32');
    expect(state).toBe('\\\\server\\profiles\\ada\\.foundry-credential-helper\\state');
  });

  it.each([
    ['linux', { HOME: '/home/ada', XDG_RUNTIME_DIR: '/run/user/1000' }],
    ['linux', { HOME: '/home/ada' }],
    ['darwin', { HOME: '/Users/ada', XDG_RUNTIME_DIR: '/run' }],
    ['win32', { USERPROFILE: 'C:\\Users\\Ada', XDG_RUNTIME_DIR: '/run' }],
  ] as const)('returns the runtime folder alone as among the others: %s %o', (platform, env) => {
    expect(runtimeFolder(env, platform, anyFolder)).toBe(productPaths(env, platform, anyFolder).runtime);
  });

  it('treats an empty home folder as missing', () => {
    expect(productPaths({ HOME: '' }, 'darwin')).toEqual(productPaths({}, 'darwin'));
    expect(productPaths({ USERPROFILE: '' }, 'win32')).toEqual(productPaths({}, 'win32'));
  });

  it("asks the system for the home folder if the environment doesn't say", () => {
    expect(productPaths({}, 'linux').config).toBe(posix.join(homedir(), '.config', 'foundry-credential-helper'));
    expect(productPaths({}, 'darwin').log).toBe(posix.join(homedir(), 'Library', 'Logs', 'foundry-credential-helper'));
  });
});
