// The agent as it keeps running a computer all day: memory and processor while idle, and how soon it answers, next to
// git's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { productVersion } from '../installers/build/bundle.ts';
import { encodeFrame } from '../src/ipc/frame.ts';
import { PROTOCOL_VERSION } from '../src/ipc/protocol.ts';
import { memoryOf } from '../test/support/harness/process-memory.ts';
import type { World } from '../test/support/harness/world.ts';
import type { Measure } from './measure.ts';
import { GIT_QUERY, gitCacheSocket } from './peers.ts';
import { quantile } from './quantile.ts';

interface Quantiles {
  /** Microseconds. */
  readonly median: number;
  readonly p99: number;
}

export interface Latency {
  readonly how: string;
  readonly ours: Quantiles;
  /** git's daemon. */
  readonly peer: Quantiles;
  /** Of the medians of each round, the median. */
  readonly ratio: number;
}

export interface Residence {
  readonly privateDirtyMb: number;
  /** Processor time in milliseconds over `idleSeconds`. */
  readonly idleCpuMs: number;
  readonly idleSeconds: number;
  readonly latencies: readonly Latency[];
}

const REQUESTS = 1_000;
const ROUNDS = 10;
const THREADS = 32;

/** @param pid of an agent that has a token */
export async function observe(measure: Measure, world: World, pid: number, idleSeconds: number): Promise<Residence> {
  const latencies: Latency[] = [];
  for (const threads of [1, THREADS]) {
    const ours: number[] = [];
    const peer: number[] = [];
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const times = await askBoth(measure, world, REQUESTS / ROUNDS, threads);
      ours.push(...times.ours);
      peer.push(...times.peer);
      ratios.push(quantile(times.ours, 0.5) / quantile(times.peer, 0.5));
    }
    const how = threads === 1 ? 'one after the other' : `${threads} together`;
    latencies.push({ how, ours: quantiles(ours), peer: quantiles(peer), ratio: quantile(ratios, 0.5) });
  }
  // V8 gives memory back in its own time.
  await sleep(20_000);
  const before = cpuMs(pid);
  await sleep(idleSeconds * 1000);
  return {
    privateDirtyMb: memoryOf(pid, 'Private_Dirty') / 2 ** 20,
    idleCpuMs: cpuMs(pid) - before,
    idleSeconds,
    latencies,
  };
}

/** Asks the world's agent, then its git daemon, so many times; microseconds of each. */
export async function askBoth(measure: Measure, world: World, count: number, threads: number) {
  const query = inFile(world, 'git-request', `action=get\ntimeout=86400\n${GIT_QUERY}`);
  return {
    ours: await askOnly(measure, world, count, threads),
    peer: await measure.ask(gitCacheSocket(world), query, 'eof', count, threads),
  };
}

/** Asks the world's agent for a helper's output that often; microseconds of each. */
export function askOnly(measure: Measure, world: World, count: number, threads: number): Promise<readonly number[]> {
  return measure.ask(join(world.sandbox.runtimeFolder, 'agent.sock'), agentRequest(world), 'line', count, threads);
}

/** Sends the agent's request to another server that often, one after the other; microseconds of each answer. */
export function askServer(measure: Measure, world: World, socket: string, count: number): Promise<readonly number[]> {
  return measure.ask(socket, agentRequest(world), 'line', count, 1);
}

function agentRequest(world: World): string {
  const request = { method: 'helper-output', context: 'background', elapsedMs: 20 } as const;
  return inFile(
    world,
    'agent-request',
    encodeFrame({ protocol: PROTOCOL_VERSION, version: productVersion(), request }),
  );
}

/** Answers each connection's first bytes with a line, as the least that a server in JavaScript can do. */
const EMPTY_SERVER = `require('node:net').createServer((socket) => {
  socket.once('data', () => socket.end('{"result":{}}\\n'));
}).listen(process.argv[1], () => process.stdout.write('ready'));`;

/** Runs `use` with the socket of an empty server that has no compiled code, like the agent. */
export async function withEmptyServer<T>(node: string, world: World, use: (socket: string) => Promise<T>): Promise<T> {
  const socket = join(world.sandbox.root, 'empty.sock');
  const server = spawn(node, ['--jitless', '-e', EMPTY_SERVER, socket], {
    env: world.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    await once(server.stdout, 'data');
    return await use(socket);
  } finally {
    server.kill();
    rmSync(socket, { force: true });
  }
}

function inFile(world: World, name: string, content: string | Uint8Array): string {
  const path = join(world.sandbox.root, name);
  writeFileSync(path, content);
  return path;
}

function quantiles(times: readonly number[]): Quantiles {
  return { median: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** proc(5): fields 14 and 15 of `stat`, in ticks of 10 ms. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
