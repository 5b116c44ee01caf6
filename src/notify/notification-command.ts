// Each system's own notifier as a command. The texts are passed next to the script, never inside it, so names need no
// quoting.
import { escapeXml } from '../core/escape-xml.ts';

/** After this long, nobody clicks it anymore. The next failed run shows it again. */
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
  /** Text for its standard input. */
  readonly input: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether its output means that the user clicked. */
  readonly isActivated: (stdout: string) => boolean;
  /** Set if it prints something as soon as the notification is on the screen. */
  readonly saysWhenShown?: true;
  /** The signal on which it removes the notification and exits. */
  readonly withdraw: NodeJS.Signals;
}

/** Commands that show it, to try in this order until one exits with 0. */
export function notificationCommand(
  notification: Notification,
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
): readonly NotificationCommand[] {
  if (platform === 'win32') return [windowsCommand(notification, env)];
  return platform === 'darwin' ? [macCommand(notification)] : linuxCommands(notification);
}

/**
 * Uses notify-send, the usual client of the Desktop Notifications Specification. It must run until the click, because
 * the desktop reports the click only to its connection. Before libnotify 0.8 it doesn't support actions. Without a
 * desktop, 0.8 waits forever and doesn't print the ID that it prints otherwise.
 */
function linuxCommands({ title, body, action, otherwise }: Notification): readonly NotificationCommand[] {
  // The body is markup (Desktop Notifications Specification 1.2, "Markup"). Without actions, the notification doesn't
  // expire by itself, or a user who is away would miss it.
  const options = ['--app-name=Claude', '--icon=dialog-password'];
  // If the agent is killed, nobody withdraws the notification. Then the desktop does, which also ends notify-send.
  const actions = [
    `--expire-time=${SHOWN_MS}`,
    '--wait',
    '--print-id',
    `--action=default=${action}`,
    `--action=sign-in=${action}`,
  ];
  const command = { command: 'notify-send', input: '', env: {}, withdraw: 'SIGINT' } as const;
  return [
    {
      ...command,
      args: [...actions, ...options, '--', title, escapeXml(body)],
      isActivated: (stdout) => /^(?:default|sign-in)$/m.test(stdout),
      saysWhenShown: true,
    },
    {
      ...command,
      args: ['--expire-time=0', ...options, '--', title, escapeXml(`${body} ${otherwise}`)],
      isActivated: () => false,
    },
  ];
}

/**
 * Shows a dialog using osascript. A real notification needs an app bundle
 * (https://developer.apple.com/documentation/usernotifications requires a bundle identifier); without one, a click on
 * it does nothing.
 */
function macCommand({ title, body, action }: Notification): NotificationCommand {
  return {
    command: '/usr/bin/osascript',
    args: ['-', title, body, action],
    input: `on run argv
  display dialog (item 2 of argv) with title (item 1 of argv) buttons {"OK", item 3 of argv} default button 2 giving up after 3600 with icon note
end run
`,
    env: {},
    withdraw: 'SIGTERM',
    isActivated: (stdout) => stdout.includes(`button returned:${action}`) && stdout.includes('gave up:false'),
  };
}

/**
 * Shows a balloon in the notification area, which Windows 10 and 11 turn into a notification. Uses Windows PowerShell,
 * which every Windows has. Constrained Language Mode doesn't allow the script, so nothing is shown.
 */
function windowsCommand({ title, body, action }: Notification, env: NodeJS.ProcessEnv): NotificationCommand {
  const root = env['SystemRoot'] ?? 'C:\\Windows';
  return {
    command: `${root}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`,
    args: ['-NoProfile', '-NonInteractive', '-Command', '-'],
    input: WINDOWS_SCRIPT,
    env: { NOTIFICATION_TITLE: title, NOTIFICATION_BODY: body, NOTIFICATION_ACTION: action },
    withdraw: 'SIGTERM',
    isActivated: (stdout) => /^activated\r?$/m.test(stdout),
  };
}

/** One statement per line: PowerShell runs each line of its standard input as it arrives. */
export const WINDOWS_SCRIPT = `$ErrorActionPreference = 'Stop'
Add-Type -AssemblyName System.Windows.Forms
Add-Type -AssemblyName System.Drawing
$clicked = @{ Value = $false }
$icon = New-Object System.Windows.Forms.NotifyIcon
$icon.Icon = [System.Drawing.SystemIcons]::Information
$icon.Text = $env:NOTIFICATION_ACTION
$icon.add_BalloonTipClicked({ $clicked.Value = $true })
$icon.add_Click({ $clicked.Value = $true })
$icon.Visible = $true
$icon.ShowBalloonTip(30000, $env:NOTIFICATION_TITLE, $env:NOTIFICATION_BODY, [System.Windows.Forms.ToolTipIcon]::Info)
$until = (Get-Date).AddHours(1)
while (-not $clicked.Value -and (Get-Date) -lt $until) { [System.Windows.Forms.Application]::DoEvents(); Start-Sleep -Milliseconds 200 }
$icon.Dispose()
if ($clicked.Value) { Write-Output 'activated' }
exit 0
`;
