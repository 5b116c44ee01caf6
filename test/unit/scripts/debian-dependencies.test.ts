// With a stand-in for apt-get that records how it was called, alone on PATH.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectFolder } from '../../../scripts/project-folder.ts';

const module = join(projectFolder, 'scripts/debian-dependencies.ts');
const isDebian = process.platform === 'linux' && existsSync('/etc/debian_version');

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'debian-dependencies-'));
  for (const name of ['env', 'sh', 'cat']) symlinkSync(`/usr/bin/${name}`, join(root, name));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe.runIf(isDebian)('Debian packages', () => {
  it.runIf(process.getuid?.() === 0)('are installed by root, with a message that says why', () => {
    aptGet('exit 0');
    const { status, stderr } = ensure('test/e2e');
    expect(status).toBe(0);
    expect(called()).toMatch(/install -y --no-install-recommends gnome-keyring /);
    expect(stderr).toContain('zbarimg (Debian package zbar-tools): reading QR codes as a phone does');
  });

  it.runIf(process.getuid?.() === 0)('are only those that the chosen tests need', () => {
    aptGet('exit 0');
    ensure('test/repo', 'build');
    expect(called()).toBe('-q install -y --no-install-recommends groff-base mandoc tmux elfutils\n');
  });

  it.runIf(process.getuid?.() === 0)('are tried again with fresh lists, then given up with apt’s own words', () => {
    aptGet('echo "E: no such package" >&2; exit 100');
    const { status, stderr } = ensure('test/e2e');
    expect(status).toBe(1);
    expect(stderr).toContain('E: no such package');
    expect(called()).toContain('update');
  });

  it("are named if there's no apt-get", () => {
    const { status, stderr } = ensure('demo');
    expect(status).toBe(1);
    expect(stderr).toContain('gnome-keyring-daemon (Debian package gnome-keyring)');
  });

  it("aren't looked for if nothing needs them", () => {
    expect(ensure()).toMatchObject({ status: 0, stderr: '' });
  });
});

function aptGet(rest: string): void {
  writeFileSync(join(root, 'apt-get'), `#!/bin/sh\necho "$@" >> ${root}/called\n${rest}\n`);
  chmodSync(join(root, 'apt-get'), 0o755);
}

const called = (): string => readFileSync(join(root, 'called'), 'utf8');

function ensure(...purposes: string[]): { status: number | null; stderr: string } {
  const script = `import { ensureDebianPackages } from ${JSON.stringify(module)};
    ensureDebianPackages(${JSON.stringify(purposes)});`;
  const args = ['--input-type=module', '--eval', script];
  return spawnSync(process.execPath, args, { env: { PATH: root }, encoding: 'utf8' });
}
