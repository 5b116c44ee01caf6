// Without a script: security products take PowerShell that a program starts for an attack.
import { closeSync, openSync, readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { isCode } from '../core/errno.ts';
import { loadNativeAddon } from '../platform/native-addon.ts';
import { systemProgram } from '../platform/programs.ts';
import { createRegistry, type RegistryKeys } from '../platform/registry.ts';
import { decodeOutput } from '../platform/run-program.ts';
import { type AppPlaces, ASK_MS, type DesktopApps, type Installation, type RunningApp } from './installed-apps.ts';

/** A key for each of the user's packages, with the package's full name, such as `Claude_2.2553.1.0_x64__pzs8sxrjxfjjc`. */
export const PACKAGES =
  'Software\\Classes\\Local Settings\\Software\\Microsoft\\Windows\\CurrentVersion\\AppModel\\Repository\\Packages';
export const PACKAGE = /^(?:[\w.-]+\.)?Claude_(\d+(?:\.\d+){1,3})_/i;

export async function windowsApps(places: AppPlaces, registry?: RegistryKeys): Promise<DesktopApps> {
  const [packages, running] = await Promise.all([installedPackages(registry), runningPackages(places)]);
  const builds = unpackagedBuilds(places);
  return {
    installed: [...packages, ...builds.map(({ version, folder }) => ({ version, place: folder }))],
    running: [...running, ...builds.flatMap(runningBuild)],
  };
}

async function installedPackages(given: RegistryKeys | undefined): Promise<readonly Installation[]> {
  try {
    const registry = given ?? createRegistry(await loadNativeAddon('registry'));
    return registry.subkeys('HKEY_CURRENT_USER', PACKAGES).flatMap((name) => {
      const version = PACKAGE.exec(name)?.[1];
      return version === undefined ? [] : [{ version, place: `package ${name}` }];
    });
  } catch {
    return [];
  }
}

/** Lines such as `"claude.exe (Claude)","4711","120,000 K","Claude_2.2553.1.0_x64__pzs8sxrjxfjjc"`. */
async function runningPackages({ env, run }: AppPlaces): Promise<readonly RunningApp[]> {
  const { stdout } = await run(systemProgram('tasklist.exe', env), ['/APPS', '/FO', 'CSV', '/NH'], ASK_MS);
  return decodeOutput(stdout)
    .split(/\r?\n/)
    .flatMap((line) => {
      const fields = Array.from(line.matchAll(/"([^"]*)"/g), ([, field = '']) => field);
      const name = fields.find((field) => PACKAGE.test(field));
      const version = PACKAGE.exec(name ?? '')?.[1];
      return name === undefined || version === undefined ? [] : [{ program: name, version, isReplaced: false }];
    });
}

interface Build {
  readonly version: string;
  readonly folder: string;
}

/** The installer for one user has a folder for each version, and starts the newest. */
function unpackagedBuilds({ env, home }: AppPlaces): readonly Build[] {
  const local = env['LOCALAPPDATA'] ?? '';
  const folder = join(isAbsolute(local) ? local : join(home, 'AppData', 'Local'), 'AnthropicClaude');
  try {
    return readdirSync(folder).flatMap((name) => {
      const version = /^app-(\d+(?:\.\d+){1,3})$/i.exec(name)?.[1];
      return version === undefined ? [] : [{ version, folder: join(folder, name) }];
    });
  } catch {
    return [];
  }
}

/** Windows lets no one write to the file of a program that runs. Nothing is written. */
function runningBuild({ version, folder }: Build): readonly RunningApp[] {
  const program = join(folder, 'claude.exe');
  try {
    closeSync(openSync(program, 'r+'));
    return [];
  } catch (thrown) {
    return isCode(thrown, 'EBUSY') || isCode(thrown, 'ETXTBSY') ? [{ program, version, isReplaced: false }] : [];
  }
}
