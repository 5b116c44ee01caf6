// This machine's own system, with every change kept in memory and gone at the end: real dpkg, nothing left behind.
import { spawn, spawnSync } from 'node:child_process';

/**
 * The beginning of a script for UNSHARE: makes `$base/root`, where `given` is this machine's folder $GIVEN. Its own
 * mounts go over /run, so that nothing has to be removed afterward: they end with the namespace.
 */
export const OVERLAY_SETUP = `set -eu
base=/run
mount -t tmpfs tmpfs "$base"
mkdir "$base/upper" "$base/work" "$base/root"
mount -t overlay overlay -o lowerdir=/,upperdir="$base/upper",workdir="$base/work" "$base/root"
mount -t proc proc "$base/root/proc"
mount --rbind /dev "$base/root/dev"
mount -t tmpfs tmpfs "$base/root/tmp"
mkdir "$base/root/tmp/given"
if [ -n "\${GIVEN:-}" ]; then mount --bind "$GIVEN" "$base/root/tmp/given"; fi
`;

/** Its own pid namespace, so that no process outlives the call. */
export const UNSHARE = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];

/** Why it can't be done here, or `undefined`. */
export function overlayRootFault(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux';
  const { status, stderr } = spawnSync('unshare', [...UNSHARE, 'sh', '-c', OVERLAY_SETUP], { encoding: 'utf8' });
  return status === 0 ? undefined : `no overlay over the system: ${stderr.trim()}`;
}

/**
 * The beginning of a script that checks what a package does: one user, the agents that run, those that are left when
 * the package's scripts have stopped them, and the unit's link. The user is `no one`. In a container whose root may not
 * see which programs other users run (no CAP_SYS_PTRACE), neither could the package's scripts: the user is root there.
 */
export const ONE_USER = `user=65534
setpriv --reuid 65534 --regid 65534 --clear-groups sleep 60 &
until grep -qx sleep /proc/$!/comm; do sleep 0.01; done
readlink /proc/$!/exe >/dev/null 2>&1 || user=0
kill $!
as_user() { HOME=/tmp/home XDG_RUNTIME_DIR=/tmp/run setpriv --reuid $user --regid $user --clear-groups "$@"; }
# Written so that this script's own command line isn't counted.
agents() { for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null; echo; done | grep -c 'helper agent ru[n]' || :; }
left() { for _ in $(seq 50); do if [ "$(agents)" = 0 ]; then break; fi; sleep 0.1; done; agents; }
helper=/usr/bin/foundry-credential-helper
mkdir -m 700 /tmp/home /tmp/run; chown $user:$user /tmp/home /tmp/run
wanted=/etc/systemd/user/graphical-session.target.wants/foundry-credential-helper.service
`;

export interface OverlayRun {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs a shell script as root there; `given` is this machine's folder that it sees as /tmp/given. */
export function runInOverlayRoot(script: string, given: string): Promise<OverlayRun> {
  return new Promise((resolve, reject) => {
    const inside = `${OVERLAY_SETUP}exec chroot "$base/root" /bin/sh -eu -c "$SCRIPT"`;
    const child = spawn('unshare', [...UNSHARE, 'sh', '-c', inside], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', GIVEN: given, SCRIPT: script },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    child.on('error', reject);
    // Not `close`: anyone who inherited the output has ended with the namespace, but perhaps a moment later.
    child.on('exit', (exitCode) => setImmediate(() => resolve({ exitCode, output })));
  });
}
