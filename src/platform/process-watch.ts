import { isCode } from '../core/errno.ts';

/** `unknown`: there is one, but this user may not query it. */
type ProcessState = 'runs' | 'gone' | 'unknown';

function stateOf(pid: number): ProcessState {
  try {
    process.kill(pid, 0);
    return 'runs';
  } catch (thrown) {
    return isCode(thrown, 'EPERM') ? 'unknown' : 'gone';
  }
}

/** Whether a process has this number. */
export function isAlive(pid: number): boolean {
  return stateOf(pid) !== 'gone';
}

/** How often to look. Systems don't pass a number on so soon. */
const POLL_MS = 500;

/** Calls back once the process has ended, or has become one of another user's. Doesn't keep this process alive. */
export function whenGone(pid: number, onGone: () => void): void {
  const mayLook = stateOf(pid) === 'runs';
  const timer = setInterval(() => {
    const state = stateOf(pid);
    if (state === 'runs' || (state === 'unknown' && !mayLook)) return;
    clearInterval(timer);
    onGone();
  }, POLL_MS).unref();
}
