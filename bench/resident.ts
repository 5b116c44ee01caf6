// The agent as it lives on a computer all day: memory and processor while idle, and how soon it answers, beside git's.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { version } from '../src/core/version.ts';
import { encodeFrame } from '../src/ipc/frame.ts';
import { PROTOCOL_VERSION } from '../src/ipc/protocol.ts';
import { memoryOf } from '../test/harness/process-memory.ts';
import type { World } from '../test/harness/world.ts';
import type { Measure } from './measure.ts';
import { GIT_QUERY, gitCacheSocket } from './peers.ts';
import { quantile } from './quantile.ts';

export interface Latency {
  readonly name: string;
  /** Microseconds. */
  readonly median: number;
  readonly p99: number;
}

export interface Residence {
  readonly privateDirtyMb: number;
  /** Processor time in milliseconds over `idleSeconds`. */
  readonly idleCpuMs: number;
  readonly idleSeconds: number;
  readonly latencies: readonly Latency[];
}

const REQUESTS = 1_000;
const THREADS = 32;

/** @param pid of an agent that has a token */
export async function observe(measure: Measure, world: World, pid: number, idleSeconds: number): Promise<Residence> {
  const latencies: Latency[] = [];
  const agent = join(world.sandbox.runtimeFolder, 'agent.sock');
  const request = { method: 'helper-output', context: 'background', elapsedMs: 20 } as const;
  const question = inFile(world, 'agent-request', encodeFrame({ protocol: PROTOCOL_VERSION, version, request }));
  const query = inFile(world, 'git-request', `action=get\ntimeout=86400\n${GIT_QUERY}`);
  for (const threads of [1, THREADS]) {
    const how = threads === 1 ? 'one after the other' : `${threads} at once`;
    const ours = await measure.ask(agent, question, 'line', REQUESTS, threads);
    const git = await measure.ask(gitCacheSocket(world), query, 'eof', REQUESTS, threads);
    latencies.push(latency(`agent, ${how}`, ours), latency(`git credential-cache--daemon, ${how}`, git));
  }
  // V8 gives memory back in its own time.
  await sleep(10_000);
  const before = cpuMs(pid);
  await sleep(idleSeconds * 1000);
  return {
    privateDirtyMb: memoryOf(pid, 'Private_Dirty') / 2 ** 20,
    idleCpuMs: cpuMs(pid) - before,
    idleSeconds,
    latencies,
  };
}

function inFile(world: World, name: string, content: string | Uint8Array): string {
  const path = join(world.sandbox.root, name);
  writeFileSync(path, content);
  return path;
}

function latency(name: string, times: readonly number[]): Latency {
  return { name, median: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** proc(5): fields 14 and 15 of `stat`, in ticks of 10 ms. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
