// `npm run bench`: how long Claude Desktop waits for the helper while the agent is up, beside `node -e 0` of the same
// Node. The agent is a real server of our protocol in this process that answers at once, so that only the helper counts.
//   npm run bench -- 100        rounds, default 50
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../scripts/bundle.ts';
import { hostTarget } from '../scripts/targets.ts';
import { agentEndpoint } from '../src/ipc/endpoint.ts';
import { IpcServer } from '../src/ipc/server.ts';
import { productPaths } from '../src/platform/paths.ts';
import { alternate, type Command, type Timing } from './alternate.ts';

const DEFAULT_ROUNDS = 50;
/** About as long as an Entra access token. */
const OUTPUT = 'x'.repeat(2_000);

const home = mkdtempSync(join(tmpdir(), 'bench-'));
const runtime = join(home, 'run');
mkdirSync(runtime, { mode: 0o700 });
const env = { PATH: '/usr/bin:/bin', HOME: home, XDG_RUNTIME_DIR: runtime, CLAUDE_HELPER_CONTEXT: 'background' };
const endpoint = agentEndpoint(productPaths(env));
mkdirSync(endpoint.folder, { recursive: true, mode: 0o700 });
const server = new IpcServer({ endpoint, handler: () => Promise.resolve({ output: OUTPUT }) });
await server.listen();
try {
  const target = hostTarget();
  const commands: readonly Command[] = [
    { name: 'node -e 0', file: freshCopy(process.execPath, 'node'), args: ['-e', '0'], env },
    { name: 'helper', file: freshCopy(join(projectFolder, 'dist', target.executable), 'helper'), args: [], env },
  ];
  const rounds = Number(process.argv[2] ?? DEFAULT_ROUNDS);
  print(await alternate(commands, rounds), rounds);
} finally {
  await server.close();
  rmSync(home, { recursive: true, force: true });
}

/**
 * How a file came into the page cache (by which writes, in which sizes) shifts a start by 10 %; a copy made here in one
 * go puts all on the same footing.
 */
function freshCopy(path: string, name: string): string {
  const copy = join(home, name);
  writeFileSync(copy, readFileSync(path), { mode: 0o700 });
  return copy;
}

function print(timings: readonly Timing[], rounds: number): void {
  console.log(`${rounds} alternating rounds, milliseconds from spawn to exit; ratio to the first row, pairwise median`);
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
