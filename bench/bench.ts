// `npm run bench`: what the helper costs anyone who waits for it, next to what a user would have instead, in one run,
// in turn.
//   npm run bench -- 100        rounds, default 40
//   npm run bench -- 40 docs    writes docs/explanation/performance.md and its pictures too
//   npm run bench -- --check    only checks the ratios that must not get worse (check.ts)
// All are the real programs: an agent signed in at the local Entra server, a real Secret Service, Debian's peers.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installedRuntime, makeBinary } from '../installers/build/binary.ts';
import { projectFolder } from '../installers/build/bundle.ts';
import { hostTarget, type Target } from '../installers/build/targets.ts';
import { ensureDebianPackages } from '../scripts/debian-dependencies.ts';
import { runNode } from '../scripts/steps.ts';
import type { World } from '../test/support/harness/world.ts';
import { alternate, type Contender, type Result } from './alternate.ts';
import { barChart } from './chart.ts';
import { checkRatios } from './check.ts';
import { buildMeasure } from './measure.ts';
import { AZURE_CLI, run, startPeers } from './peers.ts';
import { quantile } from './quantile.ts';
import { observe, type Residence } from './resident.ts';
import { askAfterSilence, type FirstAndAgain, SILENCE_MS, type Silence, silentWorlds, slowdown } from './silence.ts';
import { agentPid, Worlds } from './worlds.ts';

ensureDebianPackages([process.argv.includes('--check') ? 'bench-check' : 'bench']);

const WARM = 'helper, token ready';
const SIGNED_OUT = 'helper, not signed in';

const rounds = Number(process.argv[2] ?? 40);
const idleSeconds = 60;
const SILENT_ROUNDS = 1;
const worlds = new Worlds();
const cleanups: (() => unknown)[] = [() => worlds.dispose()];

async function main(): Promise<void> {
  // Node 20 starts twice as slowly with it, and no one's peers have it.
  delete process.env['NODE_EXTRA_CA_CERTS'];
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const measure = buildMeasure(folder);
  if (!runNode('installers/build/build.ts', [])) throw new Error('the build failed');
  const target = hostTarget();
  const node = freshCopy(readFileSync(installedRuntime(target)), join(folder, 'node'));
  const binary = freshCopy(
    readFileSync(join(projectFolder, 'dist', target.executable)),
    join(folder, target.executable),
  );
  const empty = freshCopy(readFileSync(await emptyProgram(target)), join(folder, 'empty'));
  // How a file came into memory shifts a start by up to 15 %. Here all are read from the disk by being run, as on a
  // computer that was restarted.
  for (const file of [node, binary, empty]) forget(file);

  const warm = await worlds.signedIn(binary);
  const refreshing = await worlds.signedIn(binary, { entra: {} });
  refreshing.entra.accessTokenLifetimeSec = 2;
  await run(binary, ['agent', 'stop'], refreshing.env);
  const starting = await worlds.signedIn(binary);
  const withKey = await worlds.create({ config: { credential: 'api-key' } });
  await run(binary, ['login', '--api-key'], withKey.env, 'bench-key-0123456789abcdef0123456789abcdef\n');
  const signedOut = await worlds.create();
  await run(binary, ['agent', 'start'], signedOut.env);

  const peers = await startPeers(warm);
  cleanups.push(...peers.flatMap(({ stop }) => (stop === undefined ? [] : [stop])));
  const helper = (name: string, { env }: World, more: Partial<Contender> = {}): Contender => ({
    ...{ name, file: binary, args: [], isOurs: true, ...more },
    env: { ...env, CLAUDE_HELPER_CONTEXT: 'background' },
  });
  const contenders: readonly Contender[] = [
    { name: 'node -e 0', file: node, args: ['-e', '0'], env: warm.env },
    { name: 'an empty program of the same kind', file: empty, args: [], env: warm.env },
    helper(WARM, warm),
    helper(SIGNED_OUT, signedOut, { exitCode: 4 }),
    helper('helper, token to be refreshed', refreshing, { prepare: () => sleep(2_000), everyRounds: 4 }),
    helper('helper, agent absent: start and refresh', starting, { prepare: () => kill(starting), everyRounds: 4 }),
    helper('helper, agent absent: start and keystore', withKey, { prepare: () => kill(withKey), everyRounds: 4 }),
    ...peers.map(({ contender }) => contender),
  ];
  const before = refreshing.entra.count('refresh');
  const results = await alternate(measure, contenders, rounds, progress);
  if (refreshing.entra.count('refresh') - before < rounds / 4) throw new Error("the token wasn't refreshed each time");
  const cold = await diskCold(measure, folder, warm, { node, binary });
  const residence = await observe(measure, warm, await agentPid(binary, warm), idleSeconds);
  const silent = await silentWorlds(worlds, binary);
  report(results, cold, residence, await askAfterSilence(measure, binary, silent, SILENT_ROUNDS));
}

