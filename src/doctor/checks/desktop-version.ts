import { openDesktopLog } from '../../claude-desktop/desktop-log.ts';
import type { Credential } from '../../claude-desktop/header.ts';
import { findDesktopApps } from '../../claude-desktop/installed.ts';
import type { DesktopApps } from '../../claude-desktop/installed-apps.ts';
import { lintDesktop } from '../../claude-desktop/lint.ts';
import type { DesktopReading } from '../../claude-desktop/read.ts';
import { compareVersions } from '../../core/version.ts';
import type { Check, Facts, Outcome } from '../check.ts';
import { combine, type Problem } from '../combine.ts';
import type { DoctorContext } from '../context.ts';

const RESTART =
  process.platform === 'darwin'
    ? 'quit Claude Desktop with Command-Q and start it again'
    : 'quit Claude Desktop from its icon in the notification area and start it again';
/** What the installer for one user leaves behind on Windows. */
const SHORTCUT =
  process.platform === 'win32'
    ? '; if that starts the older one, replace the shortcut that leads into a folder app-<version> with the one in the Start menu'
    : '';

/** Whether the newest installed Claude Desktop is the one that runs, and knows every key that its configuration has. */
export const desktopVersionCheck: Check<DoctorContext> = {
  id: 'desktop-version',
  title: "Claude Desktop's version",
  deadlineMs: 30_000,
  async run({ env, desktop, resolution }) {
    const apps = await findDesktopApps(env);
    return describeApps(apps, openDesktopLog({ env }).version, desktop(), resolution.settings.credential.value);
  },
};

/** @param logged the version that the log names at the latest start */
export function describeApps(
  { installed, running }: DesktopApps,
  logged: string | undefined,
  reading: DesktopReading,
  credential: Credential = 'entra',
): Outcome {
  const [newest] = installed;
  const versions = running.map(({ version }) => version ?? logged);
  const facts: Facts = {
    installed: installed.map(({ version, place }) => `${version} (${place})`),
    running: running.map(({ program }, index) => `${versions[index] ?? 'unknown version'} (${program})`),
  };
  if (newest === undefined && running.length === 0) {
    return { state: 'skip', detail: "Claude Desktop wasn't found on this computer", notNeeded: true, facts };
  }
  const old =
    newest === undefined ? undefined : running.findIndex((app, index) => isOlder(app, versions[index], newest.version));
  const inUse = [newest?.version, ...versions].filter((version) => version !== undefined).toSorted(compareVersions)[0];
  const problems = [
    ...(old === undefined || old === -1 || newest === undefined ? [] : [outdated(versions[old], newest.version)]),
    ...(inUse === undefined ? [] : unknownKeys(reading, inUse, credential)),
  ];
  const isRunning = running.length === 0 ? 'not running' : 'running';
  const detail =
    newest === undefined
      ? `version ${inUse ?? 'unknown'}, running`
      : `version ${newest.version} (${newest.place}), ${isRunning}`;
  return combine(problems, detail, facts);
}

function isOlder({ isReplaced }: DesktopApps['running'][number], version: string | undefined, newest: string): boolean {
  return version === undefined ? isReplaced : compareVersions(version, newest) < 0;
}

function outdated(version: string | undefined, newest: string): Problem {
  return {
    state: 'warn',
    detail: `Claude Desktop ${newest} is installed, but ${version === undefined ? 'the one from before the update' : version} still runs`,
    remedy: RESTART + SHORTCUT,
  };
}

function unknownKeys(reading: DesktopReading, desktopVersion: string, credential: Credential): readonly Problem[] {
  if (reading.state !== 'values') return [];
  return lintDesktop(reading.document, { desktopVersion, credential })
    .filter(({ id }) => id === 'key-too-new' || id === 'value-too-new')
    .map(({ key, rule, remedy }) => ({ state: 'warn', detail: `${key} ${rule}`, remedy }));
}
