// A request that has several ways: which of them are tried, and what an error says about them.
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { AppError } from '../../../../src/core/errors.ts';
import type { Route, RoutePlan } from '../../../../src/core/route.ts';
import { SystemTrustStore } from '../../../../src/entra/transport/system-trust-store.ts';
import { createTransport } from '../../../../src/entra/transport/transport.ts';
import { silentLog } from '../../../../src/log/event-log.ts';
import { createCertificateAuthority } from '../../../support/servers/certificate-authority.ts';
import { type ConnectProxy, startConnectProxy } from '../../../support/servers/connect-proxy.ts';
import { type EntraServer, startEntraServer } from '../../../support/servers/entra-server.ts';

const HOST = 'login.microsoftonline.com';
let folder: string;
let caFile: string;
let entra: EntraServer;
let proxy: ConnectProxy;
beforeAll(async () => {
  const ca = await createCertificateAuthority();
  folder = mkdtempSync(join(tmpdir(), 'routes-'));
  caFile = ca.write(folder);
  entra = await startEntraServer({ ca });
});
afterAll(async () => {
  await entra.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  proxy = await startConnectProxy({ routes: { [`${HOST}:443`]: entra.port } });
});
afterEach(() => proxy.close());

const DEAD = 'http://127.0.0.1:9';

interface Attempt {
  readonly status: number | undefined;
  readonly error: AppError | undefined;
  readonly failed: readonly (string | undefined)[];
  readonly renewals: number;
}

async function attempt(routes: RoutePlan['routes'], plan: Partial<RoutePlan> = {}): Promise<Attempt> {
  const failed: Route[] = [];
  let renewals = 0;
  const send = createTransport({
    caFile,
    systemRoots: new SystemTrustStore({ log: silentLog, read: () => Promise.resolve([]) }),
    timeoutMs: 20_000,
    routes: {
      find: () => Promise.resolve({ routes, origin: 'the settings', ...plan }),
      failed: (route) => failed.push(route),
      renew: () => {
        renewals += 1;
      },
    },
  });
  const url = `https://${HOST}/${entra.tenantId}/v2.0/.well-known/openid-configuration`;
  const result = await send({ method: 'GET', url }).then(
    ({ status }) => ({ status, error: undefined }),
    (error: AppError) => ({ status: undefined, error }),
  );
  return { ...result, failed: failed.map(({ proxy: one }) => one), renewals };
}

describe('a request with several ways', () => {
  it('takes the first one that works', async () => {
    expect(await attempt([{ proxy: proxy.url }, { proxy: DEAD }])).toEqual({
      status: 200,
      error: undefined,
      failed: [],
      renewals: 0,
    });
  });

  it('has the plan renewed once none of them worked, whatever the reason', async () => {
    expect(await attempt([{ proxy: DEAD }, { proxy: proxy.url }])).toMatchObject({ renewals: 0 });
    expect(await attempt([{ proxy: DEAD }, { proxy: 'http://127.0.0.1:10' }])).toMatchObject({ renewals: 1 });
    proxy.mode = { refuse: 403 };
    expect(await attempt([{ proxy: proxy.url }])).toMatchObject({ renewals: 1 });
  });

  it("skips a proxy that isn't there, and says so", async () => {
    const { status, failed } = await attempt([
      { proxy: DEAD },
      { proxy: 'http://proxy.invalid:1' },
      { proxy: proxy.url },
    ]);
    expect(status).toBe(200);
    expect(failed).toEqual([DEAD, 'http://proxy.invalid:1']);
  });

  it('skips a proxy that never answers', async () => {
    const silent = await listening(() => undefined);
    const { status, failed } = await attempt([{ proxy: silent }, { proxy: proxy.url }]);
    expect([status, failed]).toEqual([200, [silent]]);
  });

  it('skips a proxy that hangs up', async () => {
    const rude = await listening((socket) => socket.destroy());
    expect(await attempt([{ proxy: rude }, { proxy: proxy.url }])).toMatchObject({ status: 200, failed: [rude] });
  });

  it.each([
    [407, 'ERR_NETWORK_PROXY_AUTH'],
    [403, 'ERR_NETWORK_PROXY'],
  ])('ends at a proxy that refuses with %i, as in browsers', async (status, code) => {
    proxy.mode = { refuse: status };
    const { error, failed } = await attempt([{ proxy: proxy.url }, { proxy: DEAD }]);
    expect(error).toMatchObject({ code, detail: expect.stringContaining(`(HTTP ${status})`) });
    expect(failed).toEqual([]);
  });

  it("isn't sent twice: an answer that fails to come ends it", async () => {
    entra.setFault('metadata', { kind: 'reset' });
    onTestFinished(() => entra.setFault('metadata', undefined));
    const { error } = await attempt([{ proxy: proxy.url }, { proxy: DEAD }]);
    expect(error?.detail).not.toContain(':9');
  });

  it('names the last proxy, and the setting', async () => {
    const { error } = await attempt([{ proxy: 'http://127.0.0.1:10' }, { proxy: DEAD }]);
    expect(error?.detail).toBe(
      `${HOST} through the proxy 127.0.0.1:9 (ECONNREFUSED); this proxy comes from the settings`,
    );
  });
});

it("a direct connection that fails says what couldn't be followed", async () => {
  const { error } = await attempt([{ proxy: DEAD }], { problem: 'the PAC file is gone' });
  expect(error?.detail).toMatch(/ECONNREFUSED.*; this proxy comes from the settings; the PAC file is gone$/);
});

describe('a proxy that answers 407', () => {
  const answering = async (...headers: string[]) =>
    listening((socket) => {
      socket.on('data', () => socket.end(['HTTP/1.1 407 No', ...headers, '', ''].join('\r\n')));
    });

  it.each([
    [['Proxy-Authenticate: Negotiate', 'Proxy-Authenticate: NTLM'], 'it only accepts Negotiate or NTLM'],
    [['Proxy-Authenticate: NTLM'], 'it only accepts NTLM'],
    [['Proxy-Authenticate: Kerberos'], 'it only accepts Kerberos'],
    [['Proxy-Authenticate: Digest realm="a"'], 'a kind of sign-in that this program'],
  ])('with %j is named', async (headers, says) => {
    const url = await answering(...headers);
    const { error } = await attempt([{ proxy: url }]);
    expect(error).toMatchObject({ code: 'ERR_NETWORK_PROXY_AUTH', detail: expect.stringContaining(says) });
    expect(error?.hint).toMatch(/Cntlm or Px/);
  });

  it('to credentials says that they were refused, and keeps them out', async () => {
    const url = await answering('Proxy-Authenticate: NTLM', 'Proxy-Authenticate: Basic realm="Contoso"');
    const { error } = await attempt([{ proxy: url.replace('//', '//ada:s3cret@') }]);
    expect(error?.detail).toContain('it refused the user name or password');
    expect(`${error?.stack}`).not.toContain('s3cret');
  });

  it('only wants credentials if it accepts Basic', async () => {
    const url = await answering('Proxy-Authenticate: Basic realm="Contoso"', 'Proxy-Authenticate: Negotiate');
    const { error } = await attempt([{ proxy: url }]);
    expect(error?.detail).toMatch(/\(HTTP 407\); this proxy comes from the settings$/);
  });
});

/** A server that does only this with each connection. */
async function listening(onSocket: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
