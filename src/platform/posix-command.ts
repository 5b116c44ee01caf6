// What `spawn` would do differently from a shell on Linux and macOS. On Linux, glibc's execvp gives a file that the
// kernel can't load to /bin/sh, which treats even half a program, or one for another processor, as a script and runs
// its bytes as commands. Shells refuse such files.
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { isExecutable } from './file-checks.ts';
import type { WindowsCommand } from './windows-command.ts';

export type PosixCommand =
  | { readonly command: string; readonly args: readonly string[] }
  | Extract<WindowsCommand, { fault: string }>;

interface PosixPlace {
  readonly path?: string;
  /** Where Linux lists the programs that run other formats, such as QEMU (binfmt_misc). */
  readonly formats?: string;
}

/** As much as shells read to tell a script from anything else. */
const HEAD_BYTES = 128;
/** `e_machine` of what Linux runs on each processor: its own programs and their 32-bit relatives. */
const MACHINES: Readonly<Record<string, readonly number[]>> = { x64: [62, 3], arm64: [183, 40] };

/** What to pass to `spawn`, or why the command can't be started. */
export function posixCommand(name: string, args: readonly string[], place: PosixPlace = {}): PosixCommand {
  if (name === '') return { fault: 'not-found' };
  if (process.platform === 'linux' && isForeign(name, place)) return { fault: 'not-runnable', reason: 'ENOEXEC' };
  return { command: name, args };
}

/** Whether the file is neither a script nor a program that this computer can load. */
function isForeign(
  name: string,
  { path = process.env['PATH'] ?? '/bin:/usr/bin', formats = '/proc/sys/fs/binfmt_misc' }: PosixPlace,
): boolean {
  const file = findAsExecvp(name, path);
  const found = file === undefined ? undefined : readHead(file);
  if (file === undefined || found === undefined) return false;
  const { head, size } = found;
  return isBinary(head) && !isLoadable(head, size) && !hasInterpreter(file, head, formats);
}

/** An empty folder in PATH is the working folder. */
function findAsExecvp(name: string, path: string): string | undefined {
  if (name.includes('/')) return isExecutable(name) ? name : undefined;
  return path
    .split(':')
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function readHead(file: string): { readonly head: Buffer; readonly size: number } | undefined {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      return { head: head.subarray(0, readSync(descriptor, head)), size: statSync(file).size };
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Some programs can be run but not read.
    return undefined;
  }
}

/** As bash tells it, which POSIX allows: a NUL in the first line. */
function isBinary(head: Buffer): boolean {
  if (head.toString('latin1', 0, 2) === '#!') return false;
  const end = head.indexOf('\n');
  return head.subarray(0, end === -1 ? undefined : end).includes(0);
}

/** Whether it's an ELF program for this processor, with all of its program headers (elf(5)). */
function isLoadable(head: Buffer, size: number): boolean {
  const [is64, isLittleEndian] = [head[4] === 2, head[5] === 1];
  if (head.toString('latin1', 0, 4) !== '\x7fELF' || !isLittleEndian || head.length < (is64 ? 64 : 52)) return false;
  if (!(MACHINES[process.arch] ?? []).includes(head.readUInt16LE(18))) return false;
  const start = is64 ? Number(head.readBigUInt64LE(32)) : head.readUInt32LE(28);
  const table = is64 ? 54 : 42;
  return start + head.readUInt16LE(table) * head.readUInt16LE(table + 2) <= size;
}

/** Whether a program is registered that runs this format: https://docs.kernel.org/admin-guide/binfmt-misc.html */
function hasInterpreter(file: string, head: Buffer, formats: string): boolean {
  return entriesOf(formats).some((entry) => {
    const [state = '', ...lines] = entry.split('\n');
    const fields = new Map(
      lines.map((line): [string, string] => [line.split(' ')[0] ?? '', line.replace(/^\S* /, '')]),
    );
    const extension = fields.get('extension');
    if (state !== 'enabled') return false;
    if (extension !== undefined) return extension === extname(file);
    const magic = Buffer.from(fields.get('magic') ?? '', 'hex');
    const mask = Buffer.from(fields.get('mask') ?? 'ff'.repeat(magic.length), 'hex');
    const start = Number(fields.get('offset'));
    return magic.length > 0 && magic.every((byte, at) => byte === ((head[start + at] ?? 0) & (mask[at] ?? 0)));
  });
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name !== 'status' && name !== 'register')
      .map((name) => readFileSync(join(folder, name), 'latin1'));
  } catch {
    return [];
  }
}
