// Each system's own notifier as a command. What is shown goes beside the script, never into it, so that no name needs
// quoting there.
import { escapeXml } from '../core/escape-xml.ts';

export interface Notification {
  readonly title: string;
  readonly body: string;
  /** What a click does, in two words. */
  readonly action: string;
  /** Added to the body where nothing can be clicked. */
  readonly otherwise: string;
}

export interface NotificationCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** For its standard input. */
  readonly input: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether its output says that somebody clicked. */
  readonly isActivated: (stdout: string) => boolean;
  /** It prints something as soon as the notification is on the screen. */
  readonly saysWhenShown?: true;
  /** What has it take the notification away and end. */
  readonly withdraw: NodeJS.Signals;
}

/** Ways to show it, to be tried in this order until one ends with exit code 0. */
export function notificationCommand(
  notification: Notification,
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
): readonly NotificationCommand[] {
  if (platform === 'win32') return [windowsCommand(notification, env)];
  return platform === 'darwin' ? [macCommand(notification)] : linuxCommands(notification);
}

/**
 * By notify-send, the desktop's own client of the Desktop Notifications Specification: it stays until it is clicked,
 * and its connection is the one that the desktop tells. Before libnotify 0.8 it knows no actions. Where no desktop is,
 * 0.8 waits for ever, without the id that it prints otherwise.
 */
function linuxCommands({ title, body, action, otherwise }: Notification): readonly NotificationCommand[] {
  // A body is markup (Desktop Notifications Specification 1.2, "Markup"). The notification stays until somebody sees
  // it: who is away would miss one that goes by itself.
  const options = ['--app-name=Claude', '--icon=dialog-password', '--expire-time=0'];
  const actions = ['--wait', '--print-id', `--action=default=${action}`, `--action=sign-in=${action}`];
  const command = { command: 'notify-send', input: '', env: {}, withdraw: 'SIGINT' } as const;
  return [
    {
      ...command,
      args: [...actions, ...options, '--', title, escapeXml(body)],
      isActivated: (stdout) => /^(?:default|sign-in)$/m.test(stdout),
      saysWhenShown: true,
    },
    { ...command, args: [...options, '--', title, escapeXml(`${body} ${otherwise}`)], isActivated: () => false },
  ];
}

/**
 * A dialog by osascript: a notification of a program that is no app bundle does nothing when it is clicked
 * (https://developer.apple.com/documentation/usernotifications wants a bundle identifier).
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
 * A balloon of the notification area, which Windows 10 and 11 show as a notification of their own. By Windows
 * PowerShell, which every Windows has; under Constrained Language Mode it may not, and nothing is shown.
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

/** One line each for PowerShell that reads standard input: it runs every line as it comes. */
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
