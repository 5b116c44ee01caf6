import { spawnSync } from 'node:child_process';

/**
 * Whether these tests may mount their files over the system's for single processes: root, and no sandbox forbids it.
 */
export const canUnshareMounts =
  process.platform === 'linux' && spawnSync('unshare', ['--mount', 'true'], { stdio: 'ignore' }).status === 0;

/** What goes before a command so that it sees this file in the place of one of the system's. */
export const seeing = (file: string, inPlaceOf: string): readonly [string, ...string[]] => [
  ...(['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" "$1" && shift && exec "$@"'] as const),
  file,
  inPlaceOf,
];
