// The endpoint as a client meets it, and as one that shouldn't be there does.
import { get, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { type EndpointEnvironment, TokenEndpoint } from '../../../src/managed-identity/token-endpoint.ts';
import type { TokenRequest } from '../../../src/managed-identity/token-request.ts';

const QUERY = '?api-version=2019-08-01&resource=https%3A%2F%2Fcognitiveservices.azure.com';
const open: TokenEndpoint[] = [];

afterEach(() => {
  for (const endpoint of open.splice(0)) endpoint.close();
});

async function start(token?: (request: TokenRequest) => Promise<{ token: string; expiresOn: string }>) {
  const asked: TokenRequest[] = [];
  const endpoint = new TokenEndpoint({
    now: () => 0,
    token: (wanted) => {
      asked.push(wanted);
      return token?.(wanted) ?? Promise.resolve({ token: 'a.b.c', expiresOn: '2030-01-01T00:00:00.900Z' });
    },
  });
  open.push(endpoint);
  return { asked, endpoint, found: await endpoint.start() };
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: NodeJS.Dict<string | string[]>;
}

function ask(
  found: EndpointEnvironment,
  { query = QUERY, method = 'GET', headers = {}, path = '' } = {},
): Promise<Answer> {
  const url = new URL(found.IDENTITY_ENDPOINT + path + query);
  const secret = { 'X-IDENTITY-HEADER': found.IDENTITY_HEADER };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent: false, headers: { ...secret, ...headers } }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          body: JSON.parse(text) as Answer['body'],
          headers: response.headers,
        }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** What comes back for this head with Host and the secret, until the endpoint hangs up. */
async function askRaw({ IDENTITY_ENDPOINT, IDENTITY_HEADER }: EndpointEnvironment, head: string): Promise<string> {
  const { host, port } = new URL(IDENTITY_ENDPOINT);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    `${head.replace('HERE', host)}\r\nHost: ${host}\r\nX-IDENTITY-HEADER: ${IDENTITY_HEADER}\r\nConnection: close\r\n\r\n`,
  );
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

it('takes a target in absolute form, whose host counts instead of Host (RFC 9112, 3.2.2)', async () => {
  const { found } = await start();
  const { host, port } = new URL(found.IDENTITY_ENDPOINT);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    `GET http://${host}/msi/token${QUERY} HTTP/1.1\r\nHost: elsewhere\r\nX-IDENTITY-HEADER: ${found.IDENTITY_HEADER}\r\nConnection: close\r\n\r\n`,
  );
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString('utf8')).toMatch(/^HTTP\/1\.1 200 [\s\S]*"access_token":"a\.b\.c"/);
});

it('answers as App Service does', async () => {
  const { found, asked } = await start();
  const { status, body, headers } = await ask(found, { query: `${QUERY}&client_id=c-1` });
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      access_token: 'a.b.c',
      expires_on: String(Date.UTC(2030, 0, 1) / 1000),
      resource: 'https://cognitiveservices.azure.com',
      token_type: 'Bearer',
    },
  });
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  expect(asked).toEqual([{ resource: 'https://cognitiveservices.azure.com', clientId: 'c-1' }]);
  expect(found.IDENTITY_ENDPOINT).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/msi\/token$/);
  expect(found.IDENTITY_HEADER).toMatch(/^[\w-]{43}$/);
});

it("says why there's no token, with remedy and correlation id, as 400", async () => {
  const { found } = await start(() =>
    Promise.reject(new AppError('ERR_SIGN_IN_ENDED', { detail: 'AADSTS50173', correlationId: 'c-1' })),
  );
  expect(await ask(found)).toMatchObject({
    status: 400,
    body: {
      statusCode: 400,
      message: expect.stringMatching(/^foundry-credential-helper: error\[ERR_SIGN_IN_ENDED\]: .*; hint: .*login"$/),
      correlationId: 'c-1',
    },
  });
});

describe("anyone who shouldn't be there gets 400 and no token", () => {
  it.each([
    ['without the secret', { headers: { 'X-IDENTITY-HEADER': '' } }],
    ['with another secret', { headers: { 'X-IDENTITY-HEADER': 'x'.repeat(43) } }],
    ['by a rebound name', { headers: { Host: 'attacker.example' } }],
    ['as localhost', { headers: { Host: 'localhost' } }],
    ['from a web page', { headers: { Origin: 'https://attacker.example' } }],
    ['at another path', { path: '/x' }],
    ['in an older protocol', { query: QUERY.replace('2019-08-01', '2017-09-01') }],
    ['for a managed identity of a resource', { query: `${QUERY}&mi_res_id=1` }],
  ])('%s', async (_, options) => {
    const { found, asked } = await start();
    const { status, body } = await ask(found, options);
    expect(status).toBe(400);
    expect(body).not.toHaveProperty('access_token');
    expect(asked).toEqual([]);
  });

  it.each(['POST', 'HEAD', 'OPTIONS', 'DELETE'])('by %s, with the method that would do', async (method) => {
    const { found, asked } = await start();
    const answer = await askRaw(found, `${method} /msi/token${QUERY} HTTP/1.1`);
    expect(answer).toMatch(/^HTTP\/1\.1 405 /);
    expect(answer).toMatch(/^Allow: GET\r$/m);
    expect(asked).toEqual([]);
  });

  it.each([
    ['two hosts', `GET /msi/token${QUERY} HTTP/1.1\r\nHost: HERE`, 400],
    ['another host in the target', `GET http://attacker.example/msi/token${QUERY} HTTP/1.1`, 400],
    ['an https target', `GET https://HERE/msi/token${QUERY} HTTP/1.1`, 400],
    ['a target that begins with two slashes', `GET //HERE/msi/token${QUERY} HTTP/1.1`, 400],
    ['too long a target', `GET /msi/token${QUERY}&x=${'x'.repeat(20_000)} HTTP/1.1`, 414],
    ['too large a head', `GET /msi/token${QUERY} HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`, 431],
    ['an unknown method', `BREW /msi/token${QUERY} HTTP/1.1`, 501],
    ['an unknown expectation', `GET /msi/token${QUERY} HTTP/1.1\r\nExpect: tea`, 417],
  ])('with %s, even with the secret', async (_, head, status) => {
    const { found, asked } = await start();
    expect(await askRaw(found, head)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(asked).toEqual([]);
  });

  it('and uses up none of what the command may ask', async () => {
    const { found } = await start();
    for (let index = 0; index < 65; index += 1) await ask(found, { headers: { 'X-IDENTITY-HEADER': 'guess' } });
    expect(await ask(found)).toMatchObject({ status: 200 });
  });

  it('too often', async () => {
    const { found, asked } = await start();
    const answers: Answer[] = [];
    for (let index = 0; index < 65; index += 1) answers.push(await ask(found));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(60);
    expect(answers.at(-1)?.body['message']).toMatch(/too many requests/);
    expect(asked).toHaveLength(60);
  });
});

it('has its own secret for every endpoint, and ends with its last answer', async () => {
  const [first, second] = [await start(), await start()];
  expect(first.found.IDENTITY_HEADER).not.toBe(second.found.IDENTITY_HEADER);
  const { status } = await ask(first.found, { headers: { 'X-IDENTITY-HEADER': second.found.IDENTITY_HEADER } });
  expect(status).toBe(400);
  first.endpoint.close();
  const ended = new Promise((resolve) => get(first.found.IDENTITY_ENDPOINT).on('error', resolve));
  expect(await ended).toMatchObject({ code: 'ECONNREFUSED' });
});
