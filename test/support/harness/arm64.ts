// Runs Linux programs for arm64, and whatever they start, on another processor: QEMU for single processes, which the
// kernel calls on its own (binfmt_misc), in namespaces that end with them. Nothing on the computer changes.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { arm64Emulator } from '../../../installers/release/try-binary.ts';

/**
 * How binfmt_misc recognizes an executable for arm64, by its first 20 bytes. F opens QEMU now, so that it's found in
 * any namespace; P keeps argv[0]. Since Linux 6.7, a user namespace has its own binfmt_misc
 * (https://docs.kernel.org/admin-guide/binfmt-misc.html).
 */
const ELF = String.raw`\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00`;
const MASK = String.raw`\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`;

function enter(qemu: string, root: string): string {
  return `set -e
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
printf '%s' ':arm64:M::${ELF}:${MASK}:${qemu}:FP' > /proc/sys/fs/binfmt_misc/register
mount -t overlay overlay -o 'lowerdir=/usr/lib:${root}/lib' /usr/lib
exec "$0" "$@"`;
}

const NAMESPACES = ['--user', '--map-root-user', '--mount', 'sh', '-c'] as const;

/** Why this computer can't run programs for arm64; `undefined` if it can. */
export function arm64Fault(): string | undefined {
  const emulator = process.platform === 'linux' ? arm64Emulator() : undefined;
  if (emulator === undefined) {
    return "needs Debian's qemu-user-static, libc6-arm64-cross, libstdc++6-arm64-cross, and libatomic1-arm64-cross";
  }
  const { status } = spawnSync('unshare', [...NAMESPACES, enter(emulator.qemu, emulator.root), 'true']);
  return status === 0 ? undefined : 'needs Linux 6.7 or later, and the right to make user namespaces';
}

/** A script in `folder` that runs the program for arm64 with the same arguments. @throws Error as `arm64Fault` says */
export function arm64Command(program: string, folder: string): string {
  const emulator = arm64Emulator();
  if (emulator === undefined) throw new Error(arm64Fault());
  const [script, command] = [join(folder, 'enter-arm64'), join(folder, 'arm64')];
  writeFileSync(script, enter(emulator.qemu, emulator.root));
  const namespaces = NAMESPACES.join(' ');
  writeFileSync(command, `#!/bin/sh\nexec unshare ${namespaces} "$(cat '${script}')" '${program}' "$@"\n`, {
    mode: 0o755,
  });
  return command;
}
