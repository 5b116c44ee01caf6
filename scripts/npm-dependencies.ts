// Installs npm packages that aren't the project's own, each set in its own folder. A lock file makes npm check their
// integrity.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { hashFile } from '../installers/build/hash-file.ts';

const MANIFESTS = ['package.json', 'package-lock.json'];

/**
 * Installs what the lock file in `manifests` names into `folder`, unless the last run did. Returns the path of its
 * `node_modules`. Doesn't run the packages' scripts.
 * @throws Error if npm fails
 */
export async function installNpmDependencies(manifests: string, folder: string, ...options: string[]): Promise<string> {
  const nodeModules = join(folder, 'node_modules');
  const stamp = join(folder, 'installed');
  const locked = await hashFile(join(manifests, 'package-lock.json'));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === locked) return nodeModules;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of MANIFESTS) copyFileSync(join(manifests, name), join(folder, name));
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--no-progress'];
  runNpm(folder, ['ci', '--ignore-scripts', '--omit=dev', '--include=optional', ...quiet, ...options]);
  writeFileSync(stamp, locked);
  return nodeModules;
}

/**
 * Runs npm with the host's own Node, because npm finds the computer's settings, such as the registry's certificate,
 * next to that Node. Under `npm run`, npm says where it is; otherwise it's the next one on PATH after this project's.
 */
function runNpm(cwd: string, args: readonly string[]): void {
  const { npm_execpath: script, npm_node_execpath: node, NPM_EXTRA_CA_CERTS: roots } = process.env;
  const [command, ...first] = script === undefined || node === undefined ? ['npm'] : [node, script];
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((path) => path !== dirname(process.execPath));
  const env = { ...process.env, PATH: folders.join(delimiter), NODE_EXTRA_CA_CERTS: roots };
  const { status, error } = spawnSync(command, [...first, ...args], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (error !== undefined) throw new Error(`npm couldn't be started: ${error.message}`);
  if (status !== 0) throw new Error(`"npm ${args.join(' ')}" failed`);
}
