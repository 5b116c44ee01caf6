// A public network that lets no one out before its own sign-in: it answers in Entra's place, in each way there is.
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import type { World } from '../../support/harness/world.ts';
import { createCertificateAuthority } from '../../support/servers/certificate-authority.ts';
import { binary } from '../support.ts';
import { expectSignInAlive, HOST, refreshOver, signedInWorld } from './support.ts';

let world: World;
beforeAll(async () => {
  world = await signedInWorld();
});
afterAll(() => world.dispose());

const page = '<!doctype html><title>Welcome to the hotel</title>';
const answers = (status: number, headers = {}): RequestListener => {
  return (_, response) => response.writeHead(status, { 'content-type': 'text/html', ...headers }).end(page);
};
const hotel = { authority: 'Hotel Gateway', names: ['portal.hotel.test'] };
/** A gateway whose root the company trusts, so that its page reaches the client. */
const inspecting = { authority: undefined, names: [HOST] };

it.each([
  ['a page', inspecting, answers(200), 'ERR_NETWORK_REPLY', 'HTTP 200, text/html'],
  ['a redirect', inspecting, answers(302, { location: 'https://portal.hotel.test/' }), 'ERR_NETWORK_REPLY', 'HTTP 302'],
  ['511', inspecting, answers(511), 'ERR_NETWORK_REPLY', 'HTTP 511'],
  ['its own certificate', hotel, answers(200), 'ERR_NETWORK_TLS', '"Hotel Gateway"'],
  ['a made-up certificate', { ...hotel, names: [HOST] }, answers(200), 'ERR_NETWORK_TLS', '"Hotel Gateway"'],
  [
    'a certificate for its own name',
    { ...inspecting, names: hotel.names },
    answers(200),
    'ERR_NETWORK_TLS',
    'another host',
  ],
])('%s: reported; behind it, the sign-in still works', async (name, { authority, names }, listener, code, detail) => {
  const issuer = authority === undefined ? world.ca : await createCertificateAuthority(authority);
  const portal = createServer(await issuer.issue(names), listener);
  portal.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => portal.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    world.proxy.routes.set(`${HOST}:443`, world.entra.port);
    portal.close();
  });
  world.proxy.routes.set(`${HOST}:443`, (portal.address() as AddressInfo).port);
  const helper = await refreshOver(world, {});
  expect(helper).toMatchObject({ exitCode: 7, stdout: '' });
  expect(helper.stderr).toContain(`error[${code}]`);
  expect(helper.stderr).toContain(detail);
  world.proxy.routes.set(`${HOST}:443`, world.entra.port);
  if (name === 'a page' || name === 'a made-up certificate') {
    // The same agent, as soon as a user asks and the 5 s between two tries are over.
    const again = () => runHelper(binary, { context: 'interactive', env: world.env });
    await expect.poll(async () => (await again()).state, { interval: 1_000 }).toBe('ok');
  }
  await expectSignInAlive(world);
});
