// A Windows of its own for a test: a headless Wine prefix, with programs run from a Windows parent.
import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { installedRuntime } from '../../../installers/build/binary.ts';
import { installTargetDependencies } from '../../../installers/build/target-dependencies.ts';
import { targets } from '../../../installers/build/targets.ts';
import { clonePrefix, wineEnvironment } from './wine-template.ts';

const execute = promisify(execFile);

export interface WineRun {
  /** All 32 bits of it; -1 when the program did not start. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
  readonly timedOut: boolean;
  /** Another process kept the output open after the program's end: Claude Desktop would wait for that. */
  readonly outputHeldOpen: boolean;
}

export interface WineRunOptions {
  /** Over the prefix's own environment; `null` takes a variable away. */
  readonly env?: Readonly<Record<string, string | null>>;
  /** A Windows path. */
  readonly cwd?: string;
  /** The whole standard input; without it there is none. */
  readonly input?: string;
  /** Default 60 s. */
  readonly timeoutMs?: number;
  /** Passes `args` as they stand: for programs such as msiexec that do not read quotes as C programs do. */
  readonly verbatim?: boolean;
}

export interface WineCommand extends WineRunOptions {
  /** A Windows path, or a name that Windows finds. */
  readonly program: string;
  readonly args?: readonly string[];
}

export interface WinePrefix {
  readonly root: string;
  /** Drive C, as Linux sees it. */
  readonly driveC: string;
  /** For Wine's own commands on Linux. */
  readonly env: Readonly<Record<string, string>>;
  run(program: string, args?: readonly string[], options?: WineRunOptions): Promise<WineRun>;
  /** Starts all of them at once, from one parent. */
  runAll(commands: readonly WineCommand[]): Promise<readonly WineRun[]>;
  /** Ends every program; the next one finds a Windows that has just been started. What was stored stays. */
  restart(): Promise<void>;
  /** Ends every program and removes the prefix. */
  stop(): Promise<void>;
}

/**
 * Makes a prefix (0.3 s once the template in build/ is there, which takes 10 s). In one for .NET's programs, Wine also has
 * its mscoree.dll, which loads the files of .NET.
 * @throws Error when Wine fails
 */
export async function createWinePrefix({ forDotNet = false } = {}): Promise<WinePrefix> {
  const root = await clonePrefix();
  const env = { ...wineEnvironment(root), ...(forDotNet ? { WINEDLLOVERRIDES: 'mshtml=' } : {}) };
  const node = await windowsNode();
  const parent = windowsPath(join(import.meta.dirname, 'wine-parent.cjs'));
  const scratch = join(root, 'runs');
  mkdirSync(scratch);

  const runAll = async (commands: readonly WineCommand[]): Promise<readonly WineRun[]> => {
    const folder = mkdtempSync(join(scratch, 'run-'));
    const [request, result] = [join(folder, 'request.json'), join(folder, 'result.json')];
    const rows = commands.map(({ args = [], env: variables = {}, timeoutMs = 60_000, ...rest }) => {
      return { ...rest, args, env: variables, timeoutMs };
    });
    writeFileSync(request, JSON.stringify(rows));
    await runWine(env, folder, [node, parent, windowsPath(request), windowsPath(result)]);
    return JSON.parse(readFileSync(result, 'utf8')) as WineRun[];
  };
  const restart = async (): Promise<void> => {
    // Fails where nothing runs.
    await execute('wineserver', ['-k'], { env }).catch(() => undefined);
    await execute('wineserver', ['-w'], { env });
  };
  return {
    root,
    driveC: join(root, 'drive_c'),
    env,
    async run(program, args = [], options = {}) {
      const [run] = await runAll([{ program, args, ...options }]);
      if (run === undefined) throw new Error('no result');
      return run;
    },
    runAll,
    restart,
    async stop() {
      await restart();
      rmSync(root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** How Windows programs name a file of Linux: Wine shows the root folder as drive Z. */
export function windowsPath(path: string): string {
  return `Z:${posix.normalize(path).replaceAll('/', '\\')}`;
}

/** Node for Windows, as the npm package has it. */
export async function windowsNode(): Promise<string> {
  const target = targets.find(({ name }) => name === 'windows-x64');
  if (target === undefined) throw new Error('installers/build/targets.ts has no windows-x64');
  return windowsPath(installedRuntime(target, await installTargetDependencies(target)));
}

/** The parent's own streams are files: with Unix pipes libuv fails under Wine ("open EBADF"). */
async function runWine(env: Readonly<Record<string, string>>, folder: string, args: readonly string[]): Promise<void> {
  const log = openSync(join(folder, 'parent.log'), 'w');
  const child = spawn('wine', args, { env, stdio: ['ignore', log, log] });
  closeSync(log);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (exitCode !== 0)
    throw new Error(`Wine exited with ${exitCode}: ${readFileSync(join(folder, 'parent.log'), 'utf8')}`);
}
