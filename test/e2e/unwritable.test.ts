// Disks that are full or read-only, and folders in the place of files: tokens keep working, and everything says why.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { canUnshareMounts } from '../support/harness/mount-namespace.ts';
import type { World } from '../support/harness/world.ts';
import {
  agentProcesses,
  binary,
  killAgentProcesses,
  type Run,
  run,
  runWithInput,
  signIn,
  worldForTest,
} from './support.ts';

interface Disk {
  /** Runs a program that sees the disk. */
  readonly run: (...command: readonly [string, ...string[]]) => Promise<Run>;
  readonly product: (...args: readonly string[]) => Promise<Run>;
}

/** Programs started with it see a disk of 256 KiB in the place of the state folder. */
async function smallDisk({ env, sandbox }: World): Promise<Disk> {
  mkdirSync(sandbox.stateFolder, { recursive: true, mode: 0o700 });
  const script = 'mount -t tmpfs -o size=256k,mode=0700 tmpfs "$1" && echo mounted && exec sleep infinity';
  const holder = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', sandbox.stateFolder], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  const inside = ['nsenter', `--target=${holder.pid}`, '--mount', '--'] as const;
  const inDisk: Disk['run'] = (...command) => runWithInput(env, '', [...inside, ...command]);
  return { run: inDisk, product: (...args) => inDisk(binary, ...args) };
}

/** What `status`, `doctor`, and the report say. */
async function diagnose(world: World, product: Disk['product']) {
  const json = JSON.parse((await product('status', '--json')).stdout);
  const text = (await product('status')).stdout;
  const { checks } = JSON.parse((await product('doctor', '--json')).stdout);
  const report = join(world.sandbox.root, 'report.md');
  rmSync(report, { force: true });
  await product('report', report);
  return {
    unwritable: json.unwritable,
    status: text,
    check: checks.find(({ id }: { id: string }) => id === 'agent-files'),
    report: readFileSync(report, 'utf8'),
  };
}

async function restart(world: World): Promise<void> {
  killAgentProcesses(world);
  await expect.poll(() => agentProcesses(world)).toEqual([]);
}

async function expectToken(world: World, product: Disk['product']): Promise<void> {
  const { exitCode, stdout, stderr } = await product('token');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(world.entra.checkAccessToken(stdout.trim())).toBe('valid');
}

describe.runIf(canUnshareMounts)('the state folder', () => {
  it("on a full disk doesn't cost a token, and is named until there's room", async () => {
    const world = await worldForTest();
    await signIn(world);
    await restart(world);
    const disk = await smallDisk(world);
    const filler = join(world.sandbox.stateFolder, 'filler');
    const { stderr } = await disk.run('dd', 'if=/dev/zero', `of=${filler}`, 'bs=4096');
    expect(stderr).toContain('No space left on device');

    await expectToken(world, disk.product);
    const { unwritable, status, check, report } = await diagnose(world, disk.product);
    const files = ['agent.json', 'agent.log', 'audit.log'].map((name) => join(world.sandbox.stateFolder, name));
    expect(unwritable).toEqual(files.map((path) => ({ path, code: 'ENOSPC' })));
    for (const file of files) {
      expect(status).toContain(`can't write ${file} (ENOSPC); tokens keep working`);
      expect(check.detail).toContain(`can't write ${file} (ENOSPC)`);
      expect(report).toContain(`can't write ${file} (ENOSPC)`);
    }
    expect(status).toMatch(/^remedy +free disk space$/m);
    expect(check).toMatchObject({ state: 'warn', remedy: 'free disk space' });

    await disk.run('rm', filler);
    const { unwritable: left = [] } = JSON.parse((await disk.product('status', '--json')).stdout);
    expect(left).not.toContainEqual(expect.objectContaining({ path: files[0] }));
    expect((await disk.run('cat', files[0] ?? '')).stdout).toContain('lastGrantAt');
  });

  it("that has become read-only doesn't cost a token, and is named", async () => {
    const world = await worldForTest();
    const { stateFolder } = world.sandbox;
    const disk = await smallDisk(world);
    await disk.product('agent', 'start');
    await signIn(world);
    await disk.run('mount', '--bind', stateFolder, stateFolder);
    await disk.run('mount', '-o', 'remount,ro,bind', stateFolder);
    await expectToken(world, disk.product);
    const { unwritable, status, check, report } = await diagnose(world, disk.product);
    const path = join(stateFolder, 'agent.json');
    expect(unwritable).toContainEqual({ path, code: 'EROFS' });
    expect(status).toContain(`can't write ${path} (EROFS)`);
    expect(check).toMatchObject({ state: 'warn', remedy: 'make the file system writable' });
    expect(report).toContain(`can't write ${path} (EROFS)`);
  });
});

it('names folders in the place of the state and the log, and hands out tokens', async () => {
  const world = await worldForTest();
  await signIn(world);
  await restart(world);
  const [state = '', log = ''] = ['agent.json', 'agent.log'].map((name) => join(world.sandbox.stateFolder, name));
  for (const path of [state, log]) {
    rmSync(path);
    mkdirSync(path, { mode: 0o700 });
  }
  const product = (...args: readonly string[]): Promise<Run> => run(world.env, ...args);
  await expectToken(world, product);
  const { unwritable, status, check, report } = await diagnose(world, product);
  expect(unwritable).toEqual([
    { path: state, code: 'EISDIR' },
    { path: log, code: expect.any(String) },
  ]);
  for (const text of [status, check.detail, report]) {
    expect(text).toContain(`can't write ${state} (EISDIR)`);
    expect(text).toContain(`can't write ${log} (`);
  }
  expect(check.state).toBe('warn');
});

it('says nothing about it if all can be written', async () => {
  const world = await worldForTest();
  await signIn(world);
  const { unwritable, status, check } = await diagnose(world, (...args) => run(world.env, ...args));
  expect(unwritable).toBeUndefined();
  expect(status).not.toContain('warning');
  expect(check).toMatchObject({ state: 'ok' });
});
