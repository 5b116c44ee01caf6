import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findProgram } from '../platform/programs.ts';
import {
  type AppPlaces,
  ASK_MS,
  type DesktopApps,
  type Installation,
  type RunningApp,
  versionIn,
} from './installed-apps.ts';

export async function linuxApps(places: AppPlaces): Promise<DesktopApps> {
  const [debian, rpm] = await Promise.all([debianPackages(places), rpmPackages(places)]);
  return { installed: [...debian, ...rpm], running: processes(places.env) };
}

async function debianPackages(places: AppPlaces): Promise<readonly Installation[]> {
  const format = `--showformat=${['db:Status-Abbrev', 'Version', 'Package'].map((name) => `\${${name}}`).join('\t')}\n`;
  const lines = await linesOf(places, 'dpkg-query', ['--show', format, 'claude-desktop*']);
  // Packages that were removed but for their configuration are listed too.
  return lines.flatMap(([status = '', version = '', name = '']) =>
    status.startsWith('ii') ? installation(version, `package ${name}`) : [],
  );
}

async function rpmPackages(places: AppPlaces): Promise<readonly Installation[]> {
  const lines = await linesOf(places, 'rpm', ['-qa', '--queryformat', '%{VERSION}\t%{NAME}\n', 'claude-desktop*']);
  return lines.flatMap(([version = '', name = '']) => installation(version, `package ${name}`));
}

/** The fields of each line that a package manager prints; none if there's no such package manager. */
async function linesOf({ run, env }: AppPlaces, name: string, args: readonly string[]): Promise<readonly string[][]> {
  const program = findProgram(name, env);
  if (program === undefined) return [];
  // dpkg-query's exit code is 1 if there's no such package.
  const { stdout } = await run(program, args, ASK_MS, { ...env, LC_ALL: 'C' });
  const lines = stdout.toString('utf8').split('\n').filter(Boolean);
  return lines.map((line) => line.split('\t'));
}

function installation(version: string, place: string): readonly Installation[] {
  const found = versionIn(version);
  return found === undefined ? [] : [{ version: found, place }];
}

const DELETED = / \(deleted\)$/;

/** This user's processes that are Claude Desktop itself, not one of its helpers. */
function processes(env: NodeJS.ProcessEnv): readonly RunningApp[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const exe = readlinkSync(`/proc/${pid}/exe`);
        const program = exe.replace(DELETED, '');
        const isMain = isDesktop(program) && !/\0--type=/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
        if (!isMain || !hasHome(pid, env['HOME'])) return [];
        return [{ program, isReplaced: DELETED.test(exe) }];
      } catch {
        // Another user's, or it has just ended.
        return [];
      }
    });
}

/** Electron's program has any name; next to it is the app. */
function isDesktop(program: string): boolean {
  const isNamedSo = /^claude(?:-desktop)?$/i.test(basename(program)) || /\/claude-desktop\//i.test(program);
  return isNamedSo && existsSync(join(dirname(program), 'resources/app.asar'));
}

/** A program that was started with another home has another configuration and another log. */
function hasHome(pid: string, home = ''): boolean {
  return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOME=${home}`);
}
