import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { posixCommand } from '../../../src/platform/posix-command.ts';

/** A program of this computer. */
const OWN = readFileSync('/bin/sh');
const OTHER_PROCESSOR = process.arch === 'x64' ? 183 : 62;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'posix-command-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

function executable(content: string | Buffer, name = 'tool', place = folder()): string {
  const path = join(place, name);
  writeFileSync(path, content);
  chmodSync(path, 0o755);
  return path;
}

function foreign(): Buffer {
  const program = Buffer.from(OWN);
  program.writeUInt16LE(OTHER_PROCESSOR, 18);
  return program;
}

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const refused = { fault: 'not-runnable', reason: 'ENOEXEC' };

describe.runIf(process.platform === 'linux')('a file that the kernel would leave to /bin/sh', () => {
  it.each([
    ['a program for another processor', foreign()],
    ['a program without the end of its header', OWN.subarray(0, 30)],
    ['a program without its program headers', OWN.subarray(0, 100)],
    ['a program for macOS', hex('cffaedfe0c00000100000000')],
    ['a program for Windows', hex('4d5a90000300000004000000ffff0000')],
    ['a picture', hex('89504e470d0a1a0a0000000d49484452').subarray(0, 6).fill(0, 5)],
  ])('is refused: %s', (_, content) => {
    const formats = folder();
    expect(posixCommand(executable(content), [], { formats })).toEqual(refused);
    const file = executable(content);
    expect(posixCommand('tool', [], { path: `/nonexistent::${join(file, '..')}`, formats })).toEqual(refused);
  });

  it.each([
    ['a program of this computer', OWN],
    ['a script', '#!/bin/sh\n'],
    ['a script without a first line that names its shell', 'echo one\n'],
    ['an empty file', ''],
    ['a script with data after it', 'exit\n\0\0\0'],
    ['a script whose first line has a NUL', '#!/bin/sh\0\n'],
  ])('is passed on: %s', (_, content) => {
    const command = executable(content);
    expect(posixCommand(command, ['x'])).toEqual({ command, args: ['x'] });
  });

  it('is passed on if a program is registered for its format', () => {
    const formats = folder();
    const register = (...lines: string[]) =>
      writeFileSync(join(formats, 'qemu'), `${lines.join('\n')}\ninterpreter /usr/bin/qemu\nflags: OCF\n`);
    writeFileSync(join(formats, 'status'), 'enabled\n');
    const command = executable(foreign());
    const passedOn = { command, args: [] };
    const magic = foreign().subarray(0, 20).toString('hex');
    register('enabled', 'offset 0', `magic ${magic}`);
    expect(posixCommand(command, [], { formats })).toEqual(passedOn);
    register('enabled', 'offset 18', `magic ${magic.slice(36)}`);
    expect(posixCommand(command, [], { formats })).toEqual(passedOn);
    register('enabled', 'offset 0', `magic ${'00'.repeat(20)}`, `mask ${'00'.repeat(20)}`);
    expect(posixCommand(command, [], { formats })).toEqual(passedOn);
    register('disabled', 'offset 0', `magic ${magic}`);
    expect(posixCommand(command, [], { formats })).toEqual(refused);
    register('enabled', 'offset 0', `magic ${magic}ff`);
    expect(posixCommand(command, [], { formats })).toEqual(refused);
    register('enabled', 'extension .jar');
    expect(posixCommand(command, [], { formats })).toEqual(refused);
    const jar = executable('PK\x03\x04\0\0', 'tool.jar');
    expect(posixCommand(jar, [], { formats })).toEqual({ command: jar, args: [] });
  });
});

describe('anything else', () => {
  it("without a name isn't found", () => {
    expect(posixCommand('', ['x'])).toEqual({ fault: 'not-found' });
  });

  it.each(['/nonexistent/tool', '/etc/passwd/tool', 'no-such-command', '.'])('is left to the system: %s', (command) => {
    expect(posixCommand(command, ['x'])).toEqual({ command, args: ['x'] });
  });

  it('is left to the system if it may not be run, or is a folder', () => {
    const place = folder();
    const file = executable(foreign(), 'tool', place);
    chmodSync(file, 0o644);
    mkdirSync(join(place, 'sub'));
    for (const command of [file, join(place, 'sub')]) {
      expect(posixCommand(command, [])).toEqual({ command, args: [] });
    }
  });
});
