import { homedir } from 'node:os';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { productPaths, runtimeFolder } from '../../../src/platform/paths.ts';

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
    expect(productPaths(env, 'linux')).toEqual({
      config: '/x/config/foundry-credential-helper',
      state: '/x/state/foundry-credential-helper',
      log: '/x/state/foundry-credential-helper',
      cache: '/x/cache/foundry-credential-helper',
      runtime: '/run/user/1000/foundry-credential-helper',
    });
  });

  it('treats an empty XDG variable as absent and refuses a relative runtime folder', () => {
    const env = { HOME: '/home/ada', XDG_CONFIG_HOME: '', XDG_RUNTIME_DIR: 'run' };
    const { config, runtime, state } = productPaths(env, 'linux');
    expect(config).toBe('/home/ada/.config/foundry-credential-helper');
    expect(runtime).toBe(state);
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

  it('separates what roams from what does not on Windows', () => {
    const env = { APPDATA: 'D:\\Roaming', LOCALAPPDATA: 'D:\\Local', USERPROFILE: 'C:\\Users\\Ada' };
    expect(productPaths(env, 'win32')).toEqual({
      config: 'D:\\Roaming\\foundry-credential-helper\\Config',
      state: 'D:\\Local\\foundry-credential-helper\\Data',
      log: 'D:\\Local\\foundry-credential-helper\\Log',
      cache: 'D:\\Local\\foundry-credential-helper\\Cache',
      runtime: 'D:\\Local\\foundry-credential-helper\\Data',
    });
  });

  it('finds the Windows folders by the profile where their variables are missing', () => {
    const { config, state } = productPaths({ USERPROFILE: 'C:\\Users\\Ada' }, 'win32');
    expect(config).toBe('C:\\Users\\Ada\\AppData\\Roaming\\foundry-credential-helper\\Config');
    expect(state).toBe('C:\\Users\\Ada\\AppData\\Local\\foundry-credential-helper\\Data');
  });

  it.each([
    ['linux', { HOME: '/home/ada', XDG_RUNTIME_DIR: '/run/user/1000' }],
    ['linux', { HOME: '/home/ada' }],
    ['darwin', { HOME: '/Users/ada', XDG_RUNTIME_DIR: '/run' }],
    ['win32', { USERPROFILE: 'C:\\Users\\Ada', XDG_RUNTIME_DIR: '/run' }],
  ] as const)('gives the runtime folder alone as it gives it among the others: %s %o', (platform, env) => {
    expect(runtimeFolder(env, platform)).toBe(productPaths(env, platform).runtime);
  });

  it("asks the system for the home folder where the environment doesn't say", () => {
    expect(productPaths({}, 'linux').config).toBe(posix.join(homedir(), '.config', 'foundry-credential-helper'));
    expect(productPaths({}, 'darwin').log).toBe(posix.join(homedir(), 'Library', 'Logs', 'foundry-credential-helper'));
  });
});
