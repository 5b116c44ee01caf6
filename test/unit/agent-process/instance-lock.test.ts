import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type InstanceLock,
  isLocked,
  lockFolder,
  takeInstanceLock,
  waitForInstanceLock,
} from '../../../src/agent-process/instance-lock.ts';
import {
  lockHolderPath,
  readLockHolder,
  thisProcess,
  writeLockHolder,
} from '../../../src/agent-process/lock-holder.ts';
import { localTime } from '../../../src/core/local-time.ts';

const onUnix = process.platform !== 'win32';
let folder: string;
let lock: InstanceLock | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => {
  lock?.release();
  lock = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const take = (): InstanceLock => {
  lock = takeInstanceLock(folder);
  if (lock === undefined) throw new Error('the lock is taken');
  return lock;
};
const file = (): string => join(folder, 'agent.lock');

describe('the instance lock', () => {
  it('is held once, until it is released', () => {
    expect(isLocked(folder)).toBe(false);
    take();
    expect(takeInstanceLock(folder)).toBeUndefined();
    expect(isLocked(folder)).toBe(true);
    lock?.release();
    expect(isLocked(folder)).toBe(false);
    take();
  });

  it('leaves one file behind, and says who holds it while it is held', () => {
    take().announce('/run/agent.sock');
    expect(readLockHolder(folder)).toEqual({
      ...thisProcess(),
      address: '/run/agent.sock',
      startedAt: expect.any(String),
    });
    expect(readdirSync(folder).toSorted()).toEqual(['agent-process.json', 'agent.lock']);
    lock?.release();
    expect(readdirSync(folder)).toEqual(['agent.lock']);
  });

  it.runIf(onUnix)('notices that its file has gone, or is another one', () => {
    const { state } = take();
    expect(state()).toBe('held');
    renameSync(file(), join(folder, 'moved'));
    expect(state()).toBe('gone');
    writeFileSync(file(), '');
    expect(state()).toBe('replaced');
    renameSync(join(folder, 'moved'), file());
    expect(state()).toBe('held');
  });

  it.runIf(onUnix)("leaves a newer holder's note alone", () => {
    const old = take();
    rmSync(file());
    const newer = takeInstanceLock(folder);
    newer?.announce('/run/newer.sock');
    old.announce('/run/old.sock');
    old.release();
    expect(readLockHolder(folder)?.address).toBe('/run/newer.sock');
    newer?.release();
  });

  it("works in a folder that can't take the note", () => {
    mkdirSync(lockHolderPath(folder));
    take().announce('/run/agent.sock');
    lock?.release();
    expect(isLocked(folder)).toBe(false);
  });
});

describe('waiting for it', () => {
  it('continues as soon as it is free', async () => {
    take();
    const waiting = waitForInstanceLock(folder);
    lock?.release();
    lock = (await waiting) as InstanceLock;
    expect(lock.state()).toBe('held');
  });

  it.runIf(onUnix)('ends with who holds it, once that one listens', async () => {
    take();
    const waiting = waitForInstanceLock(folder);
    const address = join(folder, 'agent.sock');
    writeFileSync(address, '');
    lock?.announce(address);
    expect(await waiting).toMatchObject({ pid: process.pid, address });
  });

  it("fails if it is held by a computer that can't be asked, naming it", async () => {
    const database = new DatabaseSync(file());
    database.exec('BEGIN EXCLUSIVE');
    const holder = { ...thisProcess(), computer: 'elsewhere', address: '/run/agent.sock' };
    writeLockHolder(folder, holder);
    await expect(waitForInstanceLock(folder)).rejects.toMatchObject({
      code: 'ERR_AGENT_LOCKED',
      detail: `${folder}: process ${process.pid} on elsewhere, since ${localTime(holder.startedAt)}`,
    });
    database.close();
  });
});

describe('where it is', () => {
  it("is the state folder, also one that isn't there yet", () => {
    expect(lockFolder({ state: folder, runtime: '/run' })).toBe(folder);
    expect(lockFolder({ state: join(folder, 'new'), runtime: '/run' })).toBe(join(folder, 'new'));
  });
});
