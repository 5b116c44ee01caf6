// The text of the scheduled task that starts the agent on Windows, and what can be read from a task's text. The MSI's
// task is made from the same text. Schema:
// https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-schema

/** Whom a task serves. `id` is the user's SID or `DOMAIN\name`. `interactive`: everyone who is logged on. */
export type TaskPrincipal = { readonly kind: 'user'; readonly id: string } | { readonly kind: 'interactive' };

export interface TaskOptions {
  /** An absolute path. The scheduler expands `%NAME%` in it, so it must not contain a percent sign. */
  readonly program: string;
  readonly principal: TaskPrincipal;
}

/** What a task does, read from its text. */
export interface Task {
  /** The program of its first action; empty if it starts none. */
  readonly program: string;
  readonly arguments: string;
  readonly enabled: boolean;
}

/** The task that the installer creates for all users. */
export const MACHINE_TASK = 'Foundry Credential Helper';
export const TASK_ARGUMENTS = 'agent run';

/** The task of one user. All users' tasks share one folder, so the name contains the user's SID. */
export function userTaskName(sid: string): string {
  return `${MACHINE_TASK} ${sid}`;
}

/** Well-known SID of INTERACTIVE: every user who is logged on at the computer or by Remote Desktop. */
const INTERACTIVE = 'S-1-5-4';
/**
 * SDDL. Without the last entry a standard user couldn't see or start a task that an administrator has created:
 * read (GR) and run (GX) for interactive users (IU), everything (FA) for the system and administrators.
 */
const MACHINE_RIGHTS = 'D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;GRGX;;;IU)';

/**
 * A task that runs `program agent run` when its user logs on and on demand, hidden, without elevation, without a time
 * limit, on battery too, and with normal priority. (The default, 7, means less processor and disk time; people wait for
 * this agent.) Only an administrator may create a task for `interactive`; it serves several sessions at the same time.
 */
export function taskXml({ program, principal }: TaskOptions): string {
  const isUser = principal.kind === 'user';
  const user = isUser ? `<UserId>${escaped(principal.id)}</UserId>` : '';
  const who = isUser ? `${user}\n      <LogonType>InteractiveToken</LogonType>` : `<GroupId>${INTERACTIVE}</GroupId>`;
  return `<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Author>${MACHINE_TASK}</Author>
    <Description>Starts the agent that gets Claude's tokens from Microsoft Entra ID.</Description>${
      isUser ? '' : `\n    <SecurityDescriptor>${MACHINE_RIGHTS}</SecurityDescriptor>`
    }
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>${isUser ? `\n      ${user}` : ''}
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      ${who}
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>${isUser ? 'IgnoreNew' : 'Parallel'}</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>false</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <IdleSettings>
      <StopOnIdleEnd>false</StopOnIdleEnd>
      <RestartOnIdle>false</RestartOnIdle>
    </IdleSettings>
    <AllowStartOnDemand>true</AllowStartOnDemand>
    <Enabled>true</Enabled>
    <Hidden>true</Hidden>
    <RunOnlyIfIdle>false</RunOnlyIfIdle>
    <WakeToRun>false</WakeToRun>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>5</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>3</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>${escaped(program)}</Command>
      <Arguments>${TASK_ARGUMENTS}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
}

/** The file that `schtasks /create /xml` reads: UTF-16 with a byte order mark and Windows' line ends. */
export function taskFile(options: TaskOptions): Buffer {
  return Buffer.from(`\ufeff${taskXml(options).replaceAll('\n', '\r\n')}`, 'utf16le');
}

/** What the text of a task, as the scheduler prints it, says. A missing `Enabled` means true. */
export function readTask(xml: string): Task {
  const text = xml.replace(/<!--.*?-->/gs, '');
  const action = element(element(text, 'Actions'), 'Exec');
  return {
    program: unescaped(element(action, 'Command')).trim(),
    arguments: unescaped(element(action, 'Arguments')).trim(),
    enabled: element(element(text, 'Settings'), 'Enabled').trim() !== 'false',
  };
}

/** The content of the first element of this name; empty if there's none. */
function element(text: string, name: string): string {
  return new RegExp(`<${name}(?:\\s[^>]*)?>(.*?)</${name}>`, 's').exec(text)?.[1] ?? '';
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function unescaped(text: string): string {
  return text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
