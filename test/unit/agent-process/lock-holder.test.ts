import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  endHolder,
  isRunning,
  type LockHolder,
  lockHolderPath,
  readLockHolder,
  thisProcess,
  writeLockHolder,
} from '../../../src/agent-process/lock-holder.ts';

const onLinux = process.platform === 'linux';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the note next to the lock', () => {
  it('is read as it was written, and absent if there is none', () => {
    expect(readLockHolder(folder)).toBeUndefined();
    const holder = { ...thisProcess(), address: join(folder, 'agent.sock') };
    writeLockHolder(folder, holder);
    expect(readLockHolder(folder)).toEqual(holder);
  });

  it.each([
    ['no JSON', '{'],
    ['no number of a process', { pid: '17' }],
    ['the number of a process group', { pid: -17 }],
    ['the number of its own process group', { pid: 0 }],
    ['no name of a computer', { computer: 7 }],
  ])('is ignored with %s', (_, change) => {
    const text = typeof change === 'string' ? change : JSON.stringify({ ...thisProcess(), ...change });
    writeFileSync(lockHolderPath(folder), text, { mode: 0o600 });
    expect(readLockHolder(folder)).toBeUndefined();
  });

  it.each([
    ['relative', 'agent.sock'],
    ['too long for a socket', `/${'x'.repeat(103)}`],
    ['no text', 7],
  ])('has no address that is %s', (_, address) => {
    writeFileSync(lockHolderPath(folder), JSON.stringify({ ...thisProcess(), address }), { mode: 0o600 });
    expect(readLockHolder(folder)?.address).toBeUndefined();
  });

  it.runIf(process.platform !== 'win32')('is ignored if others may write to it', () => {
    writeFileSync(lockHolderPath(folder), JSON.stringify(thisProcess()), { mode: 0o622, flag: 'w' });
    expect(readLockHolder(folder)).toBeDefined();
    rmSync(lockHolderPath(folder));
    const before = process.umask(0);
    writeFileSync(lockHolderPath(folder), JSON.stringify(thisProcess()), { mode: 0o622 });
    process.umask(before);
    expect(readLockHolder(folder)).toBeUndefined();
  });
});

const MODULE = join(import.meta.dirname, '../../../src/agent-process/lock-holder.ts');

/** Another process, as it notes itself, that does `body` first. */
async function otherProcess(body = ''): Promise<LockHolder> {
  const script = `
    import { thisProcess } from ${JSON.stringify(MODULE)};
    ${body}
    console.log(JSON.stringify(thisProcess()));
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return new Promise((resolve) => child.stdout.once('data', (line: Buffer) => resolve(JSON.parse(String(line)))));
}

describe.runIf(onLinux)('whether the holder runs', () => {
  it('is decided by more than its number', async () => {
    const other = await otherProcess();
    expect(isRunning(other)).toBe(true);
    expect(isRunning({ ...other, pid: process.pid })).toBe(false);
    expect(isRunning({ ...other, startMark: `${other.startMark}0` })).toBe(false);
    const { startMark: _, ...unmarked } = other;
    expect(isRunning(unmarked)).toBe(false);
  });

  it("isn't the case on another computer, or for another user's process", async () => {
    const other = await otherProcess();
    expect(other.computer).toBe(hostname());
    expect(isRunning({ ...other, computer: 'elsewhere' })).toBe(false);
    expect(isRunning({ ...other, pid: 1 })).toBe(false);
  });

  it("is seen as on macOS, by the process's start", async () => {
    const other = await otherProcess();
    expect(isRunning(other, 'darwin')).toBe(true);
    expect(isRunning({ ...other, startedAt: '2026-01-01T00:00:00.000Z' }, 'darwin')).toBe(false);
  });
});

describe.runIf(onLinux)('ending the holder', () => {
  it('lets it leave', async () => {
    const other = await otherProcess();
    expect(await endHolder(other, 60_000)).toBe('left');
    expect(isRunning(other)).toBe(false);
  });

  it("kills it if it doesn't", async () => {
    const other = await otherProcess("process.on('SIGTERM', () => undefined);");
    expect(await endHolder(other, 100)).toBe('killed');
    expect(isRunning(other)).toBe(false);
  });

  it("doesn't touch a process that has its number now", async () => {
    const other = await otherProcess();
    expect(await endHolder({ ...other, startMark: 'of another boot/1' }, 0)).toBe('left');
    expect(isRunning(other)).toBe(true);
  });
});
