// Shows a notification of the Linux desktop that the user can click. Loaded only if there's one to show.
import { spawn } from 'node:child_process';
import { findProgram, withoutRelativePath } from '../platform/programs.ts';
import { type Notification, type NotificationCommand, notificationCommands, SHOWN_MS } from './notification-command.ts';

/** A desktop may first have to start its notification service. */
const APPEARS_MS = 15_000;

export interface NotifyOptions {
  /** Of the session that shows it. */
  readonly env?: NodeJS.ProcessEnv;
  readonly appearsMs?: number;
}

export type NotifyOutcome = 'activated' | 'dismissed' | 'unavailable';

/**
 * Shows the notification and waits until the user clicks or dismisses it, an hour has passed, or the signal aborts. In
 * the last two cases it's removed from the screen, because a click would do nothing anymore.
 * @param appearsMs how long a notifier may take to show it
 * @returns `activated` if it was clicked, `unavailable` if this session shows no notifications. Never rejects
 */
export async function notify(
  notification: Notification,
  signal: AbortSignal,
  { env = process.env, appearsMs = APPEARS_MS }: NotifyOptions = {},
): Promise<NotifyOutcome> {
  for (const attempt of notificationCommands(notification)) {
    // Node throws some of the system's errors instead of emitting them.
    const { exitCode, stdout } = await run(attempt, env, signal, appearsMs).catch(() => NOT_STARTED);
    if (attempt.isActivated(stdout)) return 'activated';
    if (exitCode === 0 || signal.aborted) return 'dismissed';
  }
  return 'unavailable';
}

interface End {
  readonly exitCode: number | null;
  readonly stdout: string;
}

const NOT_STARTED: End = { exitCode: null, stdout: '' };

function run(
  command: NotificationCommand,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  appearsMs: number,
): Promise<End> {
  const { args, saysWhenShown } = command;
  const program = findProgram(command.command, env);
  if (program === undefined) return Promise.resolve(NOT_STARTED);
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env: withoutRelativePath(env),
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: SHOWN_MS,
      killSignal: 'SIGINT',
      signal,
    });
    let stdout = '';
    const appears = saysWhenShown && setTimeout(() => stdout === '' && child.kill('SIGKILL'), appearsMs).unref();
    const end = (exitCode: number | null): void => {
      clearTimeout(appears);
      resolve({ exitCode, stdout });
    };
    child.stdout.on('data', (chunk: Buffer) => {
      // A notifier prints a word or two; anything longer isn't one.
      if (stdout.length < 1_000) stdout += chunk.toString();
    });
    child.on('error', () => end(null));
    child.on('close', end);
    // Stopping the agent must not wait for a click.
    child.unref();
  });
}
