import { describe, expect, it } from 'vitest';
import {
  MACHINE_TASK,
  readTask,
  type TaskPrincipal,
  taskFile,
  taskXml,
  userTaskName,
} from '../../../src/autostart/task-xml.ts';

const PROGRAM = 'C:\\Users\\Zoë & 東京\\foundry-credential-helperw.exe';
const SID = 'S-1-5-21-1004336348-1177238915-682003330-512';
const user: TaskPrincipal = { kind: 'user', id: SID };
const interactive: TaskPrincipal = { kind: 'interactive' };

/** The elements of a path such as `Settings/Priority`, in the order of the text. */
function content(xml: string, path: string): string | undefined {
  return path
    .split('/')
    .reduce<string | undefined>(
      (text, name) => new RegExp(`<${name}\\b[^>]*>(.*?)</${name}>`, 's').exec(text ?? '')?.[1],
      xml,
    );
}

describe.each([user, interactive])('the task for %o', (principal) => {
  const xml = taskXml({ program: PROGRAM, principal });

  it('runs the agent at log-on and on demand, whatever the power supply, for any time, unseen, and not elevated', () => {
    expect(readTask(xml)).toEqual({ program: PROGRAM, arguments: 'agent run', enabled: true });
    expect(content(xml, 'Triggers/LogonTrigger/Enabled')).toBe('true');
    expect(content(xml, 'Principals/Principal/RunLevel')).toBe('LeastPrivilege');
    const settings = {
      AllowStartOnDemand: 'true',
      DisallowStartIfOnBatteries: 'false',
      StopIfGoingOnBatteries: 'false',
      RunOnlyIfIdle: 'false',
      StopOnIdleEnd: 'false',
      RunOnlyIfNetworkAvailable: 'false',
      Hidden: 'true',
      ExecutionTimeLimit: 'PT0S',
      Priority: '5',
    };
    for (const [name, value] of Object.entries(settings))
      expect([name, content(xml, `Settings/${name}`)]).toEqual([name, value]);
  });

  it('is a UTF-16 file with a byte order mark, as its declaration says', () => {
    const file = taskFile({ program: PROGRAM, principal });
    expect([...file.subarray(0, 2)]).toEqual([0xff, 0xfe]);
    expect(file.toString('utf16le').slice(1).replaceAll('\r\n', '\n')).toBe(xml);
    expect(xml).toContain('encoding="UTF-16"');
  });
});

describe('a task', () => {
  it('of one user starts for that user only, with the token of the session', () => {
    const xml = taskXml({ program: PROGRAM, principal: user });
    expect(content(xml, 'Triggers/LogonTrigger/UserId')).toBe(SID);
    expect(content(xml, 'Principals/Principal/UserId')).toBe(SID);
    expect(content(xml, 'Principals/Principal/LogonType')).toBe('InteractiveToken');
    expect(xml).not.toContain('SecurityDescriptor');
    expect(userTaskName(SID)).toBe(`${MACHINE_TASK} ${SID}`);
  });

  it('of all users starts in every session, and each user may read and run it', () => {
    const xml = taskXml({ program: PROGRAM, principal: interactive });
    expect(xml).not.toContain('UserId');
    // A log-on type belongs to a user; with a group the scheduler refuses it.
    expect(xml).not.toContain('LogonType');
    expect(content(xml, 'Principals/Principal/GroupId')).toBe('S-1-5-4');
    expect(content(xml, 'Settings/MultipleInstancesPolicy')).toBe('Parallel');
    expect(content(xml, 'RegistrationInfo/SecurityDescriptor')).toContain('(A;;GRGX;;;IU)');
  });

  it("that someone has disabled says so; a trigger that is off and a comment don't count", () => {
    const xml = taskXml({ program: PROGRAM, principal: user });
    const enabled = '<Enabled>true</Enabled>';
    const at = xml.lastIndexOf(enabled);
    const disabled = `${xml.slice(0, at)}<Enabled>false</Enabled>${xml.slice(at + enabled.length)}`;
    expect(readTask(disabled).enabled).toBe(false);
    expect(readTask(xml.replace(enabled, '<Enabled>false</Enabled>')).enabled).toBe(true);
    expect(readTask(xml.replace('<Settings>', '<Settings><!-- <Enabled>false</Enabled> -->')).enabled).toBe(true);
    expect(readTask(xml.replaceAll(enabled, '')).enabled).toBe(true);
  });

  it('that starts no program is read as one; character references are characters', () => {
    expect(readTask('<Task><Actions><ComHandler/></Actions></Task>')).toEqual({
      program: '',
      arguments: '',
      enabled: true,
    });
    const exec = '<Actions Context="A"><Exec><Command>C:\\a&#x26;b&#38;c&unknown;.exe</Command></Exec></Actions>';
    expect(readTask(exec).program).toBe('C:\\a&b&c&unknown;.exe');
  });
});
