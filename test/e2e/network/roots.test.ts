// A proxy that inspects TLS: squid with ssl-bump, whose root the compiled binary gets in each way there is.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { canUnshareMounts, seeing } from '../../support/harness/mount-namespace.ts';
import type { World } from '../../support/harness/world.ts';
import { INSPECTION_ISSUER, type Squid } from '../../support/servers/squid.ts';
import { binary, run } from '../support.ts';
import {
  agents,
  enter,
  expectSignInAlive,
  HOST,
  logged,
  refreshOver,
  signedInWorld,
  squidFor,
  startAgent,
  writeFile,
} from './support.ts';

let world: World;
let squid: Squid;
/** The inspecting network, without its own root. */
let inspected: { readonly proxy: string; readonly caFile: undefined };
let rootFile: string;
beforeAll(async () => {
  world = await signedInWorld();
  squid = await squidFor(world, { inspect: { trustedRoot: world.ca.pem } });
  rootFile = writeFile(world, 'inspection.pem', squid.root ?? '');
  inspected = { proxy: `http://127.0.0.1:${squid.port}`, caFile: undefined };
});
afterAll(async () => {
  await squid.dispose();
  await world.dispose();
});

const background = () => runHelper(binary, { context: 'background', env: world.env });

it('an unknown issuer is named immediately, and nothing is sent to it', async () => {
  const requests = world.entra.requests.length;
  const helper = await refreshOver(world, { config: inspected });
  expect(helper).toMatchObject({ exitCode: 7, stdout: '' });
  expect(helper.stderr).toContain('error[ERR_NETWORK_TLS]');
  expect(helper.stderr).toContain(`${HOST} through the proxy 127.0.0.1:${squid.port} (`);
  expect(helper.stderr).toContain(
    `the issuer of its certificate isn't trusted); it names itself "${INSPECTION_ISSUER}"`,
  );
  expect(helper.stderr).toContain('caFile');
  expect(squid.log().filter((line) => line.startsWith('POST'))).toEqual([]);
  expect(world.entra.requests.length).toBe(requests);
  await expectSignInAlive(world);
});

describe('its root is trusted', () => {
  it.each([
    ['caFile', () => ({ config: { ...inspected, caFile: rootFile } }), 0],
    ['NODE_EXTRA_CA_CERTS', () => ({ config: inspected, env: { NODE_EXTRA_CA_CERTS: rootFile } }), 0],
    [
      'NODE_EXTRA_CA_CERTS beside a caFile without it',
      () => ({ config: { ...inspected, caFile: world.caFile }, env: { NODE_EXTRA_CA_CERTS: rootFile } }),
      0,
    ],
    ["the system's store", () => ({ config: inspected, env: { SSL_CERT_FILE: rootFile } }), 1],
    [
      "the system's store beside a caFile without it",
      () => ({ config: { ...inspected, caFile: world.caFile }, env: { SSL_CERT_FILE: rootFile } }),
      1,
    ],
  ])('by %s', async (_, network, reads) => {
    const before = logged(world, 'system-roots-read');
    const posts = () => squid.log().filter((line) => line.startsWith(`POST https://${HOST}/`)).length;
    const postsBefore = posts();
    expect(await refreshOver(world, network())).toMatchObject({ state: 'ok' });
    await expect.poll(posts).toBe(postsBefore + 1);
    expect(logged(world, 'system-roots-read') - before).toBe(reads);
  });

  it.runIf(canUnshareMounts)('by the file that update-ca-certificates writes', async () => {
    await enter(world, inspected);
    const store = '/etc/ssl/certs/ca-certificates.crt';
    const merged = writeFile(world, 'merged.crt', `${readFileSync(store, 'utf8')}\n${squid.root}`);
    await startAgent(world, {}, seeing(merged, store));
    expect(await background()).toMatchObject({ state: 'ok' });
  });
});

it('the store is read once, and remembered for the sign-ins and refreshes to come', async () => {
  const before = logged(world, 'system-roots-read');
  world.entra.accessTokenLifetimeSec = 10;
  try {
    const first = await refreshOver(world, { config: inspected, env: { SSL_CERT_FILE: rootFile } });
    // A token of 10 s is refreshed when it has less than 8 s left.
    await expect.poll(async () => (await background()).token, { interval: 500 }).not.toBe(first.token);
  } finally {
    world.entra.accessTokenLifetimeSec = 3_600;
  }
  expect(logged(world, 'system-roots-read') - before).toBe(1);
  await expectSignInAlive(world);
});

it("the store isn't read if it isn't needed", async () => {
  const before = logged(world, 'system-roots-read');
  expect(await refreshOver(world, { env: { SSL_CERT_FILE: rootFile } })).toMatchObject({ state: 'ok' });
  expect(logged(world, 'system-roots-read')).toBe(before);
});

it('while reading the store hangs, the helper is answered in time and the agent stops promptly', async () => {
  // Reading a FIFO that no one writes to holds the thread up for ever, as a slow Keychain does for a while.
  const fifo = join(world.sandbox.root, 'slow-store');
  execFileSync('mkfifo', [fifo]);
  await enter(world, inspected);
  const helper = runHelper(binary, { context: 'mid-session-refresh', env: { ...world.env, SSL_CERT_FILE: fifo } });
  await expect.poll(() => agents(world).length).toBe(1);
  expect(await helper).toMatchObject({ state: 'failed', stdout: '' });
  expect(await run(world.env, 'status')).toMatchObject({ exitCode: 0 });
  expect(await run(world.env, 'agent', 'stop')).toMatchObject({ exitCode: 0 });
  await expect.poll(() => agents(world)).toEqual([]);
  await expectSignInAlive(world);
});

it('a damaged store has the same effect as no store', async () => {
  const damaged = writeFile(world, 'damaged.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  const helper = await refreshOver(world, { config: inspected, env: { SSL_CERT_FILE: damaged } });
  expect(helper.stderr).toContain(INSPECTION_ISSUER);
  await expectSignInAlive(world);
});
