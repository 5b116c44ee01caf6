import { spawnSync } from 'node:child_process';

/** Whether these tests may lay files of theirs over the system's for single processes: root, and no sandbox forbids it. */
export const canUnshareMounts =
  process.platform === 'linux' && spawnSync('unshare', ['--mount', 'true'], { stdio: 'ignore' }).status === 0;
