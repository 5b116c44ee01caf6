// Bad input and trouble on the compiled binary: each gives a clear error or plain success, and loses nothing.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { credentialKey } from '../../src/agent/credentials/credential-key.ts';
import { runHelper } from '../support/harness/claude-desktop.ts';
import type { World } from '../support/harness/world.ts';
import { binary, run, runJson, signIn, worldForTest } from './support.ts';

const background = (world: World) => runHelper(binary, { context: 'background', env: world.env });

describe('configuration', () => {
  it.each([
    ['a wrong type', { tenantId: 7 }, 'ERR_CONFIG_INVALID', '"tenantId"'],
    ['a wrong value beside an unknown key', { later: 1, cloud: 'moon' }, 'ERR_CONFIG_INVALID', '"cloud"'],
    ['the common tenant', { tenantId: 'common' }, 'ERR_CONFIG_INVALID', '"tenantId"'],
    ['a SOCKS proxy', { proxy: 'socks5://localhost:1' }, 'ERR_CONFIG_INVALID', '"proxy"'],
    ['no tenant', { tenantId: undefined }, 'ERR_CONFIG_MISSING', '"tenantId"'],
    ['a CA file that is not there', { caFile: '/nonexistent/ca.pem' }, 'ERR_CONFIG_UNREADABLE', '/nonexistent/ca.pem'],
    ['a method of a later version', { signInMethod: 'passkey' }, 'ERR_CONFIG_INVALID', '"signInMethod"'],
  ])('%s is exit 3 and named', async (_, change, code, text) => {
    const world = await worldForTest({ config: change });
    const helper = await runHelper(binary, { context: 'interactive', env: world.env });
    expect(helper).toMatchObject({ state: 'failed', exitCode: 3, stdout: '' });
    expect(helper.stderr).toContain(code);
    expect(helper.stderr).toContain(text);
  });

  it("a file that isn't JSON is named with its line; when it's fixed, the running agent uses it", async () => {
    const world = await worldForTest();
    const good = readFileSync(world.sandbox.configFile, 'utf8');
    writeFileSync(world.sandbox.configFile, '{\n  "tenantId": "x",\n}');
    const helper = await background(world);
    expect(helper.exitCode).toBe(3);
    expect(helper.stderr).toContain(`${world.sandbox.configFile} isn't valid JSON, line 3`);
    writeFileSync(world.sandbox.configFile, good);
    expect(await background(world)).toMatchObject({ exitCode: 4 });
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
  });

  it('a proxy without a scheme is read as http', async () => {
    const world = await worldForTest();
    world.sandbox.writeConfig({ ...world.config, proxy: String(world.config['proxy']).replace('http://', '') });
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
    expect(world.proxy.tunnels).toBeGreaterThan(0);
  });

  it('shows every value with its origin, the proxy password hidden', async () => {
    const world = await worldForTest({ config: { proxy: 'http://ada:pa%24s-canary@127.0.0.1:1' } });
    const shown = await run(world.env, 'config', 'show');
    expect(shown.exitCode).toBe(0);
    expect(shown.stdout).toContain(world.sandbox.configFile);
    expect(shown.stdout).not.toContain('canary');
  });
});

describe('the keystore', () => {
  it.each(['absent', 'no-bus'] as const)('%s: exit 8 with the remedy, no prompt', async (secretService) => {
    const world = await worldForTest({ secretService });
    for (const context of ['background', 'interactive']) {
      const helper = await runHelper(binary, { context, env: world.env });
      expect(helper).toMatchObject({ state: 'failed', exitCode: 8, stdout: '' });
      expect(helper.stderr).toMatch(/error\[ERR_KEYSTORE_UNAVAILABLE\].*\nhint: .*GNOME Keyring/);
    }
    expect((await run(world.env, 'login')).exitCode).toBe(8);
    expect(world.sandbox.openedUrls()).toEqual([]);
    expect(world.entra.requests).toEqual([]);
  });

  it('locked: exit 8; unlocked again, the sign-in is still there', async () => {
    const world = await worldForTest();
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    await world.secretService?.lock();
    const helper = await runHelper(binary, { context: 'interactive', env: world.env });
    expect(helper).toMatchObject({ state: 'failed', exitCode: 8, stdout: '' });
    expect(helper.stderr).toContain('ERR_KEYSTORE_LOCKED');
    expect(world.sandbox.openedUrls()).toHaveLength(1);
    await world.secretService?.unlock();
    expect(await background(world)).toMatchObject({ state: 'ok' });
    expect(world.entra.count('devicecode')).toBe(1);
  });

  it('locked while the agent has a token: no one notices', async () => {
    const world = await worldForTest();
    await signIn(world);
    await world.secretService?.lock();
    expect(await background(world)).toMatchObject({ state: 'ok' });
  });

  it.each([
    ['truncated', '{"v":1,"rt":"0.AX'],
    ['foreign', 'hello'],
  ])('a %s record: exit 8 unattended and untouched; a finished sign-in replaces it', async (_, text) => {
    const world = await worldForTest();
    storeRecord(world, text);
    expect(await background(world)).toMatchObject({ exitCode: 8, stdout: '' });
    expect(readRecord(world)).toBe(text);
    expect(await runJson(world.env, 'status')).toMatchObject({ problem: { code: 'ERR_KEYSTORE_DAMAGED' } });
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
    expect(readRecord(world)).not.toBe(text);
  });

  it('an entry that was deleted in the keyring program: exit 8 unattended, and a session signs in again', async () => {
    const world = await worldForTest();
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    secretTool(world, ['clear', ...attributes(world)]);
    const { exitCode, stderr } = await background(world);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 8,
      stderr: expect.stringContaining('ERR_KEYSTORE_MISSING'),
    });
    expect(await runJson(world.env, 'status')).toMatchObject({ problem: { code: 'ERR_KEYSTORE_MISSING' } });
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
    expect(readRecord(world)).toContain('refreshToken');
  });

  it('an entry that was deleted in the keyring program is forgotten by a sign-out', async () => {
    const world = await worldForTest();
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    secretTool(world, ['clear', ...attributes(world)]);
    expect(await run(world.env, 'logout')).toMatchObject({ exitCode: 0 });
    expect(await background(world)).toMatchObject({ exitCode: 4 });
  });

  it('a record that a newer version wrote: exit 8 in every context, untouched until logout', async () => {
    const world = await worldForTest();
    const text = '{"v":3,"new":"shape"}';
    storeRecord(world, text);
    for (const context of ['background', 'interactive']) {
      expect(await runHelper(binary, { context, env: world.env })).toMatchObject({ exitCode: 8, stdout: '' });
    }
    expect((await run(world.env, 'login')).exitCode).toBe(8);
    expect(readRecord(world)).toBe(text);
    expect(await run(world.env, 'logout')).toMatchObject({ exitCode: 0 });
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
  });
});

