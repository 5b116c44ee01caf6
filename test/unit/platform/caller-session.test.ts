import { describe, expect, it } from 'vitest';
import { callerSession, inSession } from '../../../src/platform/caller-session.ts';

const env = {
  DISPLAY: ':7',
  XAUTHORITY: '/run/user/1000/xauth',
  DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus',
  BROWSER: '/home/ada/browser.sh',
  PATH: '/usr/bin:/snap/bin',
  HOME: '/home/ada',
  AZURE_CLIENT_SECRET: 'secret',
  WAYLAND_DISPLAY: '',
  LANG: 'x'.repeat(5_000),
};

describe("the caller's session", () => {
  it('is display, bus, and browser, and nothing else of the environment', () => {
    expect(callerSession(env, 'linux')).toEqual({
      DISPLAY: ':7',
      XAUTHORITY: '/run/user/1000/xauth',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1000/bus',
      BROWSER: '/home/ada/browser.sh',
      PATH: '/usr/bin:/snap/bin',
    });
  });

  it('lets nothing else through that a peer sends', () => {
    expect(callerSession({ LD_PRELOAD: '/tmp/x.so', DISPLAY: 7, BROWSER: ['x'], __proto__: null }, 'linux')).toEqual(
      {},
    );
  });

  it.each(['darwin', 'win32'] as const)('is nothing on %s, where each user has one desktop', (platform) => {
    expect(callerSession(env, platform)).toBeUndefined();
  });

  it('takes the place of the one that a process was started in', () => {
    const own = { HOME: '/home/ada', DISPLAY: ':0', BROWSER: 'firefox', PATH: '/bin' };
    expect(inSession({ DISPLAY: ':7', PATH: '/usr/bin' }, own)).toEqual({
      HOME: '/home/ada',
      DISPLAY: ':7',
      PATH: '/usr/bin',
    });
    expect(inSession(undefined, own)).toBe(own);
  });
});
