import { describe, expect, it } from 'vitest';
import { proxyStore } from '../../../../src/platform/system-proxy/linux-desktop.ts';
import { readSystemProxy } from '../../../../src/platform/system-proxy/system-proxy.ts';

describe('the desktop whose proxy settings count', () => {
  it.each([
    'GNOME',
    'ubuntu:GNOME',
    'pop:GNOME',
    'GNOME-Classic:GNOME',
    'GNOME-Flashback:GNOME',
    'Unity',
    'Unity:Unity7:ubuntu',
    'X-Cinnamon',
    'Budgie:GNOME',
    'Pantheon',
    'MATE',
    'Deepin',
    'UKUI',
  ])('is GNOME in a session of %s', (desktop) => {
    expect(proxyStore({ XDG_CURRENT_DESKTOP: desktop })).toBe('gnome');
  });

  it.each(['KDE', 'kde', 'plasma', 'KDE:GNOME'])('is KDE in a session of %s', (desktop) => {
    expect(proxyStore({ XDG_CURRENT_DESKTOP: desktop })).toBe('kde');
  });

  it.each(['XFCE', 'LXQt', 'sway', 'Hyprland', 'COSMIC', 'GNOMEISH'])('is undefined in a session of %s', (desktop) => {
    expect(proxyStore({ XDG_CURRENT_DESKTOP: desktop, DESKTOP_SESSION: 'gnome', KDE_FULL_SESSION: 'true' })).toBe(
      undefined,
    );
  });

  it.each([
    [{ DESKTOP_SESSION: 'gnome-xorg' }, 'gnome'],
    [{ DESKTOP_SESSION: 'mate', XDG_CURRENT_DESKTOP: '' }, 'gnome'],
    [{ DESKTOP_SESSION: 'plasmawayland' }, 'kde'],
    [{ DESKTOP_SESSION: 'kde-plasma' }, 'kde'],
    [{ DESKTOP_SESSION: 'plasmax11' }, 'kde'],
    [{ DESKTOP_SESSION: 'default', KDE_FULL_SESSION: 'true' }, 'kde'],
    [{ DESKTOP_SESSION: 'xfce' }, undefined],
    [{}, undefined],
  ])('is recognized by older variables: %o', (env, store) => {
    expect(proxyStore(env)).toBe(store);
  });

  it('has no settings on a server, and neither do other systems', async () => {
    expect(await readSystemProxy({ platform: 'linux', env: {} })).toBeUndefined();
    expect(await readSystemProxy({ platform: 'freebsd', env: { XDG_CURRENT_DESKTOP: 'GNOME' } })).toBeUndefined();
  });
});
