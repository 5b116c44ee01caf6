// Every command in surroundings where something is wrong: it ends, with an exit code that's documented for it, and says
// what's wrong in a sentence. In the long form all of them; otherwise a sample.
import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { COMMAND_ENDS } from '../../scripts/command-ends.ts';
import { program } from '../../src/cli/run-cli.ts';
import { findSecretsInText } from '../support/harness/find-secrets.ts';
import { isLong, sample } from '../support/harness/long.ts';
import { canUnshareMounts } from '../support/harness/mount-namespace.ts';
import { createWorld, type World } from '../support/harness/world.ts';
import { binary, signIn } from './support.ts';
import { CALLS, type Call } from './sweep/calls.ts';
import { CONDITIONS, type Condition, type Surroundings } from './sweep/conditions.ts';

/** To tell a command that hangs from a busy computer. */
const PATIENCE = 4;
const WAITING_SECONDS = 120;
/** After that long, what runs on is stopped. */
const RUNS_ON_MS = 8_000;

interface Case {
  readonly path: string;
  readonly call: Call;
  readonly condition: Condition;
}

interface Ending {
  readonly exit: number | 'hangs';
  readonly stdout: string;
  readonly stderr: string;
  /** Whether stderr could be read. */
  readonly seesStderr: boolean;
  readonly ms: number;
}

const cases: readonly Case[] = sample(
  Object.entries(CALLS).flatMap(([path, calls]) =>
    calls.flatMap((call) => CONDITIONS.map((condition) => ({ path, call, condition }))),
  ),
  29,
);
const results: { readonly tried: Case; readonly ending: Ending }[] = [];

/** The words of every command, hidden ones too. */
function pathsOf(command: Command, path: readonly string[] = []): readonly string[] {
  return [path.join(' '), ...command.commands.flatMap((child) => pathsOf(child, [...path, child.name()]))];
}

it.each([
  ['a way to call it', CALLS],
  ['documented ends', COMMAND_ENDS],
])('every command has %s', (_, table) => {
  expect(Object.keys(table).sort()).toEqual([...pathsOf(program())].sort());
});

describe.runIf(process.platform === 'linux')('every command', () => {
  for (const condition of CONDITIONS) {
    const own = cases.filter((one) => one.condition === condition);
    const canRun = canUnshareMounts || condition.needsMounts !== true;
    it.runIf(own.length > 0 && canRun).concurrent(`ends as documented: ${condition.name}`, () => sweep(condition, own));
  }
  afterAll(printTable);
});

async function sweep(condition: Condition, own: readonly Case[]): Promise<void> {
  const world = await createWorld({ config: { allowTokenEndpoint: true }, ...condition.options });
  const faults: string[] = [];
  try {
    await signIn(world);
    // A sign-in that no one finishes ends soon.
    world.entra.deviceCodeLifetimeSec = 2;
    await condition.prepare?.(world);
    for (const [index, tried] of own.entries()) {
      rmSync(world.sandbox.configFile, { recursive: true, force: true });
      world.sandbox.writeConfig(world.config);
      const ending = await runCall(world, tried, await condition.arrange(world), index);
      results.push({ tried, ending });
      for (const fault of faultsOf(tried, ending, world)) {
        faults.push(
          `${tried.call.args.join(' ')}: ${fault}\n${ending.stdout.slice(0, 500)}\n${ending.stderr.slice(0, 1000)}`,
        );
      }
    }
  } finally {
    await world.dispose();
  }
  expect(faults).toEqual([]);
}

