// Microsoft's own authentication runtime for Linux, which talks to the identity broker as Microsoft's applications do.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFolder } from '../../../scripts/project-folder.ts';
import type { RuntimeAnswer, RuntimeApplication, RuntimeCall } from './msal-runtime-program.ts';

const FOLDER = join(projectFolder, 'build', 'msal-runtime');
const ADDON = join(FOLDER, 'npm/node_modules/@azure/msal-node-runtime/dist/linux/ubuntu/x64/msal-node-runtime.node');
const LIBRARIES = join(FOLDER, 'root/usr/lib/x86_64-linux-gnu');
const PROGRAM = join(import.meta.dirname, 'msal-runtime-program.ts');
const DEADLINE_MS = 120_000;

/** Whether scripts/install-msal-runtime.ts has run here. */
export const hasMsalRuntime =
  process.platform === 'linux' && process.arch === 'x64' && existsSync(ADDON) && existsSync(LIBRARIES);

/**
 * Makes the calls one after the other, in a process with this environment.
 * @throws Error if the runtime can't be loaded, or the process ends in another way
 */
export async function callMsalRuntime(
  env: Readonly<Record<string, string>>,
  application: RuntimeApplication,
  calls: readonly RuntimeCall[],
): Promise<readonly RuntimeAnswer[]> {
  const args = ['--disable-warning=ExperimentalWarning', PROGRAM, ADDON, JSON.stringify(application)];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, JSON.stringify(calls)], {
    env: { ...env, LD_LIBRARY_PATH: LIBRARIES },
    timeout: DEADLINE_MS,
  });
  return JSON.parse(stdout) as RuntimeAnswer[];
}
