import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createHttpsAgent } from '../../../../src/entra/transport/https-agent.ts';
import type { JsonReply, JsonRequest } from '../../../../src/entra/transport/https-client.ts';
import { SystemTrustStore } from '../../../../src/entra/transport/system-trust-store.ts';
import { createTransport, type TransportSettings } from '../../../../src/entra/transport/transport.ts';
import { TrustStore } from '../../../../src/entra/transport/trust-store.ts';
import { silentLog } from '../../../../src/log/event-log.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { OPENSSL } from '../../../support/harness/openssl.ts';
import { ConnectProxy, createPki, EntraServer, type Pki, rejection, unusedPort } from '../support.ts';

let pki: Pki;
let server: EntraServer;
let proxy: ConnectProxy;

beforeAll(() => {
  pki = createPki();
});

afterAll(() => pki.remove());

beforeEach(async () => {
  server = await new EntraServer(pki).start();
  proxy = await new ConnectProxy(server.port).start();
});

afterEach(() => {
  proxy.stop();
  server.stop();
});

interface Overrides extends TransportSettings {
  readonly timeoutMs?: number;
  readonly systemRoots?: SystemTrustStore;
}

function send(request: Partial<JsonRequest> = {}, overrides: Overrides = {}): Promise<JsonReply> {
  const { systemRoots = noSystemRoots(), ...settings } = overrides;
  const connection = createTransport({ caFile: pki.caFile, timeoutMs: 5_000, ...settings, systemRoots });
  return connection({ method: 'POST', url: server.url('/token'), body: 'a=1', ...request });
}

function noSystemRoots(): SystemTrustStore {
  return new SystemTrustStore({ log: silentLog, read: () => Promise.resolve([]) });
}

const overProxy: Partial<JsonRequest> = { url: 'https://login.microsoftonline.com/token' };

