// A peer of the same user that floods, stalls or talks nonsense: the agent still answers every helper and gives its
// descriptors back. The long form floods it with so much that an agent which kept it would be seen in its memory.
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { isLong } from '../../support/harness/long.ts';
import { memoryOf } from '../../support/harness/process-memory.ts';
import { createWorld, type World } from '../../support/harness/world.ts';
import { agentProcess, agentProcesses, binary, signIn } from '../support.ts';

const CONNECTIONS = isLong ? 20_000 : 1_500;
const MIB = 1024 * 1024;
/** In the long form: while hundreds of connections are open, and when they are gone. */
const PEAK_BYTES = 256 * MIB;
const LASTING_BYTES = 48 * MIB;

interface Usage {
  /** Memory that is this process's alone. */
  readonly privateBytes: number;
  readonly descriptors: number;
}

function usageOf(pid: number): Usage {
  return { privateBytes: memoryOf(pid, 'Private_Dirty'), descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

let world: World;
let pid: number;
let before: Usage;

beforeAll(async () => {
  world = await createWorld();
  expect(await signIn(world)).toMatchObject({ state: 'ok' });
  pid = agentProcess(world);
  before = usageOf(pid);
});

afterAll(() => world.dispose());

/**
 * Connections that say `bytes` and then nothing, at most `open` at the same time; returns those that are open at the
 * end.
 */
async function flood(count: number, open: number, bytes: string): Promise<Set<Socket>> {
  const path = join(world.sandbox.runtimeFolder, 'agent.sock');
  const sockets = new Set<Socket>();
  onTestFinished(() => closeAll(sockets));
  for (let made = 0; made < count; made += 1) {
    const socket = connect(path);
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    // A reply is never read.
    socket.pause();
    if (bytes !== '') socket.write(bytes);
    if (sockets.size > open) closeOldest(sockets);
    if (made % 10 === 0) await sleep(1);
  }
  return sockets;
}

function closeOldest(sockets: Set<Socket>): void {
  const [oldest] = sockets;
  if (oldest === undefined) return;
  oldest.destroy();
  // Its `close` comes later, and would let the number grow meanwhile.
  sockets.delete(oldest);
}

function closeAll(sockets: Set<Socket>): void {
  while (sockets.size > 0) closeOldest(sockets);
}

const halfFrame = `{"protocol":1,"version":"${'x'.repeat(60_000)}`;
const deep = `${'['.repeat(32_000)}${']'.repeat(32_000)}\n`;
const manyParts = `{${Array.from({ length: 6_000 }, (_, at) => `"k${at}":1`).join(',')}}\n`;
// A newer version would make the agent step aside.
const request = '{"protocol":1,"version":"0.0.1","request":{"method":"status"}}\n';

// Not one of the contexts with a short deadline: a busy computer may take seconds to start a process.
const runHelperOnce = () => runHelper(binary, { context: 'background', env: world.env });

describe.runIf(process.platform === 'linux')('a flood of connections', () => {
  it.each([
    ['that say nothing', '', 200],
    ['that send half a frame of 60 kB each', halfFrame, 200],
    ['that send deep JSON', deep, 100],
    ['that send JSON of many parts', manyParts, 100],
    ['that ask and never read the answer', request, 200],
    ['that send many requests on each connection', request.repeat(500), 100],
  ])('%s', async (_, bytes, open) => {
    const flooding = flood(CONNECTIONS, open, bytes);
    const results = [];
    for (let round = 0; round < 3; round += 1) {
      results.push(await runHelperOnce());
      await sleep(100);
    }
    const sockets = await flooding;
    results.push(await runHelperOnce());
    expect(results.map(({ state, stderr }) => ({ state, stderr }))).toEqual(
      results.map(() => ({ state: 'ok', stderr: '' })),
    );
    closeAll(sockets);
    await expect.poll(() => usageOf(pid).descriptors).toBeLessThan(before.descriptors + 20);
    if (isLong) expect(usageOf(pid).privateBytes - before.privateBytes).toBeLessThan(PEAK_BYTES);
    expect(agentProcess(world)).toBe(pid);
  });

  it('beyond the limit, held by one peer: served again when the silent ones have been closed', async () => {
    await flood(2_000, 2_000, '');
    await expect.poll(async () => (await runHelperOnce()).state).toBe('ok');
    // A helper that was hung up on starts a process to see whether the agent is gone; that one finds it and ends.
    await expect.poll(() => agentProcesses(world)).toEqual([pid]);
    if (!isLong) return;
    // V8 collects some seconds after the last work.
    await expect
      .poll(() => usageOf(pid).privateBytes - before.privateBytes, { timeout: 60_000, interval: 500 })
      .toBeLessThan(LASTING_BYTES);
  });
});
