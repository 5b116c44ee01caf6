import { describe, expect, it } from 'vitest';
import { windowsCommand } from '../../../src/platform/windows-command.ts';

const PATH = 'C:\\first;"D:\\quoted folder";;.;relative;\\rooted;E:drive;C:\\last';
const CMD = 'C:\\Windows\\System32\\cmd.exe';

function find(name: string, files: readonly string[], pathExt = '.COM;.EXE;.BAT;.CMD;.VBS;.JS') {
  const isFile = (path: string) => files.some((file) => file.toLowerCase() === path.toLowerCase());
  const found = windowsCommand(name, ['x'], { env: { PATH, PATHEXT: pathExt }, cwd: 'C:\\work', isFile });
  return 'command' in found ? (found.windowsVerbatimArguments ? found.args[0] : found.command) : found.fault;
}

describe('a bare name', () => {
  it.each([
    [
      'the first folder of PATH that has it',
      'tool',
      ['C:\\last\\tool.exe', 'C:\\first\\tool.exe'],
      'C:\\first\\tool.exe',
    ],
    ['a folder in quotes', 'tool', ['D:\\quoted folder\\tool.exe'], 'D:\\quoted folder\\tool.exe'],
    ['the order of PATHEXT', 'tool', ['C:\\first\\tool.com', 'C:\\first\\tool.exe'], 'C:\\first\\tool.com'],
    ['its own extension', 'tool.exe', ['C:\\first\\tool.exe.exe', 'C:\\first\\tool.exe'], 'C:\\first\\tool.exe'],
    ['a version in its name', 'python3.11', ['C:\\first\\python3.11.exe'], 'C:\\first\\python3.11.exe'],
  ])('is found by %s', (_, name, files, found) => {
    expect(find(name, files)).toBe(found);
  });

  it.each([
    ['the working folder', 'tool', 'C:\\work\\tool.exe'],
    ['a relative folder of PATH', 'tool', 'C:\\work\\relative\\tool.exe'],
    ['the root of the drive', 'tool', 'C:\\rooted\\tool.exe'],
    ['the working folder of another drive', 'tool', 'E:\\drive\\tool.exe'],
    ['a file for sh', 'tool', 'C:\\first\\tool'],
    ['a script that only the desktop opens', 'tool', 'C:\\first\\tool.vbs'],
  ])("isn't found in %s", (_, name, file) => {
    expect(find(name, [file])).toBe('not-found');
  });

  it('is found without PATHEXT, and with one that makes no sense', () => {
    for (const pathExt of ['', ';', 'exe', '.PY']) {
      expect(find('tool', ['C:\\first\\tool.cmd'], pathExt)).toContain('C:\\first\\tool.cmd');
    }
  });

  it("is undefined if it's empty", () => expect(find('', ['C:\\first'])).toBe('not-found'));
});

describe('a name with a path', () => {
  it.each([
    ['.\\tool', 'C:\\work\\tool.exe'],
    ['./tool.exe', 'C:\\work\\tool.exe'],
    ['sub\\tool', 'C:\\work\\sub\\tool.com'],
    ['..\\tool', 'C:\\tool.exe'],
    ['D:\\x\\tool', 'D:\\x\\tool.exe'],
    ['\\\\server\\share\\tool', '\\\\server\\share\\tool.exe'],
    ['.\\tool', 'C:\\work\\tool'],
  ])('%s is found at %s', (name, file) => expect(find(name, [file])).toBe(file));

  it("isn't looked up in PATH", () => expect(find('.\\tool', ['C:\\first\\tool.exe'])).toBe('not-found'));
});

describe('a batch file', () => {
  const line = (args: readonly string[], name = 'C:\\b.cmd') => {
    const found = windowsCommand(name, args, { env: {}, isFile: (path) => path === name });
    if (!('command' in found)) return found;
    expect({ ...found, args: [] }).toEqual({ command: CMD, args: [], windowsVerbatimArguments: true });
    expect(found.args).toHaveLength(1);
    return found.args[0];
  };
  const START = '/d /e:ON /v:OFF /s /c ';

  it.each([
    [[], '""C:\\b.cmd""'],
    [['plain', '--a=b'], '""C:\\b.cmd" plain "--a=b""'],
    [['two words', ''], '""C:\\b.cmd" "two words" """'],
    [['a"b', '"'], '""C:\\b.cmd" "a""b" """""'],
    [['c:\\x', 'back\\', 'a\\"b', 'two words\\'], '""C:\\b.cmd" c:\\x "back\\\\" "a\\\\""b" "two words\\\\""'],
    [['a&b', '^', '!x!', '(', '*'], '""C:\\b.cmd" "a&b" "^" "!x!" "(" "*""'],
    [['100%', '%OS%'], '""C:\\b.cmd" "100%%cd:~,%" "%%cd:~,%OS%%cd:~,%""'],
    [['Zoë'], '""C:\\b.cmd" "Zoë""'],
  ])('gets %j inside quotes', (args, expected) => expect(line(args)).toBe(`${START}${expected}`));

  it('may be in a folder whose name is like a variable', () => {
    expect(line([], 'C:\\%OS% & co\\b.bat')).toBe(`${START}""C:\\%%cd:~,%OS%%cd:~,% & co\\b.bat""`);
  });

  it('is prepared quickly, whatever its arguments', () => {
    // A pattern that read each backslash again from every other one would take minutes.
    expect(line(['\\'.repeat(2_000_000)])).toMatchObject({ fault: 'not-runnable' });
  });

  it.each(['\n', '\r', 'a\r\nb'])('is refused an argument with %j', (arg) => {
    expect(line(['x', arg])).toEqual({
      fault: 'not-runnable',
      reason: expect.stringContaining('argument 2 has a line break'),
    });
  });

  it('is refused more than cmd.exe can read', () => {
    const fits = 'x'.repeat(8191 - `${START}""C:\\b.cmd" "`.length);
    expect(line([fits])).toHaveLength(8191);
    expect(line([`${fits}x`])).toEqual({ fault: 'not-runnable', reason: expect.stringContaining('8192 characters') });
  });

  it("is run by Windows' own cmd.exe", () => {
    const found = windowsCommand('C:\\b.cmd', [], {
      env: { ComSpec: 'C:\\work\\cmd.exe', SystemRoot: 'D:\\WINNT' },
      isFile: () => true,
    });
    expect(found).toMatchObject({ command: 'D:\\WINNT\\System32\\cmd.exe' });
  });
});

it('passes the arguments of a program on as they are', () => {
  const args = ['a\nb', '"', '%OS%', '', 'x'.repeat(9_000)];
  expect(windowsCommand('C:\\tool.exe', args, { isFile: () => true })).toEqual({
    command: 'C:\\tool.exe',
    args,
    windowsVerbatimArguments: false,
  });
});
