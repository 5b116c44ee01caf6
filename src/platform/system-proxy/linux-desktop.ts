// Which desktop's proxy settings count in a session.

type Environment = Readonly<Record<string, string | undefined>>;
type ProxyStore = 'gnome' | 'kde';

/** Desktops whose network dialog writes GNOME's settings. Not all of them also list GNOME in XDG_CURRENT_DESKTOP. */
const GNOME = ['gnome', 'unity', 'x-cinnamon', 'cinnamon', 'pantheon', 'mate', 'budgie', 'deepin', 'ukui'];
const KDE = ['kde', 'plasma'];

/**
 * The desktops whose settings Chromium reads (`GetDesktopEnvironment` of base/nix/xdg_util.cc, and
 * net/proxy_resolution/proxy_config_service_linux.cc). XDG_CURRENT_DESKTOP is a list with colons, its own name before
 * those it's like: `ubuntu:GNOME`, `Budgie:GNOME`
 * (https://specifications.freedesktop.org/desktop-entry-spec/latest/recognized-keys.html).
 * @returns undefined for desktops without their own proxy settings, such as Xfce, and outside of a desktop
 */
export function proxyStore(env: Environment): ProxyStore | undefined {
  const current = names(env['XDG_CURRENT_DESKTOP']);
  if (current.length > 0) return storeOf(current);
  // Display managers set it to the name of a session file: `gnome-xorg`, `plasmawayland`, `kde-plasma`.
  const session = names(env['DESKTOP_SESSION']).flatMap((name) => [name, ...name.split(/[-_]/)]);
  const older = session.map((name) => name.replace(/^(plasma|kde).*/, '$1'));
  return storeOf(older) ?? (isSet(env['KDE_FULL_SESSION']) ? 'kde' : undefined);
}

function storeOf(desktops: readonly string[]): ProxyStore | undefined {
  for (const desktop of desktops) {
    if (KDE.includes(desktop)) return 'kde';
    if (GNOME.some((name) => desktop === name || desktop.startsWith('gnome-'))) return 'gnome';
  }
  return undefined;
}

const names = (list = ''): readonly string[] =>
  list
    .split(':')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');

const isSet = (value: string | undefined): boolean => value !== undefined && value !== '';
