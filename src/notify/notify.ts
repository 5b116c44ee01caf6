// A notification of the system that somebody can click. Loaded when there is one to show.
import { spawn } from 'node:child_process';
import { type Notification, notificationCommand } from './notification-command.ts';

/** Nobody clicks it after that long; the next run that fails says it again. */
const SHOWN_MS = 3_600_000;

/**
 * Shows the notification and waits until somebody clicks it, dismisses it, an hour is over or the signal aborts.
 * @returns `activated` when it was clicked; `unavailable` when this session shows none. Never rejects.
 */
export async function notify(
  notification: Notification,
  signal: AbortSignal,
): Promise<'activated' | 'dismissed' | 'unavailable'> {
  for (const attempt of notificationCommand(notification, process.platform, process.env)) {
    const { command, args, input, env, isActivated } = attempt;
    const end = await run(command, args, input, { ...process.env, ...env }, signal);
    if (isActivated(end.stdout)) return 'activated';
    if (end.exitCode === 0 || signal.aborted) return 'dismissed';
  }
  return 'unavailable';
}

function run(
  command: string,
  args: readonly string[],
  input: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<{ readonly exitCode: number | null; readonly stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
      timeout: SHOWN_MS,
      signal,
    });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      // A notifier says a word or two; whatever says more is none.
      if (stdout.length < 1_000) stdout += chunk.toString();
    });
    child.on('error', () => resolve({ exitCode: null, stdout: '' }));
    child.on('close', (exitCode) => resolve({ exitCode, stdout }));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    // Whoever stops the agent does not wait for somebody to click.
    child.unref();
  });
}
