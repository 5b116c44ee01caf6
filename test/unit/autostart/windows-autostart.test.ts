import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Schtasks } from '../../../src/autostart/schtasks.ts';
import { MACHINE_TASK, taskXml, userTaskName } from '../../../src/autostart/task-xml.ts';
import { WindowsAutostart } from '../../../src/autostart/windows-autostart.ts';
import type { RunProgram } from '../../../src/platform/run-program.ts';
import { FakeRegistry } from '../../support/fakes/fake-registry.ts';

const RUN = 'Software\\Microsoft\\Windows\\CurrentVersion\\Run';
const APPROVED = 'Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\StartupApproved\\Run';
const SID = 'S-1-5-21-1-2-3-1001';
const NAME = userTaskName(SID);
const PROGRAM = 'C:\\Users\\Zoë 東京\\foundry-credential-helperw.exe';
const other = { name: 'Other', type: 'REG_SZ', data: '"C:\\other.exe" agent run' };
const oldValue = { name: 'Foundry Credential Helper', type: 'REG_SZ', data: `"${PROGRAM}" agent run` };

interface Options {
  readonly isUserKnown?: boolean;
  /** How the scheduler's program prints text into a pipe. */
  readonly print?: (text: string) => Buffer;
  /** Verbs that policy refuses, with the message of a German Windows in its code page. */
  readonly refused?: readonly string[];
}

const inOem = (text: string): Buffer => Buffer.from(text.replace(/[^ -ÿ\s]/g, '?').replaceAll('ë', '\x89'), 'latin1');

function system({ isUserKnown = true, print = inOem, refused = [] }: Options = {}) {
  const registry = new FakeRegistry();
  registry.set('HKEY_CURRENT_USER', RUN, [other]);
  const stateFolder = mkdtempSync(join(tmpdir(), 'task-'));
  onTestFinished(() => rmSync(stateFolder, { recursive: true }));
  const tasks = new Map<string, string>();
  const calls: string[] = [];
  const answer = (exitCode: number, stdout = '', stderr = '') => ({
    exitCode,
    stdout: print(stdout),
    stderr: print(stderr),
  });
  const run: RunProgram = async (file, args) => {
    calls.push(args.join(' '));
    expect(file).toBe('C:\\Windows\\System32\\schtasks.exe');
    const [verb = '', , name = '', , xmlFile = ''] = args;
    if (refused.includes(verb)) return answer(1, '', 'FEHLER: Zugriff verweigert, ë.\r\n');
    if (verb === '/create') {
      const bytes = readFileSync(xmlFile);
      expect(bytes.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xfe]));
      tasks.set(name, bytes.toString('utf16le').slice(1));
      return answer(0, 'ERFOLGREICH');
    }
    if (!tasks.has(name)) return answer(1, '', 'FEHLER: Das System kann die angegebene Datei nicht finden.\r\n');
    if (verb === '/delete') tasks.delete(name);
    return answer(0, verb === '/query' ? tasks.get(name) : 'ERFOLGREICH');
  };
  const autostart = new WindowsAutostart({
    schtasks: new Schtasks({ run }),
    sid: async () => (isUserKnown ? SID : undefined),
    registry: async () => registry,
    stateFolder,
    ownPrograms: [PROGRAM, PROGRAM.replace('w.exe', '.exe')],
  });
  return { registry, autostart, tasks, calls, stateFolder };
}

const PLACE = `Task Scheduler\\${NAME}`;
const own = { kind: 'scheduled-task', scope: 'user', enabled: true, place: PLACE, program: PROGRAM };