describe('an exchange', () => {
  it('sends the form and returns status, headers and object', async () => {
    server.answer = () => ({ status: 400, headers: { 'x-test': 'yes' }, body: { error: 'invalid_grant' } });
    const reply = await send({ headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    expect(reply.status).toBe(400);
    expect(reply.headers['x-test']).toBe('yes');
    expect(reply.body).toEqual({ error: 'invalid_grant' });
    expect(server.received[0]).toMatchObject({ method: 'POST', path: '/token' });
    expect(server.received[0]?.form.get('a')).toBe('1');
  });

  it.each([
    ['HTML', '<html>Welcome to the hotel</html>', 'text/html; charset=utf-8', 'HTTP 200, text/html, not a JSON object'],
    ['half JSON', '{"access_token":"ab', 'application/json', 'HTTP 200, application/json, not a JSON object'],
    ['an array', '[{"access_token":"ab"}]', 'application/json', 'not a JSON object'],
    ['null', 'null', 'application/json', 'not a JSON object'],
    ['nothing', '', 'application/json', 'not a JSON object'],
  ])('refuses %s', async (_, body, type, detail) => {
    server.answer = () => ({ headers: { 'content-type': type }, body });
    expect(await rejection(send())).toMatchObject({
      code: 'ERR_NETWORK_REPLY',
      detail: expect.stringContaining(detail),
    });
  });

  it('passes on a gateway error with HTML, with its Retry-After', async () => {
    server.answer = () => ({ status: 503, headers: { 'content-type': 'text/html', 'retry-after': '7' }, body: '<p>' });
    expect(await send()).toMatchObject({ status: 503, body: {}, headers: { 'retry-after': '7' } });
  });

  it.each([
    [401, '<p>Authorization required', true],
    [401, '', true],
    [403, '', true],
    [403, '<p>Blocked', false],
    [200, '', false],
  ] as const)('takes a refusal without JSON only if asked to: %i "%s"', async (status, body, isTaken) => {
    server.answer = () => ({ status, headers: { 'content-type': 'text/html' }, body });
    expect(await rejection(send())).toMatchObject({ code: 'ERR_NETWORK_REPLY' });
    const asked = send({ plainRefusals: true });
    if (isTaken) expect(await asked).toMatchObject({ status, body: {} });
    else expect(await rejection(asked)).toMatchObject({ code: 'ERR_NETWORK_REPLY' });
  });

  it('treats 511 as a public network that wants its own sign-in', async () => {
    server.answer = () => ({ status: 511, headers: { 'content-type': 'text/html' }, body: '<p>Welcome' });
    expect(await rejection(send())).toMatchObject({ code: 'ERR_NETWORK_REPLY' });
  });

  it('stops reading after 1 MiB', async () => {
    server.answer = () => ({ body: { filler: 'x'.repeat(1024 * 1024) } });
    expect(await rejection(send())).toMatchObject({
      code: 'ERR_NETWORK_REPLY',
      detail: `localhost:${server.port} sent more than 1 MiB`,
    });
  });
});

describe('a broken connection', () => {
  it('reports a reset with host and cause code', async () => {
    server.answer = () => 'reset';
    expect(await rejection(send())).toMatchObject({
      code: 'ERR_NETWORK',
      detail: `localhost:${server.port} (ECONNRESET)`,
      cause: { code: 'ECONNRESET' },
    });
  });

  it.each(['silence', 'stalled-body'] as const)('gives up at the deadline: %s', async (kind) => {
    server.answer = () => kind;
    expect(await rejection(send({}, { timeoutMs: 150 }))).toMatchObject({
      code: 'ERR_NETWORK_TIMEOUT',
      detail: `localhost:${server.port}`,
    });
  });

  it('reports a refused connection', async () => {
    const port = await unusedPort();
    expect(await rejection(send({ url: `https://localhost:${port}/` }))).toMatchObject({
      code: 'ERR_NETWORK',
      detail: `localhost:${port} (ECONNREFUSED)`,
    });
  });

  it("reports a name that doesn't resolve", async () => {
    expect(await rejection(send({ url: 'https://login.invalid/' }))).toMatchObject({
      code: 'ERR_NETWORK_DNS',
      detail: expect.stringMatching(/^login\.invalid \((ENOTFOUND|EAI_AGAIN)\)$/),
    });
  });

  it("says that an issuer isn't trusted", async () => {
    expect(await rejection(send({}, { caFile: undefined }))).toMatchObject({
      code: 'ERR_NETWORK_TLS',
      detail: expect.stringMatching(
        /^localhost:\d+ \(UNABLE_TO_\w+: the issuer of its certificate isn't trusted\); it names itself "Unit test root"$/,
      ),
    });
  });

  it('says that a certificate is for another host', async () => {
    expect(await rejection(send({ url: `https://127.0.0.1:${server.port}/` }))).toMatchObject({
      code: 'ERR_NETWORK_TLS',
      detail: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID: its certificate is for another host'),
    });
  });
});

describe('an issuer that only the system knows', () => {
  const systemRoots = (...reads: (() => readonly string[])[]) => {
    let count = 0;
    const clock = new FakeClock();
    const read = async () => (reads[count++] ?? (() => []))();
    const roots = new SystemTrustStore({ log: silentLog, clock, read });
    return { roots, clock, reads: () => count };
  };
  const installed = () => [readFileSync(pki.caFile, 'utf8')];

  beforeEach(() => {
    server.answer = () => ({ body: { ok: true } });
  });

  it('is looked up once, the request sent once, and remembered for other connections', async () => {
    const { roots, reads } = systemRoots(installed, installed);
    for (let n = 0; n < 3; n += 1) {
      expect(await send({}, { caFile: undefined, systemRoots: roots })).toMatchObject({ body: { ok: true } });
    }
    expect(reads()).toBe(1);
    expect(server.received).toHaveLength(3);
  });

  it('is looked up once for connections that fail at the same time', async () => {
    const { roots, reads } = systemRoots(installed);
    const replies = Array.from({ length: 4 }, () => send({}, { caFile: undefined, systemRoots: roots }));
    for (const reply of await Promise.all(replies)) expect(reply.status).toBe(200);
    expect(reads()).toBe(1);
  });

  it("is believed next to a caFile that doesn't name it", async () => {
    const other = createPki();
    onTestFinished(() => other.remove());
    const { roots } = systemRoots(installed);
    expect(await send({}, { caFile: other.caFile, systemRoots: roots })).toMatchObject({ status: 200 });
  });

  it("isn't looked up while the known roots suffice, nor for another TLS failure", async () => {
    const { roots, reads } = systemRoots(installed);
    await send({}, { systemRoots: roots });
    const wrongHost = { url: `https://127.0.0.1:${server.port}/` };
    expect(await rejection(send(wrongHost, { systemRoots: roots }))).toMatchObject({ code: 'ERR_NETWORK_TLS' });
    expect(reads()).toBe(0);
  });

  it('is looked up again after five minutes, not before: the admin may have installed it', async () => {
    const { roots, clock, reads } = systemRoots(() => [], installed);
    const settings = { caFile: undefined, systemRoots: roots };
    for (let n = 0; n < 3; n += 1)
      expect(await rejection(send({}, settings))).toMatchObject({ code: 'ERR_NETWORK_TLS' });
    expect(reads()).toBe(1);
    clock.advance(5 * 60_000);
    expect(await send({}, settings)).toMatchObject({ status: 200 });
    expect(reads()).toBe(2);
  });

  it("stays unknown if the store can't be read", async () => {
    const { roots } = systemRoots(() => {
      throw new Error('no store');
    });
    expect(await rejection(send({}, { caFile: undefined, systemRoots: roots }))).toMatchObject({
      code: 'ERR_NETWORK_TLS',
      detail: expect.stringContaining('"Unit test root"'),
    });
  });

  it("doesn't delay anyone who cancels while the store is read", async () => {
    const abort = new AbortController();
    const roots = new SystemTrustStore({ log: silentLog, read: () => new Promise(() => undefined) });
    const pending = rejection(send({ signal: abort.signal }, { caFile: undefined, systemRoots: roots }));
    await expect.poll(() => roots.isReading).toBe(true);
    abort.abort();
    expect(await pending).toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
  });

  it('is named without what could move the cursor or fool the reader', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'issuer-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const subject = `/CN=Evil\u001b[2J\u202e${'x'.repeat(40)}\u2028end`;
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const options = ['req', '-x509', '-utf8', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    await promisify(execFile)(OPENSSL, [...options, '-subj', subject, '-keyout', key, '-out', cert]);
    const stranger = await new EntraServer({
      ...pki,
      key: readFileSync(key, 'utf8'),
      certificate: readFileSync(cert, 'utf8'),
    }).start();
    onTestFinished(() => stranger.stop());
    expect(await rejection(send({ url: stranger.url() }))).toMatchObject({
      detail: expect.stringMatching(/names itself "Evil\[2Jx{40}end"$/),
    });
    expect(stranger.received).toEqual([]);
  });
});

describe('the system store of this computer', () => {
  it('is read on another thread', async () => {
    const events: string[] = [];
    const log = { ...silentLog, info: (event: string) => void events.push(event) };
    const roots = new SystemTrustStore({ log });
    const loading = roots.load();
    expect(roots.isReading).toBe(true);
    const certificates = (await loading) ?? [];
    expect(events).toEqual(['system-roots-read']);
    expect(certificates.length).toBeGreaterThan(50);
    expect(new Set(certificates).size).toBe(certificates.length);
    expect(roots.isReading).toBe(false);
  });
});

describe('an abort', () => {
  /** Longer than a test may take: only the abort can end the exchange. */
  const timeoutMs = 600_000;

  it('rejects immediately while the server is silent', async () => {
    server.answer = () => 'silence';
    const abort = new AbortController();
    const pending = rejection(send({ signal: abort.signal }, { timeoutMs }));
    await expect.poll(() => server.received.length).toBe(1);
    abort.abort();
    expect(await pending).toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
  });

  it('rejects immediately while the proxy is silent', async () => {
    proxy.status = undefined;
    const abort = new AbortController();
    const settings = { proxy: `http://${proxy.host}`, timeoutMs };
    const pending = rejection(send({ ...overProxy, signal: abort.signal }, settings));
    await expect.poll(() => proxy.received.length).toBe(1);
    abort.abort();
    expect(await pending).toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
  });

  it('sends nothing when it came before', async () => {
    const error = await rejection(send({ signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
    expect(server.received).toHaveLength(0);
  });

  it('stays a timeout when a timeout was the reason', async () => {
    server.answer = () => 'silence';
    expect(await rejection(send({ signal: AbortSignal.timeout(50) }))).toMatchObject({ code: 'ERR_NETWORK_TIMEOUT' });
  });
});

describe('a proxy', () => {
  it('gets the credentials with their escapes undone', async () => {
    server.answer = () => ({ body: { ok: true } });
    await send(overProxy, { proxy: `http://corp%5Cuser%40x:p%3Aw%2F%25%20@${proxy.host}` });
    expect(proxy.received).toEqual([{ target: 'login.microsoftonline.com:443', credentials: 'corp\\user@x:p:w/% ' }]);
  });

  it.each([
    [407, 'ERR_NETWORK_PROXY_AUTH'],
    [403, 'ERR_NETWORK_PROXY'],
    [503, 'ERR_NETWORK'],
  ])('that answers %i is named without its credentials', async (status, code) => {
    proxy.status = status;
    const error = await rejection(send(overProxy, { proxy: `http://user:hunter2@${proxy.host}` }));
    const detail = `login.microsoftonline.com through the proxy ${proxy.host} (HTTP ${status})`;
    expect(error).toMatchObject({ code, detail });
    expect(String(error)).not.toContain('hunter2');
  });

  it("that doesn't answer is a timeout that names it", async () => {
    proxy.status = undefined;
    const error = await rejection(send(overProxy, { proxy: `http://${proxy.host}`, timeoutMs: 150 }));
    const detail = `login.microsoftonline.com through the proxy ${proxy.host}`;
    expect(error).toMatchObject({ code: 'ERR_NETWORK_TIMEOUT', detail });
  });

  it("that can't be reached is named", async () => {
    const proxyAddress = `127.0.0.1:${await unusedPort()}`;
    expect(await rejection(send(overProxy, { proxy: `http://${proxyAddress}` }))).toMatchObject({
      code: 'ERR_NETWORK',
      detail: `login.microsoftonline.com through the proxy ${proxyAddress} (ECONNREFUSED)`,
    });
    expect(await rejection(send(overProxy, { proxy: 'http://proxy.invalid:3128' }))).toMatchObject({
      code: 'ERR_NETWORK_DNS',
      detail: expect.stringMatching(/^the proxy proxy\.invalid:3128 /),
    });
  });

  it("isn't blamed for what happens behind it", async () => {
    server.answer = () => 'reset';
    expect(await rejection(send(overProxy, { proxy: `http://${proxy.host}` }))).toMatchObject({
      code: 'ERR_NETWORK',
      detail: 'login.microsoftonline.com (ECONNRESET)',
    });
  });

  it.each([[['localhost']], [['.example', 'localhost']], [['*']], [['LOCALHOST.']]])(
    'is passed by for %j',
    async (noProxy) => {
      server.answer = () => ({ body: { ok: true } });
      const reply = await send({}, { proxy: `http://${proxy.host}`, noProxy });
      expect(reply.body).toEqual({ ok: true });
      expect(proxy.received).toHaveLength(0);
    },
  );

  it.each(['proxy.example:3128', 'socks5://proxy.example:1080'])('of another kind is refused: %s', (url) => {
    expect(() => createHttpsAgent({ proxy: url, timeoutMs: 1_000 })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }),
    );
  });

  it('with a stray percent sign is refused without showing it', () => {
    const create = () => createHttpsAgent({ proxy: 'http://user:100%secret@proxy.example', timeoutMs: 1_000 });
    expect(create).toThrow('the credentials in "proxy" must be percent-encoded');
    expect(create).not.toThrow(/secret@/);
  });
});

describe('caFile', () => {
  const modules = ['transport.ts', 'system-trust-store.ts'].map(
    (name) => new URL(`../../../../src/entra/transport/${name}`, import.meta.url),
  );

  /** HTTP status of a request in its own process, since Node reads NODE_EXTRA_CA_CERTS at its start. */
  async function statusWithExtraRoots(extraRoots: string, settings: TransportSettings): Promise<string> {
    const script = `
      const { createTransport } = await import(${JSON.stringify(modules[0])});
      const { SystemTrustStore } = await import(${JSON.stringify(modules[1])});
      const systemRoots = new SystemTrustStore({ log: { info() {} }, read: async () => [] });
      const send = createTransport({ ...${JSON.stringify(settings)}, timeoutMs: 5000, systemRoots });
      const shown = ({ status, code }) => process.stdout.write(String(status ?? code));
      await send({ method: 'GET', url: ${JSON.stringify(server.url())} }).then(shown, shown);`;
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: extraRoots };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
    return stdout;
  }

  it('absent leaves NODE_EXTRA_CA_CERTS at work, and present adds to it', async () => {
    server.answer = () => ({ body: {} });
    const other = createPki();
    try {
      expect(await statusWithExtraRoots('', {})).toBe('ERR_NETWORK_TLS');
      expect(await statusWithExtraRoots(pki.caFile, {})).toBe('200');
      expect(await statusWithExtraRoots(pki.caFile, { caFile: other.caFile })).toBe('200');
      expect(await statusWithExtraRoots(other.caFile, { caFile: pki.caFile })).toBe('200');
    } finally {
      other.remove();
    }
  });

  it("that isn't there is named", () => {
    const caFile = join(pki.folder, 'missing.pem');
    const expected = { code: 'ERR_CONFIG_UNREADABLE', detail: `"caFile" ${caFile} (ENOENT)` };
    expect(() => new TrustStore(caFile).context(undefined)).toThrow(expect.objectContaining(expected));
  });

  it.each([
    ['no PEM', 'just text', 'holds no PEM certificate'],
    ['a damaged certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 'damaged certificate'],
  ])('with %s is refused', (_, content, detail) => {
    const caFile = join(pki.folder, 'other.pem');
    writeFileSync(caFile, content);
    const expected = { code: 'ERR_CONFIG_INVALID', detail: expect.stringContaining(detail) };
    expect(() => new TrustStore(caFile).context(undefined)).toThrow(expect.objectContaining(expected));
  });
});
