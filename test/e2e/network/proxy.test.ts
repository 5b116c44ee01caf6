// Proxies of companies: a real squid between the compiled binary and Entra.
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { findSecretsInFiles } from '../../support/harness/find-secrets.ts';
import { canUnshareMounts, seeing } from '../../support/harness/mount-namespace.ts';
import type { World } from '../../support/harness/world.ts';
import { listenForwarding } from '../../support/servers/forwarder.ts';
import type { Squid } from '../../support/servers/squid.ts';
import { binary } from '../support.ts';
import {
  enter,
  expectSignInAlive,
  HOST,
  refreshOver,
  signedInWorld,
  squidFor,
  startAgent,
  writeFile,
} from './support.ts';

let world: World;
beforeAll(async () => {
  world = await signedInWorld();
});
afterAll(() => world.dispose());

const tunnelled = (squid: Squid) => squid.log().filter((line) => line === `CONNECT ${HOST}:443 200 TCP_TUNNEL`).length;

describe('squid', () => {
  let squid: Squid;
  beforeAll(async () => {
    squid = await squidFor(world);
  });
  afterAll(() => squid.dispose());

  const address = () => `127.0.0.1:${squid.port}`;
  const noProxySetting = { proxy: undefined };

  it.each([
    ['proxy, with a scheme', () => ({ config: { proxy: `http://${address()}` } })],
    ['proxy, without one', () => ({ config: { proxy: address() } })],
    ['proxy, with a path', () => ({ config: { proxy: `http://${address()}/` } })],
    ['HTTPS_PROXY', () => ({ config: noProxySetting, env: { HTTPS_PROXY: `http://${address()}` } })],
    ['HTTPS_PROXY without a scheme', () => ({ config: noProxySetting, env: { HTTPS_PROXY: address() } })],
    ['https_proxy', () => ({ config: noProxySetting, env: { https_proxy: `HTTP://${address()}` } })],
    [
      'NO_PROXY for other hosts',
      () => ({ config: { proxy: address() }, env: { NO_PROXY: 'evil-online.com 10.0.0.0/8' } }),
    ],
  ])('is found by %s', async (_, network) => {
    const before = squid.log().length;
    expect(await refreshOver(world, network())).toMatchObject({ state: 'ok' });
    await expect.poll(() => squid.log().slice(before)).toContain(`CONNECT ${HOST}:443 200 TCP_TUNNEL`);
  });

  it('that stops is named, and the current token is still used; when it runs again, everything works', async () => {
    world.entra.accessTokenLifetimeSec = 30;
    onTestFinished(() => {
      world.entra.accessTokenLifetimeSec = 3_600;
    });
    const first = await refreshOver(world, { config: { proxy: address() } });
    await squid.stop();
    // A token of 30 s is refreshed when it has less than 24 s left.
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    const background = () => runHelper(binary, { context: 'background', env: world.env });
    expect(await background()).toMatchObject({ state: 'ok', token: first.token });
    await squid.start();
    await expect
      .poll(async () => (await background()).token, { timeout: 60_000, interval: 1_000 })
      .not.toBe(first.token);
    expect(await background()).toMatchObject({ state: 'ok' });
  });

  it("that isn't there at the start is named, and the next run over the same agent succeeds without it", async () => {
    const { port } = squid;
    await squid.stop();
    const helper = await refreshOver(world, { config: { proxy: address() } });
    expect(helper).toMatchObject({ exitCode: 7, stdout: '' });
    expect(helper.stderr).toContain(`${HOST} through the proxy 127.0.0.1:${port} (ECONNREFUSED)`);
    // The user moves to a network without it: the running agent follows the setting.
    world.sandbox.writeConfig(world.config);
    await new Promise((resolve) => setTimeout(resolve, 5_100));
    expect(await runHelper(binary, { context: 'interactive', env: world.env })).toMatchObject({ state: 'ok' });
    await squid.start();
    await expectSignInAlive(world);
  });
});

describe('squid that asks for credentials', () => {
  const username = 'ada@contoso.com';
  const password = 'p@ss:w/%#1é';
  const escaped = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
  let squid: Squid;
  beforeAll(async () => {
    squid = await squidFor(world, { credentials: { username, password } });
  });
  afterAll(() => squid.dispose());

  it.each([
    ['proxy', () => ({ config: { proxy: `http://${escaped}@127.0.0.1:${squid.port}` } })],
    ['proxy without a scheme', () => ({ config: { proxy: `${escaped}@127.0.0.1:${squid.port}` } })],
    [
      'HTTPS_PROXY',
      () => ({ config: { proxy: undefined }, env: { HTTPS_PROXY: `http://${escaped}@127.0.0.1:${squid.port}` } }),
    ],
  ])('gets them with their escapes undone from %s', async (_, network) => {
    const before = tunnelled(squid);
    expect(await refreshOver(world, network())).toMatchObject({ state: 'ok' });
    await expect.poll(() => tunnelled(squid)).toBe(before + 1);
  });

  it.each([
    ['none', ''],
    ['wrong ones', `${encodeURIComponent(username)}:canary-9f3a7@`],
  ])('answers 407 to %s: reported, and nothing is stored', async (_, credentials) => {
    const helper = await refreshOver(world, { config: { proxy: `http://${credentials}127.0.0.1:${squid.port}` } });
    expect(helper).toMatchObject({ exitCode: 7, stdout: '' });
    expect(helper.stderr).toContain('error[ERR_NETWORK_PROXY_AUTH]');
    expect(helper.stderr).toContain(`${HOST} through the proxy 127.0.0.1:${squid.port} (HTTP 407)`);
    expect(helper.stderr).not.toContain('canary');
    expect(findSecretsInFiles(world.sandbox.stateFolder, ['canary-9f3a7'])).toEqual([]);
    await expectSignInAlive(world);
  });
});

it('squid whose rules refuse the host answers 403: reported as that, not as missing credentials', async () => {
  const squid = await squidFor(world, { deny: ['.microsoftonline.com'] });
  onTestFinished(() => squid.dispose());
  const helper = await refreshOver(world, { config: { proxy: `http://127.0.0.1:${squid.port}` } });
  expect(helper).toMatchObject({ exitCode: 7, stdout: '' });
  expect(helper.stderr).toContain('error[ERR_NETWORK_PROXY]');
  expect(helper.stderr).toContain(`through the proxy 127.0.0.1:${squid.port} (HTTP 403)`);
  await expectSignInAlive(world);
});

// Needs a separate hosts file for the agent and port 443 of a loopback address.
describe.runIf(canUnshareMounts)('NO_PROXY', () => {
  const DIRECT = '127.0.0.77';

  it.each([
    ['a suffix', 'example.com,microsoftonline.com'],
    ['everything', '*'],
    ['the host with its port', `${HOST}:443`],
  ])('%s: Entra is reached without the proxy', async (_, noProxy) => {
    const direct = await listenForwarding(world.entra.port, 443, DIRECT);
    onTestFinished(() => void direct.close());
    // A proxy that no one runs: over it nothing can succeed.
    await enter(world, { proxy: 'http://127.0.0.1:9', noProxy: undefined });
    const hosts = writeFile(world, 'hosts', `127.0.0.1 localhost\n${DIRECT} ${HOST}\n`);
    await startAgent(world, { NO_PROXY: noProxy }, seeing(hosts, '/etc/hosts'));
    expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
    await expectSignInAlive(world);
  });
});

it('squid leaves nothing behind', async () => {
  const squid = await squidFor(world);
  await squid.dispose();
  expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(`test${squid.port}`);
});