/** Until it has ended and no one holds its output open any more. */
function runCall(world: World, { path, call }: Case, around: Surroundings, index: number): Promise<Ending> {
  const { through = [], stdout = 'pipe', stderr = 'pipe' } = around;
  const fresh = join(world.sandbox.root, `new-${index}`);
  const args = call.args.map((word) => word.replace('{new}', fresh));
  const [command = binary, ...rest] = [...through, binary, ...args];
  const startedAt = performance.now();
  const child = spawn(command, rest, {
    env: { ...around.env, ...call.env },
    cwd: world.sandbox.root,
    // Its signals go to what it runs through, too.
    detached: true,
    stdio: [call.stdin === undefined ? 'ignore' : 'pipe', stdout, stderr],
  });
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(call.stdin);
  const [out, errors] = [child.stdout, child.stderr].map(textOf);
  const stop = call.runsOn === true ? setTimeout(() => kill(child, 'SIGTERM'), RUNS_ON_MS) : undefined;
  let hangs = false;
  const seconds = (COMMAND_ENDS[path]?.seconds ?? WAITING_SECONDS) * PATIENCE;
  const giveUp = setTimeout(() => {
    hangs = true;
    kill(child, 'SIGKILL');
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  }, seconds * 1_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(stop);
      clearTimeout(giveUp);
      const exit = hangs ? 'hangs' : (code ?? 128 + constants.signals[signal ?? 'SIGKILL']);
      resolve({
        exit,
        stdout: out?.() ?? '',
        stderr: errors?.() ?? '',
        seesStderr: stderr === 'pipe' && !through.some((word) => word.includes('2>&-')),
        ms: Math.round(performance.now() - startedAt),
      });
    });
  });
}

/** It, and what runs it. */
function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal);
}

function textOf(stream: Readable | null): () => string {
  const chunks: Buffer[] = [];
  stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

/** A stack, the bundle's name or code, or what only this program's own fault gets. */
const TRACES = /^\s+at .+[:(]\d|node:internal|Node\.js v\d|\bcli\.js|ERR_INTERNAL/m;

function faultsOf({ path, call }: Case, ending: Ending, world: World): readonly string[] {
  const { exit, stdout, stderr, seesStderr } = ending;
  const { exits = [], prints = false } = COMMAND_ENDS[path] ?? {};
  const failed = exit !== 0;
  const isFull = stderr.includes('error[ERR_OUTPUT_UNWRITABLE]');
  const allowed = [0, 2, ...exits, ...(isFull ? [1] : []), ...(call.runsOn ? [143] : [])];
  const checks: readonly (readonly [boolean, string])[] = [
    [exit === 'hangs', 'never ended'],
    [exit !== 'hangs' && !allowed.includes(exit), `exit ${exit} isn't documented`],
    [TRACES.test(stdout + stderr), 'shows its insides'],
    [failed && !prints && stdout !== '', 'failed, but printed on stdout'],
    [failed && seesStderr && !prints && exit !== 143 && stderr === '', 'failed without a word'],
    [findSecretsInText(stderr, world.entra.secrets(), 'stderr').length > 0, 'shows a secret'],
  ];
  return checks.filter(([is]) => is).map(([, fault]) => fault);
}

/** A line for each call with its exit codes by condition, and how often each code came. */
function printTable(): void {
  if (!isLong) return;
  const tried = CONDITIONS.filter((condition) => results.some((one) => one.tried.condition === condition));
  const legend = tried.map(({ name }, index) => `${index + 1}: ${name}`);
  const calls = Object.values(CALLS).flat();
  const rows = calls.map((call) => {
    const name = [...Object.values(call.env ?? {}), ...call.args].join(' ');
    const own = results.filter((one) => one.tried.call === call);
    const exits = tried.map(
      (condition) => `${own.find((one) => one.tried.condition === condition)?.ending.exit ?? '-'}`,
    );
    const slowest = Math.max(...own.map(({ ending }) => ending.ms));
    return [name.padEnd(40), ...exits.map((exit) => exit.padStart(4)), `${slowest} ms`.padStart(10)].join('');
  });
  const counts = new Map<number | string, number>();
  for (const { ending } of results) counts.set(ending.exit, (counts.get(ending.exit) ?? 0) + 1);
  const summary = [...counts].sort().map(([exit, count]) => `exit ${exit}: ${count}`);
  process.stdout.write(`\n${[...legend, ...rows, ...summary, `${results.length} runs`].join('\n')}\n`);
}