/**
 * What Node's format for programs costs before there is one: Node as in this program, with a script that does nothing.
 */
async function emptyProgram(target: Target): Promise<string> {
  const main = join(projectFolder, 'build/bench/empty.js');
  const output = join(projectFolder, 'build/bench/empty');
  mkdirSync(dirname(main), { recursive: true });
  writeFileSync(main, '');
  await makeBinary({ target, runtime: installedRuntime(target), main, assets: {}, output });
  return output;
}

/**
 * Drops a file that no one runs from the page cache. What isn't on the disk yet would count as a process's own memory.
 */
function forget(file: string): void {
  execFileSync('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none']);
}

/** Its own copy, anyone who runs the original. */
function freshCopy(bytes: Buffer, path: string): string {
  writeFileSync(path, bytes);
  chmodSync(path, 0o700);
  return path;
}

/** Its socket stays behind, as after a crash. */
async function kill({ sandbox }: World): Promise<void> {
  await sandbox.killProcesses();
  while (sandbox.processes().length > 0) await sleep(5);
}

interface ColdStart {
  readonly name: string;
  /** Milliseconds. */
  readonly median: number;
}

/** The program's own file dropped from the page cache before each run, as after a restart of the computer. */
async function diskCold(
  measure: ReturnType<typeof buildMeasure>,
  folder: string,
  { env }: World,
  files: { readonly node: string; readonly binary: string },
): Promise<readonly ColdStart[]> {
  const commands = [
    { name: 'node -e 0', from: files.node, args: ['-e', '0'] },
    { name: WARM, from: files.binary, args: [] },
  ];
  const cold: ColdStart[] = [];
  for (const { name, from, args } of commands) {
    // A copy that no one runs: the pages of a program that runs stay.
    const file = freshCopy(readFileSync(from), join(folder, 'cold'));
    const times: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      forget(file);
      const program = { name, file, args, env: { ...env, CLAUDE_HELPER_CONTEXT: 'background' } };
      times.push((await measure.run(program)).wallMs);
    }
    cold.push({ name, median: quantile(times, 0.5) });
  }
  return cold;
}

function progress(round: number): void {
  process.stderr.write(round < 0 ? '\rwarming up ' : `\rround ${round + 1} of ${rounds} `);
  if (round === rounds - 1) process.stderr.write('\n');
}