function storeRecord(world: World, text: string): void {
  secretTool(world, ['store', '--label=test', ...attributes(world)], text);
}

function readRecord(world: World): string {
  return secretTool(world, ['lookup', ...attributes(world)]);
}

function attributes({ config }: World): string[] {
  const key = credentialKey({ tenantId: String(config['tenantId']), clientId: String(config['clientId']) });
  return ['service', 'foundry-credential-helper', 'username', key];
}

function secretTool(world: World, args: string[], input = ''): string {
  return execFileSync('secret-tool', args, { env: world.env, input, encoding: 'utf8' });
}

describe('the disk', () => {
  // Root ignores permissions, so a read-only folder is a file in its place or a full file system here.
  it("a state folder that can't be made: a clear error, exit 6", async () => {
    const world = await worldForTest();
    rmSync(world.sandbox.stateFolder, { recursive: true, force: true });
    mkdirSync(join(world.sandbox.stateFolder, '..'), { recursive: true });
    writeFileSync(world.sandbox.stateFolder, '');
    const helper = await background(world);
    expect(helper).toMatchObject({ state: 'failed', exitCode: 6, stdout: '' });
    expect(helper.stderr).toContain(world.sandbox.stateFolder);
  });

  it.runIf(process.getuid?.() === 0 && process.platform === 'linux')(
    "full: the sign-in and every token still work; when there's room again, the log continues",
    async () => {
      const world = await worldForTest();
      mkdirSync(world.sandbox.stateFolder, { recursive: true, mode: 0o700 });
      mountTiny(world.sandbox.stateFolder);
      const ballast = join(world.sandbox.stateFolder, 'ballast');
      execFileSync('/bin/sh', ['-c', `cat /dev/zero > "${ballast}" 2>/dev/null || true`]);
      expect(await signIn(world)).toMatchObject({ state: 'ok' });
      expect(await background(world)).toMatchObject({ state: 'ok' });
      await run(world.env, 'agent', 'stop');
      expect(await background(world)).toMatchObject({ state: 'ok' });
      expect(world.entra.count('devicecode')).toBe(1);
    },
  );

  it.runIf(process.getuid?.() === 0 && process.platform === 'linux')('read-only: tokens are handed out', async () => {
    const world = await worldForTest();
    await signIn(world);
    await run(world.env, 'agent', 'stop');
    mountTiny(world.sandbox.stateFolder, 'ro,');
    chmodSync(world.sandbox.runtimeFolder, 0o700);
    expect(await background(world)).toMatchObject({ state: 'ok' });
  });

  it("a link, a FIFO or a foreign file in place of the state file isn't followed or waited for", async () => {
    const world = await worldForTest();
    mkdirSync(world.sandbox.stateFolder, { recursive: true, mode: 0o700 });
    const victim = join(world.sandbox.root, 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, join(world.sandbox.stateFolder, 'agent.json'));
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    await run(world.env, 'agent', 'stop');
    rmSync(join(world.sandbox.stateFolder, 'agent.json'), { force: true });
    execFileSync('mkfifo', [join(world.sandbox.stateFolder, 'agent.json')]);
    expect(await background(world)).toMatchObject({ state: 'ok' });
  });

  it('a cache folder that may not run programs: the keystore addon is unpacked elsewhere', async () => {
    const world = await worldForTest();
    writeFileSync(join(world.env['XDG_CACHE_HOME'] ?? '', 'foundry-credential-helper'), '');
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
  });

  it('a changed addon in the cache is replaced, not loaded', async () => {
    const world = await worldForTest();
    await signIn(world);
    const folder = join(world.env['XDG_CACHE_HOME'] ?? '', 'foundry-credential-helper');
    const [addon] = execFileSync('ls', [folder], { encoding: 'utf8' }).trim().split('\n');
    if (addon === undefined) throw new Error('no addon was unpacked');
    await run(world.env, 'agent', 'stop');
    const path = join(folder, addon);
    const good = readFileSync(path);
    writeFileSync(path, 'not the addon');
    expect(await background(world)).toMatchObject({ state: 'ok' });
    expect(existsSync(path) && readFileSync(path).equals(good)).toBe(true);
  });
});

/** A file system of 64 KiB on the folder, gone when the test ends. */
function mountTiny(folder: string, options = ''): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `${options}size=64k,mode=0700`, 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
}
