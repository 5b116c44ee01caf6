import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isBinaryPlist, parsePlist } from '../formats/plist.ts';
import { readFileBytes } from '../formats/text-file.ts';
import { type AppPlaces, ASK_MS, type DesktopApps, type Installation, type RunningApp } from './installed-apps.ts';

/** In the root folder and in the user's home folder. */
export const MAC_APP = 'Applications/Claude.app';
const PS = '/bin/ps';

/** @param root goes before the paths of the whole computer */
export async function macApps({ home, run }: AppPlaces, root = '/'): Promise<DesktopApps> {
  const apps = [join(root, MAC_APP), join(home, MAC_APP)];
  const { exitCode, stdout } = await run(PS, ['-x', '-o', 'etime=,comm='], ASK_MS);
  const lines = exitCode === 0 ? stdout.toString('utf8').split('\n') : [];
  return { installed: apps.flatMap(installationAt), running: lines.flatMap((line) => runningIn(line)) };
}

const infoOf = (app: string): string => join(app, 'Contents/Info.plist');

function installationAt(app: string): readonly Installation[] {
  const version = readAppInfo(app)?.['CFBundleShortVersionString'];
  return typeof version === 'string' ? [{ version, place: app }] : [];
}

/** What an app's bundle says about it; undefined if that can't be read. */
export function readAppInfo(app: string): Readonly<Record<string, unknown>> | undefined {
  const file = readFileBytes(infoOf(app), { followLinks: true });
  if (file.state !== 'bytes') return undefined;
  try {
    return parsePlist(isBinaryPlist(file.bytes) ? file.bytes : file.bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** `01-02:03:04 /Applications/Claude.app/Contents/MacOS/Claude` */
function runningIn(line: string): readonly RunningApp[] {
  const found = /^\s*([\d:-]+)\s+((.*\/Claude\.app)\/Contents\/MacOS\/Claude)$/.exec(line);
  if (found === null) return [];
  const [, elapsed = '', program = '', app = ''] = found;
  return [{ program, isReplaced: changedWithin(infoOf(app), secondsOf(elapsed)) }];
}

/** ps(1): `[[dd-]hh:]mm:ss`. */
function secondsOf(elapsed: string): number {
  const [days, time] = elapsed.includes('-') ? elapsed.split('-') : ['0', elapsed];
  const parts = (time ?? '').split(':').map(Number);
  return parts.reduce((sum, part) => sum * 60 + part, 0) + Number(days) * 86_400;
}

/** When a file was written shows in its change time; installers set its modification time to the build's. */
function changedWithin(file: string, seconds: number): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats !== undefined && stats.ctimeMs > Date.now() - seconds * 1000;
}
