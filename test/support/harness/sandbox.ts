import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { productPaths } from '../../../src/platform/paths.ts';
import { waitForAgentsLook } from './agents-look.ts';
import { makeHomeFolders, makeWindowsFolders } from './home-folders.ts';
import { killAll, processesWith, type SandboxProcess } from './processes.ts';
import { systemVariables } from './system-variables.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type { SandboxProcess };

/** A separate home: the developer's machine is neither read nor changed. */
export interface Sandbox {
  readonly root: string;
  /** For child processes. Holds no proxy, no certificates, no D-Bus of the developer's. */
  readonly env: Readonly<Record<string, string>>;
  /** The user's `config.json`. */
  readonly configFile: string;
  /** The product's state, log and runtime folders; the product makes them. */
  readonly stateFolder: string;
  readonly runtimeFolder: string;
  /** Writes the user's `config.json` (0600), which counts for the next request. */
  writeConfig(config: object): void;
  /** What `xdg-open` was called with so far, oldest first. Linux only: elsewhere the opener isn't found by PATH. */
  openedUrls(): string[];
  /** The next URL after the first `seen` ones; waits until there is one. @throws Error after `timeoutMs`. */
  waitForOpenedUrl(timeoutMs?: number, seen?: number): Promise<string>;
  /** Processes that were started in this sandbox and still run, such as a detached agent. None on Windows. */
  processes(): SandboxProcess[];
  /** Kills those processes. On Windows, stop the agent first: a folder with open files can't be removed. */
  killProcesses(): Promise<void>;
  /** The same, and removes the folder. */
  dispose(): Promise<void>;
}

/** Makes a fresh home under the system's folder for temporary files. */
export function createSandbox(): Sandbox {
  // Short: a socket's path may have 107 bytes (104 on macOS), and the agent's is below.
  const root = realpathSync(mkdtempSync(join(temporaryFolder(), 'fch-')));
  const folders = { ...makeHomeFolders(root), TMPDIR: join(root, 'tmp') };
  const bin = join(root, 'bin');
  for (const folder of [folders.TMPDIR, bin]) mkdirSync(folder, { mode: 0o700 });
  const opened = join(root, 'opened-urls');
  writeRecorder(join(bin, 'xdg-open'), opened);
  // The machine's own openers must not be found: a desktop's would start a browser where a test lets xdg-open fail.
  for (const opener of ['gio', 'wslview']) writeProgram(join(bin, opener), 'exit 1');

  const env = {
    ...folders,
    ...(process.platform === 'win32' ? makeWindowsFolders(root) : {}),
    ...systemVariables(bin),
    LANG: 'C.UTF-8',
    USER: 'tester',
    LOGNAME: 'tester',
  };
  const paths = productPaths(env);
  const configFile = join(paths.config, 'config.json');
  const processes = (): SandboxProcess[] => processesWith(`HOME=${folders.HOME}`);
  const openedUrls = (): string[] => readLines(opened);
  return {
    root,
    env,
    configFile,
    stateFolder: paths.state,
    runtimeFolder: paths.runtime,
    writeConfig(config) {
      mkdirSync(paths.config, { recursive: true, mode: 0o700 });
      writeFileSync(configFile, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
      waitForAgentsLook();
    },
    openedUrls,
    async waitForOpenedUrl(timeoutMs = 60_000, seen = 0) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const url = openedUrls()[seen];
        if (url !== undefined) return url;
        if (Date.now() > deadline) throw new Error(`no URL was opened within ${timeoutMs} ms`);
        await sleep(20);
      }
    },
    processes,
    killProcesses: () => killAll(processes),
    async dispose() {
      await killAll(processes);
      rmSync(root, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function writeRecorder(script: string, file: string): void {
  // One write per call: lines of two callers don't mix.
  writeProgram(script, `printf '%s\\n' "$1" >> '${file}'`);
}

function writeProgram(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

function readLines(file: string): string[] {
  try {
    // What's behind the last line break is still being written.
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch {
    return [];
  }
}
