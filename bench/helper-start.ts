// `npm run bench`: how long Claude Desktop waits for the compiled helper, beside `node -e 0` of the same Node 22.
// Everything is the real program: an agent that signed in at the local test world, its token in hand ("warm"), or killed
// before each run, so that the helper starts it and it refreshes at the local Entra ("must start the agent").
//   npm run bench -- 100               rounds, default 50
//   npm run bench -- 50 as-they-lie    node_modules' node and dist/'s binary themselves, not fresh copies of both
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectFolder } from '../scripts/bundle.ts';
import { installedRuntime } from '../scripts/package-binary.ts';
import { hostTarget } from '../scripts/targets.ts';
import { runHelper } from '../test/harness/claude-desktop.ts';
import { createWorld, type World } from '../test/harness/world.ts';
import { alternate, type Command, type Timing } from './alternate.ts';

const DEFAULT_ROUNDS = 50;
/** Rounds that start an agent take ten times as long. */
const SHARE_WITH_AGENT_START = 0.2;

const rounds = Number(process.argv[2] ?? DEFAULT_ROUNDS);
const areCopied = process.argv[3] !== 'as-they-lie';
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const world = await createWorld();
try {
  const target = hostTarget();
  const node = prepare(installedRuntime(target), 'node');
  const binary = prepare(join(projectFolder, 'dist', target.executable), target.executable);
  await signIn(world, binary);

  const env = { ...world.env, CLAUDE_HELPER_CONTEXT: 'background' };
  const reference: Command = { name: 'node -e 0', file: node, args: ['-e', '0'], env };
  const helper: Command = { name: 'helper, agent warm', file: binary, args: [], env };
  const warm = await alternate([reference, helper], rounds);
  const starting: Command = { ...helper, name: 'helper, must start the agent', prepare: () => killAgent(world) };
  const cold = await alternate([reference, starting], Math.max(3, Math.round(rounds * SHARE_WITH_AGENT_START)));
  print([...warm, ...cold.slice(1)]);
} finally {
  await world.dispose();
  rmSync(folder, { recursive: true, force: true });
}

/**
 * How a file came into the page cache (written in which pieces, or read back from the disk by page faults) shifts a
 * start by up to 15 %. Copies made here, each in one piece, put both on the same footing.
 */
function prepare(path: string, name: string): string {
  if (!areCopied) return path;
  const copy = join(folder, name);
  writeFileSync(copy, readFileSync(path), { mode: 0o700 });
  return copy;
}

async function signIn({ entra, env }: World, binary: string): Promise<void> {
  const run = runHelper(binary, { context: 'interactive', env });
  entra.approve(await entra.waitForUserCode());
  const { state, stderr } = await run;
  if (state !== 'ok') throw new Error(`the sign-in failed: ${stderr}`);
}

/** Its socket stays behind, as after a crash. */
async function killAgent({ sandbox }: World): Promise<void> {
  await sandbox.killProcesses();
  while (sandbox.processes().length > 0) await sleep(5);
}

function print(timings: readonly Timing[]): void {
  const footing = areCopied ? 'fresh copies, same footing' : 'files as they lie';
  console.log(`${rounds} alternating rounds, ${footing}; milliseconds from spawn to exit.`);
  console.log('ratio: to node -e 0 of the same round, median.');
  const rows = timings.map(({ name, min, median, p90, ratio, ratioSpread: [low, high] }) => [
    name,
    {
      min: oneDigit(min),
      median: oneDigit(median),
      p90: oneDigit(p90),
      ratio: twoDigits(ratio),
      '10-90 %': `${twoDigits(low)}-${twoDigits(high)}`,
    },
  ]);
  console.table(Object.fromEntries(rows));
}

function oneDigit(value: number): number {
  return Number(value.toFixed(1));
}

function twoDigits(value: number): number {
  return Number(value.toFixed(2));
}
