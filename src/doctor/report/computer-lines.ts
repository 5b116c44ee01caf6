// The computer, the session, and this program's folders on it.
import { readFileSync, statSync } from 'node:fs';
import { release, version as systemVersion, uptime } from 'node:os';
import { commit, version } from '../../core/version.ts';
import { runProgram } from '../../platform/run-program.ts';
import type { Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';

export async function versionLines(findings: readonly Finding[]): Promise<readonly string[]> {
  const { installed, running } = findings.find(({ id }) => id === 'desktop-version')?.facts ?? {};
  const shown = (list: unknown): string => (Array.isArray(list) && list.length > 0 ? list.join('; ') : 'none found');
  return [
    `program   ${version} (${commit})`,
    `runtime   Node ${process.versions.node}, OpenSSL ${process.versions.openssl}`,
    `system    ${await systemName()} (${process.platform} ${release()}, ${process.arch})`,
    `path      ${process.execPath}`,
    `Claude Desktop installed: ${shown(installed)}`,
    `Claude Desktop running:   ${shown(running)}`,
  ];
}

/** As people know it: `Debian GNU/Linux 13 (trixie)`, `macOS 26.1`, `Windows 11 Enterprise`. */
async function systemName(): Promise<string> {
  if (process.platform === 'linux') return linuxName() ?? 'Linux';
  if (process.platform === 'win32') return systemVersion();
  const { stdout } = await runProgram('/usr/bin/sw_vers', ['-productVersion'], 5_000);
  return `macOS ${stdout.toString('utf8').trim()}`;
}

/** os-release(5) */
function linuxName(): string | undefined {
  for (const file of ['/etc/os-release', '/usr/lib/os-release']) {
    try {
      const found = /^PRETTY_NAME=(["']?)(.*)\1$/m.exec(readFileSync(file, 'utf8'));
      if (found?.[2] !== undefined) return found[2];
    } catch {
      // The other one may be there.
    }
  }
  return undefined;
}

/** Variables that say what kind of session this is. Of the others, only whether they're set. */
const SHOWN = [
  'XDG_SESSION_TYPE',
  'XDG_CURRENT_DESKTOP',
  'DESKTOP_SESSION',
  'SESSIONNAME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TERM',
];
const NAMED = [
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
  'SSH_CONNECTION',
  'SSH_TTY',
  'WSL_DISTRO_NAME',
  'FLATPAK_ID',
  'SNAP',
  'container',
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'ALL_PROXY',
  'all_proxy',
  'NO_PROXY',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_SYSTEM_CA',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];

export function sessionLines({ env }: DoctorContext, findings: readonly Finding[]): readonly string[] {
  const skew = findings.find(({ id }) => id === 'clock')?.facts?.['skewSeconds'];
  const named = NAMED.filter((name) => env[name] !== undefined);
  return [
    ...SHOWN.flatMap((name) => (env[name] === undefined ? [] : [`${name.padEnd(20)} ${env[name]}`])),
    `${'also set'.padEnd(20)} ${named.length === 0 ? 'none of the variables that matter' : named.join(', ')}`,
    `${'time zone'.padEnd(20)} ${Intl.DateTimeFormat().resolvedOptions().timeZone}`,
    `${'clock'.padEnd(20)} ${skew === undefined ? 'not compared' : `${String(skew)} s ahead of the sign-in host's (behind if negative)`}`,
    `${'computer is up'.padEnd(20)} ${Math.round(uptime() / 3600)} h`,
  ];
}

export function folderLines({ paths }: DoctorContext): readonly string[] {
  return Object.entries(paths).map(([name, path]) => `${name.padEnd(8)} ${path}  ${rightsOf(path)}`);
}

function rightsOf(path: string): string {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return "doesn't exist";
    if (process.getuid === undefined) return stats.isDirectory() ? 'a folder' : 'no folder';
    const owner = stats.uid === process.getuid() ? "this user's" : stats.uid === 0 ? "root's" : `user ${stats.uid}'s`;
    return `${(stats.mode & 0o7777).toString(8)}, ${owner}`;
  } catch {
    return "can't be read";
  }
}
