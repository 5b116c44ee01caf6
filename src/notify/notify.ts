// A notification of the system that somebody can click. Loaded when there is one to show.
import { spawn } from 'node:child_process';
import { type Notification, type NotificationCommand, notificationCommand } from './notification-command.ts';

/** Nobody clicks it after that long; the next run that fails says it again. */
const SHOWN_MS = 3_600_000;
/** A desktop may have to start what shows it. */
const APPEARS_MS = 15_000;

export type NotifyOutcome = 'activated' | 'dismissed' | 'unavailable';

/**
 * Shows the notification and waits until somebody clicks it, dismisses it, an hour is over or the signal aborts.
 * At the end of that time and by the signal it goes from the screen, so that nobody clicks what does nothing any more.
 * @returns `activated` when it was clicked; `unavailable` when this session shows none. Never rejects.
 */
export async function notify(
  notification: Notification,
  signal: AbortSignal,
  appearsMs = APPEARS_MS,
): Promise<NotifyOutcome> {
  for (const attempt of notificationCommand(notification, process.platform, process.env)) {
    const { exitCode, stdout } = await run(attempt, signal, appearsMs);
    if (attempt.isActivated(stdout)) return 'activated';
    if (exitCode === 0 || signal.aborted) return 'dismissed';
  }
  return 'unavailable';
}

interface End {
  readonly exitCode: number | null;
  readonly stdout: string;
}

function run(command: NotificationCommand, signal: AbortSignal, appearsMs: number): Promise<End> {
  const { args, input, withdraw, saysWhenShown } = command;
  return new Promise((resolve) => {
    const child = spawn(command.command, args, {
      env: { ...process.env, ...command.env },
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
      timeout: SHOWN_MS,
      killSignal: withdraw,
      signal,
    });
    let stdout = '';
    const appears = saysWhenShown && setTimeout(() => stdout === '' && child.kill('SIGKILL'), appearsMs).unref();
    const end = (exitCode: number | null): void => {
      clearTimeout(appears);
      resolve({ exitCode, stdout });
    };
    child.stdout.on('data', (chunk: Buffer) => {
      // A notifier says a word or two; whatever says more is none.
      if (stdout.length < 1_000) stdout += chunk.toString();
    });
    child.on('error', () => end(null));
    child.on('close', end);
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    // Whoever stops the agent does not wait for somebody to click.
    child.unref();
  });
}
