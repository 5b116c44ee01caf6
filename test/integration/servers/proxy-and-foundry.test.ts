// The CONNECT proxy, the Foundry server and the certificates, asked through each other.
import { Agent } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CertificateAuthority, createCertificateAuthority } from '../../support/servers/certificate-authority.ts';
import { type ConnectProxy, startConnectProxy } from '../../support/servers/connect-proxy.ts';
import { type FoundryServer, startFoundryServer } from '../../support/servers/foundry-server.ts';
import { listenHttps } from '../../support/servers/https-listener.ts';
import { send } from './msal-client.ts';

const BASE = 'https://contoso-foundry.services.ai.azure.com';
const MESSAGE = { model: 'claude-sonnet-5', max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] };

let ca: CertificateAuthority;
let foundry: FoundryServer;
let proxy: ConnectProxy;

beforeAll(async () => {
  ca = await createCertificateAuthority();
  foundry = await startFoundryServer({
    ca,
    resource: 'contoso-foundry',
    models: ['claude-sonnet-5'],
    checkToken: (token) => (token === 'good' ? 'valid' : 'expired'),
  });
  proxy = await startConnectProxy({
    routes: { 'contoso-foundry.services.ai.azure.com:443': foundry.port },
    credentials: { username: 'us er', password: 'p@ss' },
  });
});

afterAll(async () => {
  await proxy.close();
  await foundry.close();
});

beforeEach(() => {
  proxy.mode = 'open';
});

const agentFor = (url: string) =>
  new Agent({ ca: ca.pem, proxyEnv: { HTTPS_PROXY: url } } as ConstructorParameters<typeof Agent>[0]);

function ask(path: string, body: object = MESSAGE, headers: Record<string, string> = {}) {
  const all = { authorization: 'Bearer good', 'anthropic-version': '2023-06-01', ...headers };
  return send<Record<string, unknown>>('POST', `${BASE}${path}`, agentFor(proxy.url), {
    headers: all,
    body: JSON.stringify(body),
  });
}

describe('the Foundry server', () => {
  it('answers a message and a token count', async () => {
    const { status, body } = await ask('/anthropic/v1/messages');
    expect(status).toBe(200);
    expect(body).toMatchObject({ type: 'message', role: 'assistant', model: 'claude-sonnet-5' });
    expect((await ask('/anthropic/v1/messages/count_tokens')).body).toEqual({ input_tokens: expect.any(Number) });
    expect(foundry.requests[0]).toMatchObject({ endpoint: 'messages', status: 200, model: 'claude-sonnet-5' });
    expect(foundry.requests[0]?.headerNames).toEqual(expect.arrayContaining(['authorization', 'anthropic-version']));
    expect(foundry.count('messages', 200)).toBe(1);
  });

  it('refuses as Foundry does', async () => {
    expect(await ask('/models/chat/completions')).toMatchObject({
      status: 404,
      body: { error: { code: 'api_not_supported' } },
    });
    expect(await ask('/anthropic/v1/messages', MESSAGE, { authorization: 'Bearer old' })).toMatchObject({
      status: 401,
      body: { statusCode: 401, message: expect.stringContaining('audience is incorrect') },
    });
    expect(await ask('/anthropic/v1/messages', { ...MESSAGE, model: 'other' })).toMatchObject({
      status: 404,
      body: { error: { code: 'DeploymentNotFound' } },
    });
    const keyOnly = { 'x-api-key': 'good', 'anthropic-version': '2023-06-01' };
    const byKey = await send<Record<string, unknown>>('POST', `${BASE}/anthropic/v1/messages`, agentFor(proxy.url), {
      headers: keyOnly,
      body: JSON.stringify(MESSAGE),
    });
    expect(byKey.body).toMatchObject({ error: { code: '401', message: expect.stringContaining('subscription key') } });
    foundry.failNext('messages', { kind: 'http', status: 429, headers: { 'retry-after': '5' } });
    expect((await ask('/anthropic/v1/messages')).status).toBe(429);
  });
});

describe('the proxy', () => {
  const get = (url: string, target = `${BASE}/anthropic/v1/messages`) => send('GET', target, agentFor(url));

  it('asks for its password', async () => {
    await expect(get(`http://127.0.0.1:${proxy.port}`)).rejects.toMatchObject({ statusCode: 407 });
    await expect(get(proxy.url.replace('p%40ss', 'wrong'))).rejects.toMatchObject({ statusCode: 407 });
    expect((await get(proxy.url)).status).toBe(404);
  });

  it("refuses hosts that it doesn't know, and all on demand", async () => {
    const opened = proxy.tunnels;
    await expect(get(proxy.url, 'https://example.com/')).rejects.toMatchObject({ statusCode: 403 });
    proxy.mode = { refuse: 503 };
    await expect(get(proxy.url)).rejects.toMatchObject({ statusCode: 503 });
    expect(proxy.tunnels).toBe(opened);
    expect(proxy.refused.slice(-2)).toEqual(['example.com:443', 'contoso-foundry.services.ai.azure.com:443']);
  });
});

describe('certificates', () => {
  it('hold for their names and dates, and for those who know the root', async () => {
    const expired = await ca.issue(['localhost'], { notAfter: new Date(Date.now() - 1000) });
    const listener = await listenHttps(expired, (_, response) => response.end('{}'));
    const get = (agent: Agent, port: number) => send('GET', `https://localhost:${port}/`, agent);
    await expect(get(new Agent({ ca: ca.pem }), listener.port)).rejects.toMatchObject({ code: 'CERT_HAS_EXPIRED' });
    await expect(get(new Agent(), foundry.port)).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    const other = new Agent({ ca: ca.pem, servername: 'example.com' });
    await expect(get(other, foundry.port)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    await listener.close();
  });
});
