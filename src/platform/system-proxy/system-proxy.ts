// The operating system's own proxy settings: what browsers and Claude Desktop use if no one configured anything else.
import type { Registry } from '../registry.ts';
import type { SystemProxy } from './decision.ts';
import { type RunReader, runReader } from './run-reader.ts';

export type { SystemProxy, SystemProxyDecision } from './decision.ts';

export interface SystemProxyOptions {
  readonly platform?: NodeJS.Platform;
  /** The desktop session whose settings count, on Linux: see `inSession` of caller-session.ts. */
  readonly env?: NodeJS.ProcessEnv;
  readonly run?: RunReader;
  readonly registry?: Registry;
}

/**
 * Reads the settings anew on every call, which takes up to 5 s if the system doesn't answer.
 * @returns undefined if the system has no proxy settings: a server, or a desktop without any. Settings that
 * can't be read aren't proxy with a note. Never rejects.
 */
export async function readSystemProxy(options: SystemProxyOptions = {}): Promise<SystemProxy | undefined> {
  const { platform = process.platform, env = process.env, run = runReader } = options;
  switch (platform) {
    case 'darwin':
      return (await import('./mac-proxy.ts')).readMacProxy(run);
    case 'win32':
      return (await import('./windows-proxy.ts')).readWindowsProxy(options.registry);
    case 'linux':
      return readDesktopProxy(run, env);
    default:
      return undefined;
  }
}

async function readDesktopProxy(run: RunReader, env: NodeJS.ProcessEnv): Promise<SystemProxy | undefined> {
  const { proxyStore } = await import('./linux-desktop.ts');
  switch (proxyStore(env)) {
    case 'gnome':
      return (await import('./gnome-proxy.ts')).readGnomeProxy(run, env);
    case 'kde':
      return (await import('./kde-proxy.ts')).readKdeProxy(env);
    case undefined:
      return undefined;
  }
}