function report(results: readonly Result[], cold: readonly ColdStart[], residence: Residence, silence: Silence): void {
  const text = `${processTable(results)}\n\n${besideWarm(results)}\n\n${coldTable(cold)}\n\n${residenceTable(residence)}\n\n${silenceTable(silence)}`;
  console.log(text);
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}`;
  const raw = { date: new Date().toISOString(), machine, rounds, results, cold, residence, silence };
  const json = `${JSON.stringify(raw)}\n`;
  mkdirSync(join(projectFolder, 'build/bench'), { recursive: true });
  writeFileSync(join(projectFolder, 'build/bench/bench.json'), json);
  if (process.argv[3] !== 'docs') return;
  const docs = join(projectFolder, 'docs/explanation');
  const images = join(projectFolder, 'docs/images/performance');
  mkdirSync(images, { recursive: true });
  writeFileSync(join(docs, 'performance.json'), json);
  writeFileSync(join(images, 'helper.svg'), chart(results));
  const page = readFileSync(join(docs, 'performance.md'), 'utf8');
  const start = page.indexOf('<!-- measured -->') + '<!-- measured -->'.length;
  const end = page.indexOf('<!-- /measured -->');
  const measured = `\nOn ${machine}; ${raw.date.slice(0, 10)}; ${rounds} rounds.\n\n${text}\n`;
  writeFileSync(join(docs, 'performance.md'), `${page.slice(0, start)}${measured}${page.slice(end)}`);
}

function processTable(results: readonly Result[]): string {
  const rows = results.map(({ name, runs, ratio, spread: [low, high] }) => {
    const wall = runs.map(({ wallMs }) => wallMs);
    const middle = (pick: (run: (typeof runs)[number]) => number): string => quantile(runs.map(pick), 0.5).toFixed(1);
    return `| ${name} | ${quantile(wall, 0).toFixed(1)} | ${quantile(wall, 0.5).toFixed(1)} | ${quantile(wall, 0.9).toFixed(1)} | ${ratio.toFixed(2)} | ${low.toFixed(2)}-${high.toFixed(2)} | ${middle(({ cpuMs }) => cpuMs)} | ${middle(({ peakMb }) => peakMb)} |`;
  });
  return `| whole process | min ms | median ms | 90 % ms | to node -e 0 | 10-90 % | CPU ms | peak MB |\n|---|---|---|---|---|---|---|---|\n${rows.join('\n')}`;
}

/** In multiples of a helper that gets its token. */
function besideWarm(results: readonly Result[]): string {
  const medianMs = (name: string): number =>
    quantile(results.find((result) => result.name === name)?.runs.map(({ wallMs }) => wallMs) ?? [], 0.5);
  const times = (name: string): string => (medianMs(name) / medianMs(WARM)).toFixed(1);
  return `Compared with "${WARM}", by medians: "${SIGNED_OUT}" takes ${times(SIGNED_OUT)} times as long, "${AZURE_CLI}" ${times(AZURE_CLI)} times.`;
}

function coldTable(cold: readonly ColdStart[]): string {
  const rows = cold.map(({ name, median }) => `| ${name} | ${median.toFixed(0)} |`);
  return `| its file not in memory | median ms |\n|---|---|\n${rows.join('\n')}`;
}

function residenceTable({ latencies, privateDirtyMb, idleCpuMs, idleSeconds: seconds }: Residence): string {
  const rows = latencies.map(
    ({ how, ours, peer, ratio }) =>
      `| ${how} | ${ours.median} | ${ours.p99} | ${peer.median} | ${peer.p99} | ${ratio.toFixed(1)} |`,
  );
  return `| answer, from connect to the last byte | agent, median us | 99 % us | git credential-cache--daemon | 99 % us | ratio |\n|---|---|---|---|---|---|\n${rows.join('\n')}

The agent, idle after a sign-in and 2,000 requests: ${privateDirtyMb.toFixed(1)} MB private dirty memory, ${idleCpuMs} ms of processor time in ${seconds} s.`;
}

function silenceTable({ helper, agent, git, idleCpuMs }: Silence): string {
  const row = (name: string, unit: string, times: FirstAndAgain): string =>
    `| ${name} | ${quantile(times.first, 0.5).toFixed(1)} ${unit} | ${quantile(times.again, 0.5).toFixed(1)} ${unit} | ${slowdown(times).toFixed(2)} |`;
  return `| after ${SILENCE_MS / 1000} s of silence | first | a moment later | ratio |
|---|---|---|---|
${row("a helper's whole run", 'ms', helper)}
${row("the agent's answer", 'us', agent)}
${row("git credential-cache--daemon's answer", 'us', git)}

Processor time of an agent in these ${SILENCE_MS / 1000} s: median ${quantile(idleCpuMs, 0.5)} ms, at most ${Math.max(...idleCpuMs)} ms.`;
}

function chart(results: readonly Result[]): string {
  const bars = results.map(({ name, isOurs, runs, ratio }) => {
    const value = quantile(
      runs.map(({ wallMs }) => wallMs),
      0.5,
    );
    return { name, isOurs, value: Math.min(value, 300), label: `${value.toFixed(0)} ms (${ratio.toFixed(2)})` };
  });
  return barChart('Whole process, median; in brackets to node -e 0; bars end at 300 ms', bars);
}

try {
  if (process.argv.includes('--check')) process.exitCode = (await checkRatios(worlds)) ? 0 : 1;
  else await main();
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}
