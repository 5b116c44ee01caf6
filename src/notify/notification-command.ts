// Linux's notifier as a command. macOS and Windows have none: without an app bundle or a registered app, only scripts
// (osascript, PowerShell) could show something, and security products take a script that a resident program starts for an
// attack. There, the next session of Claude Desktop opens the sign-in page.
import { escapeXml } from '../core/escape-xml.ts';

/** After this long, no one clicks it anymore. The next failed run shows it again. */
export const SHOWN_MS = 3_600_000;

export interface Notification {
  readonly title: string;
  readonly body: string;
  /** What a click does, in one or two words. */
  readonly action: string;
  /** Added to the body if the notification can't be clicked. */
  readonly otherwise: string;
}

export interface NotificationCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Whether its output means that the user clicked. */
  readonly isActivated: (stdout: string) => boolean;
  /** Set if it prints something as soon as the notification is on the screen. */
  readonly saysWhenShown?: true;
}

/**
 * Commands that show it, to try in this order until one exits with 0; on SIGINT, they remove it. Uses notify-send, the usual client of the Desktop Notifications Specification. It must run until the click, because
 * the desktop reports the click only to its connection. Before libnotify 0.8 it doesn't support actions. Without a
 * desktop, 0.8 waits forever and doesn't print the ID that it prints otherwise.
 */
export function notificationCommands({ title, body, action, otherwise }: Notification): readonly NotificationCommand[] {
  // The body is markup (Desktop Notifications Specification 1.2, "Markup"). Without actions, the notification doesn't
  // expire on its own, because a user who is away would miss it.
  const options = ['--app-name=Claude', '--icon=dialog-password'];
  // If the agent is killed, it can't withdraw the notification. Then the desktop does, which also ends notify-send.
  const actions = [
    `--expire-time=${SHOWN_MS}`,
    '--wait',
    '--print-id',
    `--action=default=${action}`,
    `--action=sign-in=${action}`,
  ];
  return [
    {
      command: 'notify-send',
      args: [...actions, ...options, '--', title, escapeXml(body)],
      isActivated: (stdout) => /^(?:default|sign-in)$/m.test(stdout),
      saysWhenShown: true,
    },
    {
      command: 'notify-send',
      args: ['--expire-time=0', ...options, '--', title, escapeXml(`${body} ${otherwise}`)],
      isActivated: () => false,
    },
  ];
}
