import { outsideSnap } from './snap.ts';

/**
 * Display, bus, desktop, browser, and language. Windows and macOS have one desktop for each user and need none of it.
 */
export const SESSION_VARIABLES = [
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
  'XDG_SESSION_TYPE',
  'XDG_CURRENT_DESKTOP',
  'XDG_DATA_DIRS',
  'XDG_CONFIG_DIRS',
  'DESKTOP_SESSION',
  'KDE_FULL_SESSION',
  'KDE_SESSION_VERSION',
  'BROWSER',
  'PATH',
  'LANG',
  'LANGUAGE',
  'LC_ALL',
  'VSCODE_IPC_HOOK_CLI',
  'WSL_DISTRO_NAME',
  'WSL_INTEROP',
];
const MAX_VALUE = 4_096;

/**
 * The requester's desktop session, as environment variables by name. The agent serves all of a user's sessions, so each
 * request brings what a browser or a notification needs to appear in the right one, as gpg-agent's clients do.
 */
export type CallerSession = Readonly<Record<string, string>>;

/**
 * What of `env` belongs to a session; `undefined` on systems without sessions. Values that are too long are left out.
 */
export function callerSession(
  env: Readonly<Record<string, unknown>> = process.env,
  platform: NodeJS.Platform = process.platform,
): CallerSession | undefined {
  if (platform !== 'linux') return undefined;
  const session: Record<string, string> = {};
  for (const name of SESSION_VARIABLES) {
    const value = env[name];
    if (typeof value === 'string' && value !== '' && value.length <= MAX_VALUE) session[name] = value;
  }
  return session;
}

/** `env` with another session's variables, and without the files of a snap that the session's program is in. */
export function inSession(session: CallerSession | undefined, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  if (session === undefined) return env;
  const others = Object.entries(env).filter(([name]) => !SESSION_VARIABLES.includes(name));
  return outsideSnap({ ...Object.fromEntries(others), ...session });
}
