// Which Claude Desktop is installed, and which one runs. An update while it runs leaves the old one running.
import { compareVersions } from '../core/version.ts';
import { runProgram } from '../platform/run-program.ts';
import { userHome } from '../platform/user-home.ts';
import type { AppPlaces, DesktopApps } from './installed-apps.ts';

/** Never rejects: what can't be found out is left out. */
export async function findDesktopApps(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): Promise<DesktopApps> {
  const places = { env, home: userHome(env, platform), run: runProgram };
  const { installed, running } = await appsOf(platform, places);
  return {
    installed: installed.toSorted((a, b) => compareVersions(b.version, a.version)),
    running: running.filter(({ program }, index) => index === running.findIndex((one) => one.program === program)),
  };
}

async function appsOf(platform: NodeJS.Platform, places: AppPlaces): Promise<DesktopApps> {
  switch (platform) {
    case 'darwin':
      return (await import('./installed-mac.ts')).macApps(places);
    case 'win32':
      return (await import('./installed-windows.ts')).windowsApps(places);
    default:
      return (await import('./installed-linux.ts')).linuxApps(places);
  }
}
