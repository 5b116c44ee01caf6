import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openUrl } from '../../../src/platform/open-url.ts';
import type { PortalBehavior } from '../../support/harness/fake-portal.ts';
import { killOwned, spawnOwned } from '../../support/harness/process-cleanup.ts';
import { startWithoutSecretService } from '../../support/harness/secret-service.ts';

const ADDRESS = 'http://127.0.0.1:49152/p/4f9c?x=1&y=$HOME';
const FAKE = join(import.meta.dirname, '../../support/harness/fake-portal.ts');

let folder: string;
const stops: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portal-'));
  program('xdg-open');
});
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
  rmSync(folder, { recursive: true, force: true });
});

const lines = (name: string): readonly string[] =>
  existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').trimEnd().split('\n') : [];
const asked = () => lines('asked').filter((line) => line !== 'closed');
const opened = () => lines('opened');

/** A program that notes its name and arguments. */
function program(name: string): string {
  const file = join(folder, 'bin', name);
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >>'${folder}/opened'\n`);
  chmodSync(file, 0o755);
  return file;
}

/** A session with a bus, and a portal on it whose own display is `:7`. */
async function session(behavior?: PortalBehavior): Promise<NodeJS.ProcessEnv> {
  const bus = await startWithoutSecretService({ root: folder });
  stops.push(() => bus.stop());
  if (behavior !== undefined) {
    const args = ['--disable-warning=ExperimentalWarning', FAKE, behavior, join(folder, 'asked')];
    const env = { ...bus.env, DISPLAY: ':7', WAYLAND_DISPLAY: 'wayland-7' };
    const portal = spawnOwned(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    stops.push(() => killOwned(portal));
    if (portal.stdout !== null) await once(portal.stdout, 'data');
  }
  return { ...bus.env, PATH: join(folder, 'bin'), DISPLAY: ':7' };
}

const open = (env: NodeJS.ProcessEnv) => openUrl(ADDRESS, { folder, platform: 'linux', env });

describe.runIf(process.platform === 'linux')('the desktop portal', () => {
  it.each(['0', 'early', 'old'] as const)(
    'opens the unchanged address, and nothing else does (%s)',
    async (behavior) => {
      expect(await open(await session(behavior))).toBe(true);
      expect(asked()[0]).toBe(ADDRESS);
      expect(opened()).toEqual([]);
      await expect.poll(() => lines('asked')).toEqual([ADDRESS, 'closed']);
    },
  );

  it('may show a dialog, during which the connection stays', async () => {
    expect(await open(await session('dialog'))).toBe(true);
    expect(lines('asked')).toEqual([ADDRESS]);
    expect(opened()).toEqual([]);
  });

  it("isn't replaced by another opener if the user closes its dialog", async () => {
    expect(await open(await session('1'))).toBe(false);
    expect(opened()).toEqual([]);
  });

  it.each(['2', 'not-supported', 'crash', 'silent'] as const)(
    'falls back to xdg-open if it fails (%s)',
    async (how) => {
      expect(await open(await session(how))).toBe(true);
      expect(asked()[0]).toBe(ADDRESS);
      expect(opened()).toEqual([`xdg-open ${ADDRESS}`]);
    },
  );

  it("isn't asked if it has no browser to offer", async () => {
    expect(await open(await session('no-browser'))).toBe(true);
    expect(asked()).toEqual([]);
    expect(opened()).toHaveLength(1);
  });

  it("is recognized as this screen's by either name", async () => {
    const env = await session('0');
    expect(await open({ ...env, DISPLAY: ':7.0' })).toBe(true);
    expect(await open({ ...env, DISPLAY: ':8', WAYLAND_DISPLAY: 'wayland-7' })).toBe(true);
    expect(opened()).toEqual([]);
  });

  it("isn't asked if it belongs to another display, or the session has none", async () => {
    const env = await session('0');
    expect(await open({ ...env, DISPLAY: ':8' })).toBe(true);
    expect(await open({ ...env, DISPLAY: '' })).toBe(true);
    expect(await open({ ...env, DISPLAY: undefined })).toBe(true);
    expect(asked()).toEqual([]);
    expect(opened()).toHaveLength(3);
  });

  it("isn't asked if BROWSER names a browser that works", async () => {
    const env = await session('0');
    expect(await open({ ...env, BROWSER: program('code-browser') })).toBe(true);
    expect(asked()).toEqual([]);
    expect(opened()).toEqual([`code-browser ${ADDRESS}`]);
    expect(await open({ ...env, BROWSER: '/nowhere/browser' })).toBe(true);
    expect(asked()[0]).toBe(ADDRESS);
  });

  it("isn't asked in WSL if wslview works", async () => {
    program('wslview');
    expect(await open({ ...(await session('0')), WSL_DISTRO_NAME: 'Debian' })).toBe(true);
    expect(asked()).toEqual([]);
    expect(opened()).toEqual([`wslview ${ADDRESS}`]);
  });
});

describe.runIf(process.platform === 'linux')('without a portal, xdg-open opens the address', () => {
  const expectOpenedWith = async (env: NodeJS.ProcessEnv) => {
    expect(await open({ PATH: join(folder, 'bin'), DISPLAY: ':7', ...env })).toBe(true);
    expect(opened()).toEqual([`xdg-open ${ADDRESS}`]);
  };

  it('on a bus that has none', async () => expectOpenedWith(await session()));

  it.each([
    'unix:path=/nowhere/bus',
    'unix:',
    'unix:abstract=fch-nobody-listens',
    'tcp:host=127.0.0.1,port=9',
    'unixexec:path=/bin/false',
    'autolaunch:',
    'rubbish',
  ])('if the bus is %j', (address) => expectOpenedWith({ DBUS_SESSION_BUS_ADDRESS: address }));

  it('without a bus', () => expectOpenedWith({}));

  it.each([
    ['says nothing', () => undefined],
    ['hangs up', 'end'],
    ['refuses', 'REJECTED EXTERNAL\r\n'],
    ['talks nonsense', `OK 1234\r\n${'x'.repeat(1000)}`],
  ])('if the bus %s', async (_, answer) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (answer === 'end') socket.end();
      else if (typeof answer === 'string') socket.write(answer);
    });
    onTestFinished(() => void server.close());
    const path = join(folder, 'odd-bus');
    server.listen(path);
    await once(server, 'listening');
    await expectOpenedWith({ DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` });
  });
});
