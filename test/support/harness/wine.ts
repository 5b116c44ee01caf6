// Its own Windows for a test: a headless Wine prefix, with programs run from a Windows parent.
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { installedRuntime } from '../../../installers/build/binary.ts';
import { installTargetDependencies } from '../../../installers/build/target-dependencies.ts';
import { targets } from '../../../installers/build/targets.ts';
import { wineEnvironment } from '../../../installers/windows/wine-prefix.ts';
import {
  startWindowsParent,
  type WindowsParent,
  type WineCommand,
  type WineRun,
  type WineRunOptions,
} from './windows-parent.ts';
import { clonePrefix } from './wine-template.ts';

const execute = promisify(execFile);

export type { WineRun, WineRunOptions };

export interface WinePrefix {
  readonly root: string;
  /** Drive C, as Linux sees it. */
  readonly driveC: string;
  /** For Wine's own commands on Linux. */
  readonly env: Readonly<Record<string, string>>;
  run(program: string, args?: readonly string[], options?: WineRunOptions): Promise<WineRun>;
  /** Starts all of them at the same time, from one parent. */
  runAll(commands: readonly WineCommand[]): Promise<readonly WineRun[]>;
  /** Ends every program; the next one finds a Windows that has just been started. What was stored stays. */
  restart(): Promise<void>;
  /** Ends every program and removes the prefix. */
  stop(): Promise<void>;
}

/**
 * Makes a prefix (0.3 s once the template in build/ is there, which takes 10 s). In one for .NET's programs, Wine also
 * has its mscoree.dll, which loads the files of .NET.
 * @throws Error when Wine fails
 */
export async function createWinePrefix({ forDotNet = false } = {}): Promise<WinePrefix> {
  const root = await clonePrefix();
  const env = { ...wineEnvironment(root), ...(forDotNet ? { WINEDLLOVERRIDES: 'mshtml=' } : {}) };
  const command = [await windowsNode(), windowsPath(join(import.meta.dirname, 'wine-parent.cjs'))];
  let parent: Promise<WindowsParent> | undefined;

  const livingParent = async (): Promise<WindowsParent> => {
    const current = parent;
    const found = await current?.catch(() => undefined);
    if (found?.isAlive() === true) return found;
    // Another run may have started one meanwhile.
    if (parent === current || parent === undefined) parent = startWindowsParent(env, root, command);
    return parent;
  };
  const runAll = async (commands: readonly WineCommand[]): Promise<readonly WineRun[]> => {
    const rows = commands.map(({ args = [], env: variables = {}, timeoutMs = 120_000, ...rest }) => {
      return { ...rest, args, env: variables, timeoutMs };
    });
    return (await livingParent()).run(rows);
  };
  const restart = async (): Promise<void> => {
    (await parent?.catch(() => undefined))?.end();
    parent = undefined;
    // Fails if nothing runs.
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
