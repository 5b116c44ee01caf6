// A small project in a temporary folder, with stand-ins for npm and apt-get that record how they were called.
import { spawn, spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { hostTarget } from '../../../installers/build/targets.ts';

const { name: host, runtime: pinned } = hostTarget();
const { package: runtimePackage, file: runtimeFile } = pinned;
const locked = {
  '': {},
  'node_modules/a': { version: '1.0.0' },
  'node_modules/b': { version: '2.0.0', optional: true },
};

let root: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'with-runtime-'));
  cpSync(join(projectFolder, 'scripts/with-runtime.mjs'), join(root, 'scripts/with-runtime.mjs'));
  pin(pinned.sha256);
  writeJson('package-lock.json', { packages: locked });
  writeJson('node_modules/.package-lock.json', { packages: { 'node_modules/a': { version: '1.0.0' } } });
  const runtime = join(root, 'node_modules', runtimePackage, runtimeFile);
  mkdirSync(join(runtime, '..'), { recursive: true });
  // On Windows only developers may make links.
  if (process.platform === 'win32') copyFileSync(process.execPath, runtime);
  else symlinkSync(process.execPath, runtime);
  write('show.ts', 'console.log(JSON.stringify({ args: process.argv.slice(2), env: process.env })); process.exit(7);');
  write(
    'npm.mjs',
    `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(join(root, 'npm-args'))}, process.argv.slice(2).join(' '));`,
  );
  env = { PATH: '/usr/bin:/bin', npm_execpath: join(root, 'npm.mjs'), NODE_EXTRA_CA_CERTS: '/etc/hostname' };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('with-runtime', () => {
  it('passes arguments and exit code through, and keeps the developer’s extra certificates out', () => {
    const { status, stdout } = run('show.ts', 'a b', '--c');
    const seen = JSON.parse(stdout) as { args: string[]; env: Record<string, string> };
    expect(status).toBe(7);
    expect(seen.args).toEqual(['a b', '--c']);
    expect(seen.env['PATH']?.split(delimiter)[0]).toBe(join(root, 'node_modules', runtimePackage, 'bin'));
    expect(seen.env).not.toHaveProperty('NODE_EXTRA_CA_CERTS');
  });

  it("runs nothing with a Node that isn't the one of installers/build/runtimes.json", () => {
    const runtime = join(root, 'node_modules', runtimePackage, runtimeFile);
    const bytes = readFileSync(process.execPath);
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
    rmSync(runtime);
    writeFileSync(runtime, bytes, { mode: 0o755 });
    const { status, stdout, stderr } = run('show.ts');
    expect([status, stdout]).toEqual([1, '']);
    const expected = `installers/build/runtimes.json expects ${pinned.sha256}`;
    expect(stderr).toContain(
      `${runtime} isn't nodejs.org's Node: its SHA-256 is ${hash('sha256', bytes)}, but ${expected}`,
    );
  });

  it('leaves npm alone when the locked packages are there', () => {
    run('show.ts');
    expect(existsSync(join(root, 'npm-args'))).toBe(false);
  });

  it.each([
    ['nothing is installed', undefined],
    ['a package is missing', { packages: {} }],
    ['a package has another version', { packages: { 'node_modules/a': { version: '1.0.1' } } }],
    [
      'another system’s package that is there has another version',
      { packages: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.1' } } },
    ],
  ])('runs npm ci without install scripts when %s', (_, installed) => {
    if (installed === undefined) rmSync(join(root, 'node_modules/.package-lock.json'));
    else writeJson('node_modules/.package-lock.json', installed);
    run('show.ts');
    expect(readFileSync(join(root, 'npm-args'), 'utf8')).toMatch(/^ci --ignore-scripts /);
  });

  describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('on a Linux without libatomic', () => {
    const runtime = () => join(root, 'node_modules', runtimePackage, runtimeFile);
    beforeEach(() => {
      rmSync(runtime());
      executable(
        runtime(),
        `[ -e ${root}/libatomic ] && exec ${process.execPath} "$@"
echo "$0: error while loading shared libraries: libatomic.so.1: cannot open shared object file" >&2; exit 127`,
      );
      pin(hash('sha256', readFileSync(runtime())));
      mkdirSync(join(root, 'bin'));
      env['PATH'] = `${root}/bin:/usr/bin:/bin`;
    });

    it('installs it, with fresh package lists if need be, and says what for', () => {
      const whenUpdated = `case "$*" in *update) touch ${root}/lists;; *) [ -e ${root}/lists ] && touch ${root}/libatomic;; esac`;
      executable(join(root, 'bin/apt-get'), `echo "$@" >> ${root}/apt-args\n${whenUpdated}`);
      const { status, stderr } = run('show.ts');
      expect(status).toBe(7);
      expect(stderr).toBe('Installing libatomic.so.1 with apt-get (Debian package libatomic1): Node needs it ...\n');
      const install = '-q install -y --no-install-recommends libatomic1';
      expect(readFileSync(join(root, 'apt-args'), 'utf8')).toBe(`${install}\n-q update\n${install}\n`);
    });

    it('says what to do if that fails', () => {
      executable(join(root, 'bin/apt-get'), 'exit 100');
      const { status, stderr } = run('show.ts');
      expect(status).toBe(1);
      expect(stderr).toContain('  apt-get update && apt-get install -y --no-install-recommends libatomic1\n');
    });
  });

  // Windows has no signals that a program could be ended by.
  it.skipIf(process.platform === 'win32')('ends by the signal that ended the script', async () => {
    write('wait.ts', 'console.log("up"); setInterval(() => undefined, 1000);');
    const child = spawn(process.execPath, [join(root, 'scripts/with-runtime.mjs'), 'wait.ts'], { cwd: root, env });
    child.stdout.once('data', () => child.kill('SIGTERM'));
    expect(await new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))).toBe('SIGTERM');
  });
});

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(root, 'scripts/with-runtime.mjs'), ...args], { env, encoding: 'utf8' });
}

/** Names the only Node that may run. */
function pin(sha256: string): void {
  writeJson('installers/build/runtimes.json', { targets: { [host]: { ...pinned, sha256 } } });
}

function executable(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

function write(file: string, text: string): void {
  writeFileSync(join(root, file), text);
}

function writeJson(file: string, value: unknown): void {
  mkdirSync(join(root, file, '..'), { recursive: true });
  write(file, JSON.stringify(value));
}