describe("the user's scheduled task", () => {
  it.each([
    ['in a code page that lacks characters', inOem],
    ['as UTF-8', (text: string) => Buffer.from(text)],
    ['as UTF-16', (text: string) => Buffer.from(text, 'utf16le')],
  ])('is created once, and its program is known although it is printed %s', async (_, print) => {
    const { autostart, tasks, stateFolder } = system({ print });
    expect(await autostart.install(PROGRAM)).toEqual({ changed: true, place: PLACE });
    expect(tasks.get(NAME)?.replaceAll('\r\n', '\n')).toBe(
      taskXml({ program: PROGRAM, principal: { kind: 'user', id: SID } }),
    );
    expect(await autostart.entries()).toEqual([own]);
    expect(await autostart.install(PROGRAM)).toEqual({ changed: false, place: PLACE });
    expect(readdirSync(stateFolder)).toEqual([]);
  });

  it('is replaced if it starts another program, other arguments, or is disabled', async () => {
    const { autostart, tasks } = system();
    for (const [from, to] of [
      ['foundry-credential-helperw.exe', 'other.exe'],
      ['agent run', 'agent stop'],
      ['<Enabled>true</Enabled>\n    <Hidden>', '<Enabled>false</Enabled>\n    <Hidden>'],
    ] as const) {
      const xml = taskXml({ program: PROGRAM, principal: { kind: 'user', id: SID } });
      expect(xml).toContain(from);
      tasks.set(NAME, xml.replace(from, to));
      expect(await autostart.entries()).not.toEqual([own]);
      expect(await autostart.install(PROGRAM)).toMatchObject({ changed: true });
      expect(await autostart.entries()).toEqual([own]);
    }
  });

  it('comes before the one for all users, unless it is disabled', async () => {
    const { autostart, tasks } = system();
    tasks.set(MACHINE_TASK, taskXml({ program: PROGRAM, principal: { kind: 'interactive' } }));
    const machine = { ...own, scope: 'system', place: `Task Scheduler\\${MACHINE_TASK}` };
    expect(await autostart.entries()).toEqual([machine]);
    await autostart.install(PROGRAM);
    expect(await autostart.entries()).toEqual([own, machine]);
    tasks.set(NAME, (tasks.get(NAME) ?? '').replace(/<Enabled>true(<\/Enabled>\s+<Hidden>)/, '<Enabled>false$1'));
    expect(await autostart.entries()).toEqual([machine, { ...own, enabled: false }]);
    expect(await autostart.start({ ...machine, kind: 'scheduled-task', scope: 'system' })).toBe(true);
    expect(await autostart.start({ ...own, kind: 'scheduled-task', scope: 'user', enabled: false })).toBe(false);
  });

  it("replaces a value of the Run key, and is removed with one; others' values stay", async () => {
    const { autostart, registry, tasks } = system();
    registry.set('HKEY_CURRENT_USER', RUN, [other, oldValue]);
    expect(await autostart.install(PROGRAM)).toMatchObject({ changed: true });
    expect(registry.readKey('HKEY_CURRENT_USER', RUN)).toEqual([other]);
    registry.set('HKEY_CURRENT_USER', RUN, [other, oldValue]);
    expect(await autostart.install(PROGRAM)).toMatchObject({ changed: true });
    registry.set('HKEY_CURRENT_USER', RUN, [other, oldValue]);
    expect(await autostart.uninstall()).toEqual([PLACE, `HKEY_CURRENT_USER\\${RUN}\\Foundry Credential Helper`]);
    expect(tasks.size).toBe(0);
    expect(registry.readKey('HKEY_CURRENT_USER', RUN)).toEqual([other]);
    expect(await autostart.uninstall()).toEqual([]);
  });

  it('that Windows refuses is an error with what it said, and leaves no file', async () => {
    const { autostart, stateFolder } = system({ refused: ['/create'] });
    await expect(autostart.install(PROGRAM)).rejects.toMatchObject({
      code: 'ERR_AUTOSTART',
      detail: expect.stringMatching(/Zugriff verweigert.*exit code 1/),
    });
    expect(readdirSync(stateFolder)).toEqual([]);
  });

  it("can't have a program with a percent sign in its path, which the scheduler would expand", async () => {
    const { autostart, calls } = system();
    await expect(autostart.install('C:\\100%USERNAME%\\w.exe')).rejects.toMatchObject({ code: 'ERR_AUTOSTART' });
    expect(calls.filter((call) => call.startsWith('/create'))).toEqual([]);
  });

  it('needs to know the user', async () => {
    const { autostart } = system({ isUserKnown: false });
    await expect(autostart.install(PROGRAM)).rejects.toMatchObject({ code: 'ERR_AUTOSTART' });
    expect(await autostart.createOnce(PROGRAM)).toBeUndefined();
    expect(await autostart.entries()).toEqual([]);
  });
});

describe('a task that a helper creates', () => {
  it('is the same', async () => {
    const { autostart } = system();
    expect(await autostart.createOnce(PROGRAM)).toEqual(own);
  });

  it('is tried once a day if policy refuses, and never after the user has removed the autostart', async () => {
    const refusing = system({ refused: ['/create'] });
    for (let run = 0; run < 3; run += 1) expect(await refusing.autostart.createOnce(PROGRAM)).toBeUndefined();
    expect(refusing.calls).toHaveLength(1);

    const { autostart, calls } = system();
    await autostart.install(PROGRAM);
    await autostart.uninstall();
    calls.length = 0;
    expect(await autostart.createOnce(PROGRAM)).toBeUndefined();
    expect(calls).toEqual([]);
    await autostart.install(PROGRAM);
    await autostart.uninstall();
  });
});

describe('a value of the Run key', () => {
  const machineValue = {
    ...oldValue,
    name: 'Agent',
    data: '"C:\\Program Files\\x\\foundry-credential-helperw.exe" agent run',
  };
  const bytes = (...values: number[]) => ({ type: 'REG_BINARY', data: undefined, bytes: Buffer.from(values) });

  it('is found by its program, whatever its name, for the user and for everyone', async () => {
    const { autostart, registry } = system();
    registry.set('HKEY_CURRENT_USER', RUN, [other, oldValue]);
    registry.set('HKEY_LOCAL_MACHINE', RUN, [machineValue]);
    expect(await autostart.entries()).toMatchObject([
      { kind: 'run-key', scope: 'user', enabled: true, program: PROGRAM },
      { kind: 'run-key', scope: 'system', enabled: true, program: machineValue.data.split('"')[1] },
    ]);
  });

  it.each([
    [true, 2],
    [true, 6],
    [false, 3],
    [false, 7],
  ])('is enabled %s if Windows has noted %i for it', async (enabled, first) => {
    const { autostart, registry } = system();
    registry.set('HKEY_CURRENT_USER', RUN, [oldValue]);
    registry.set('HKEY_CURRENT_USER', APPROVED, [
      { name: 'Other', ...bytes(3, 0, 0, 0) },
      { name: oldValue.name.toUpperCase(), ...bytes(first, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8) },
    ]);
    expect(await autostart.entries()).toMatchObject([{ kind: 'run-key', enabled }]);
  });

  it("that can't be removed is named", async () => {
    const { autostart, registry } = system();
    registry.set('HKEY_CURRENT_USER', RUN, [oldValue]);
    registry.deleteValue = () => {
      throw new Error('Access is denied.');
    };
    await expect(autostart.uninstall()).rejects.toMatchObject({ code: 'ERR_AUTOSTART' });
  });
});
