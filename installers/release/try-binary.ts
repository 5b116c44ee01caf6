// Runs a target's binary if this machine can, and says what was done.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostTarget, type Target } from '../build/targets.ts';
import { makeWinePrefix, wineEnvironment } from '../windows/wine-prefix.ts';
import { checkExecutableFormat } from './executable-format.ts';

/** Where Debian's libc6-arm64-cross, libstdc++6-arm64-cross and libatomic1-arm64-cross lie. */
const ARM64_ROOT = '/usr/aarch64-linux-gnu';
const ARM64_LIBRARIES = ['ld-linux-aarch64.so.1', 'libstdc++.so.6', 'libatomic.so.1'];
const QEMU = ['/usr/bin/qemu-aarch64-static', '/usr/bin/qemu-aarch64'];

/**
 * QEMU for Linux programs of arm64, and the folder above their libraries; `undefined` if this computer lacks either.
 */
export function arm64Emulator(): { readonly qemu: string; readonly root: string } | undefined {
  const qemu = QEMU.find((path) => existsSync(path));
  const hasLibraries = ARM64_LIBRARIES.every((name) => existsSync(join(ARM64_ROOT, 'lib', name)));
  return qemu !== undefined && hasLibraries ? { qemu, root: ARM64_ROOT } : undefined;
}

/**
 * A few words for a table: the binary's `version` was run, and by what, or it was only inspected.
 * @throws Error when it isn't this target's, or didn't print that it is
 */
export async function tryBinary(target: Target, file: string): Promise<string> {
  checkExecutableFormat(target, file);
  if (target === hostTarget()) return expectVersion(target, runHere([file, 'version']), 'run here');
  if (target.name === 'linux-arm64') {
    const emulator = arm64Emulator();
    if (emulator !== undefined) {
      return expectVersion(target, runHere([emulator.qemu, '-L', emulator.root, file, 'version']), 'run by qemu');
    }
  }
  if (target.name === 'windows-x64' && existsSync('/usr/bin/wine')) {
    return expectVersion(target, await runByWine(file), 'run by Wine');
  }
  return target.platform === 'darwin' ? 'not run; format and signature checked' : 'not run; format checked';
}

function expectVersion(target: Target, printed: string, how: string): string {
  const place = `${target.platform}-${target.arch}`;
  if (!printed.includes(place)) throw new Error(`${target.name} printed ${JSON.stringify(printed)}, not "… ${place}"`);
  return how;
}

function runHere([command = '', ...args]: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' });
}

/** Wine can't pass a Unix pipe on to Node: the output goes to a file. */
async function runByWine(file: string): Promise<string> {
  const prefix = mkdtempSync(join(tmpdir(), 'wine-'));
  const env = wineEnvironment(prefix);
  try {
    await makeWinePrefix(prefix);
    const output = join(prefix, 'output');
    spawnSync('wine', [file, 'version'], { env, stdio: ['ignore', openSync(output, 'w'), 'ignore'] });
    return readFileSync(output, 'utf8');
  } finally {
    spawnSync('wineserver', ['-k'], { env, stdio: 'ignore' });
    rmSync(prefix, { recursive: true, force: true, maxRetries: 5 });
  }
}
