// A Mac as the installer's shell scripts see one: their real paths in its own root folder, the commands of macOS as
// stand-ins that keep state and record how they were called. Needs root (`canUnshareMounts`).
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AGENT_LABEL } from '../../../installers/macos/pkg/payload.ts';
import { LAUNCHCTL, type LaunchdList } from '../../support/fakes/fake-launchd.ts';

export interface ScriptRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FakeMac {
  /** What is at that path of the Mac; only `/Library`, `/Users`, `/private`, and `/usr/local` are its own. */
  path(onMac: string): string;
  /** Runs the script text as root; `background` is shell code that starts programs first. */
  run(script: string, options?: RunOptions): ScriptRun;
  /** Calls of launchctl and pkgutil so far that change anything, oldest first. */
  changes(): string[];
  /** Lines of the files in which the stand-ins keep their state. */
  state(file: StateFile): string[];
  setState(file: StateFile, lines: readonly string[]): void;
  dispose(): void;
}

type StateFile = LaunchdList | 'receipts' | 'uids';

interface RunOptions {
  readonly args?: readonly string[];
  readonly shell?: readonly string[];
  readonly background?: string;
  readonly uid?: number;
  /** Folders at the start of the PATH, as a user's shell may have them. */
  readonly path?: readonly string[];
}

const PKGUTIL = `
case $1 in
--pkg-info) grep -qxF "$2" /state/receipts ;;
--forget)
  echo "pkgutil $*" >>/state/changes
  grep -vxF "$2" /state/receipts >/state/receipts.new; mv /state/receipts.new /state/receipts ;;
*) exit 64 ;;
esac`;

const PS = `
[ "$*" = "-A -o uid=" ] || exit 64
cat /state/uids`;

/** So that no one waits for what has happened already. */
const SLEEP = `
exec /usr/bin/sleep 0.05`;

const FOLDERS = [
  ...['bin', 'Users/ada', 'Library/LaunchAgents', 'Library/Application Support', 'private/etc/paths.d'],
  ...['disk/usr/local/bin', 'disk/usr/local/share', 'state', 'stand-ins', 'proc', 'tmp'],
];

const STATE_FILES = ['loaded', 'sessions', 'uids', 'receipts', 'changes', 'disabled', 'enabled'];

/** No one has logged in, and nothing is installed. */
export function createFakeMac(): FakeMac {
  const root = mkdtempSync(join(tmpdir(), 'fake-mac-'));
  chmodSync(root, 0o755);
  for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true });
  for (const shell of ['dash', 'bash', 'zsh']) symlinkSync(`/usr/bin/${shell}`, join(root, 'bin', shell));
  symlinkSync('dash', join(root, 'bin/sh'));
  for (const name of STATE_FILES) writeFileSync(join(root, 'state', name), '');
  for (const [name, body] of Object.entries({ pkgutil: PKGUTIL, ps: PS, sleep: SLEEP })) {
    writeFileSync(join(root, 'bin', name), `#!/bin/sh${body}\n`, { mode: 0o755 });
  }
  copyFileSync(LAUNCHCTL, join(root, 'bin/launchctl'));
  chmodSync(join(root, 'bin/launchctl'), 0o755);
  const lines = (file: string): string[] =>
    readFileSync(join(root, 'state', file), 'utf8')
      .split('\n')
      .filter(Boolean);
  return {
    path: (onMac) => join(root, onMac.startsWith('/usr/local/') ? 'disk' : '', onMac),
    changes: () => lines('changes'),
    state: lines,
    setState(file, content) {
      writeFileSync(join(root, 'state', file), content.map((line) => `${line}\n`).join(''));
    },
    run(script, { args = [], shell = ['/bin/dash'], background = ':', uid = 0, path = [] } = {}) {
      writeFileSync(join(root, 'script'), script, { mode: 0o755 });
      const user = uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
      const command = [...user, ...shell, '/script', ...args];
      const { status, stdout, stderr } = spawnSync(
        'unshare',
        [
          '--mount',
          '--pid',
          '--fork',
          '--kill-child',
          'sh',
          '-c',
          ENTER,
          root,
          background,
          path.map((folder) => `${folder}:`).join(''),
          ...command,
        ],
        // `chroot` isn't on every user's PATH.
        { encoding: 'utf8', timeout: 100_000, env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` } },
      );
      return { exitCode: status, stdout, stderr };
    },
    dispose: () => rmSync(root, { recursive: true }),
  };
}

/** Lays the host's programs into the root folder, for this process alone, and goes there. */
const ENTER = `
set -e
root=$0 background=$1 path=$2
shift 2
for folder in lib lib32 lib64 etc dev usr; do
  [ -d "/$folder" ] || continue
  mkdir -p "$root/$folder"
  mount --rbind "/$folder" "$root/$folder"
done
mount --bind "$root/disk/usr/local" "$root/usr/local"
mount -t proc proc "$root/proc"
exec chroot "$root" /usr/bin/env -i PATH="\${path}/stand-ins:/bin:/sbin:/usr/bin:/usr/sbin" HOME=/Users/ada \\
  /bin/sh -c 'eval "$0"; "$@"' "$background" "$@"`;

/** Puts a file there, as Installer would. */
export function installFile(mac: FakeMac, onMac: string, content: Buffer): void {
  const path = mac.path(onMac);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Whether there is such a file on the Mac. */
export function isThere(mac: FakeMac, onMac: string): boolean {
  return existsSync(mac.path(onMac));
}

/** Logs users in at the screen; with an agent that launchd runs, if so. */
export function logIn(mac: FakeMac, uids: readonly number[], withAgent: boolean): void {
  mac.setState(
    'sessions',
    uids.map((uid) => `gui/${uid}`),
  );
  if (withAgent)
    mac.setState(
      'loaded',
      uids.map((uid) => `gui/${uid}/${AGENT_LABEL}`),
    );
}
