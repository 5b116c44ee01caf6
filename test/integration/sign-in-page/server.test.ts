import { execFile } from 'node:child_process';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLog } from '../../../src/log/event-log.ts';
import { createSignInPageServer } from '../../../src/sign-in-page/server/server.ts';
import { exampleStates, startPage } from './page-fixture.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One request as any local program could send it: nothing is added but the Host of the address. */
function ask(url: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Opens the one-time address as a browser does: the page's address and the cookie header for it. */
async function open(url: string) {
  const { headers } = await ask(url);
  const page = new URL(headers.location ?? '', url);
  const cookies = headers['set-cookie'] ?? [];
  const cookie = cookies[0]?.split(';')[0] ?? '';
  const post = (name: string, extra: Record<string, string> = {}): Promise<Answer> =>
    ask(new URL(name, page).href, { method: 'POST', headers: { cookie, origin: page.origin, ...extra } });
  const get = (name: string, extra: Record<string, string> = {}): Promise<Answer> =>
    ask(new URL(name, page).href, { headers: { cookie, ...extra } });
  return { page, cookies, cookie, get, post };
}

let prompt: Awaited<ReturnType<typeof startPage>>;
const { userCode } = exampleStates.waiting;

beforeEach(async () => {
  prompt = await startPage(exampleStates.waiting);
});

afterEach(() => prompt.server.close());

describe('the one-time address', () => {
  it('is unguessable, on 127.0.0.1, and new each time', () => {
    const [first, second] = [prompt.server.newUrl(), prompt.server.newUrl()];
    expect(first).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/p\/[\w-]{43}$/);
    expect(second).not.toBe(first);
  });

  it('leads the first to open it to a page that holds none of its secrets', async () => {
    const url = prompt.server.newUrl();
    const { page, cookies, cookie, get } = await open(url);
    const port = new URL(url).port;
    expect(page.pathname).toMatch(/^\/prompt\/[\w-]{43}\/$/);
    expect(url).not.toContain(page.pathname.split('/')[2]);
    expect(cookies).toEqual([
      `${cookie}; Path=${page.pathname}; HttpOnly; SameSite=Strict`,
      `${cookie}; Path=${new URL(url).pathname}; HttpOnly; SameSite=Strict`,
    ]);
    expect(cookie).toMatch(new RegExp(`^foundry-sign-in-${port}=[\\w-]{43}$`));
    const { status, body } = await get('');
    expect(status).toBe(200);
    expect(body).toContain(exampleStates.waiting.verificationUri);
    expect(body).not.toContain(cookie.split('=')[1]);
  });

  it('leads everyone else to a page without the code', async () => {
    const url = prompt.server.newUrl();
    const { cookie } = await open(url);
    for (const headers of [{}, { cookie: `${cookie}x` }, { cookie: cookie.replace(/=.*/, '=guess') }]) {
      const { status, body, headers: answered } = await ask(url, { headers });
      expect(status).toBe(410);
      expect(body).toContain('already opened');
      expect(body).not.toContain(userCode.slice(0, 3));
      expect(answered['set-cookie']).toBeUndefined();
    }
    expect((await ask(url, { headers: { cookie } })).status).toBe(303);
  });

  it("isn't used up by a request that doesn't open it", async () => {
    const url = prompt.server.newUrl();
    expect((await ask(url, { method: 'HEAD' })).status).toBe(403);
    expect((await ask(url, { method: 'POST', headers: { origin: new URL(url).origin } })).status).toBe(405);
    expect((await ask(url, { headers: { 'sec-purpose': 'prefetch' } })).status).toBe(403);
    expect((await ask(url, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
    expect((await ask(url, { headers: { host: 'evil.example' } })).status).toBe(403);
    expect((await ask(url)).status).toBe(303);
  });
});

describe('without the cookie', () => {
  it.each(['', 'state', 'style.css', 'script.js', 'cancel'])('nothing is served at %s', async (name) => {
    const { page, cookie } = await open(prompt.server.newUrl());
    const otherSession = await open(prompt.server.newUrl());
    for (const headers of [{}, { cookie: otherSession.cookie }, { cookie: cookie.slice(0, -1) }]) {
      const { status, body } = await ask(new URL(name, page).href, { headers });
      expect(status).toBe(404);
      expect(body).not.toContain(userCode.slice(0, 3));
    }
  });

  it('changes nothing', async () => {
    const { page } = await open(prompt.server.newUrl());
    const { status } = await ask(new URL('cancel', page).href, { method: 'POST', headers: { origin: page.origin } });
    expect(status).toBe(404);
    expect(prompt.counts).toMatchObject({ newCode: 0, cancel: 0 });
  });
});

describe('a request', () => {
  it.each(['/', '/p/', '/p/x', '/p', '/prompt', '/state', '/favicon.ico', '/prompt//state', '//', '/%00'])(
    'for %s gets nothing',
    async (path) => {
      const { status, body } = await ask(new URL(prompt.server.newUrl()).origin + path);
      expect(status).toBe(404);
      expect(body).toBe('Not found\n');
    },
  );

  it.each(['state?x', 'nothing', 'constructor', '__proto__', 'state/', '../state'])(
    'with the cookie for %s gets nothing more',
    async (name) => {
      const { page, cookie } = await open(prompt.server.newUrl());
      expect((await ask(page.href + name, { headers: { cookie } })).status).toBe(404);
    },
  );

  it.each(['localhost', 'evil.example', '127.0.0.1', '127.0.0.1.evil.example'])(
    'that came by the name %s is refused',
    async (name) => {
      const { page, get } = await open(prompt.server.newUrl());
      for (const host of [name, `${name}:${Number(page.port) + 1}`]) {
        expect(await get('state', { host })).toMatchObject({ status: 403, body: '' });
      }
    },
  );

  it('from another origin or site is refused', async () => {
    const { get, page } = await open(prompt.server.newUrl());
    const otherPort = `http://127.0.0.1:${Number(page.port) + 1}`;
    expect(await get('state', { origin: otherPort })).toMatchObject({ status: 403, body: '' });
    expect(await get('state', { 'sec-fetch-site': 'cross-site' })).toMatchObject({ status: 403, body: '' });
    expect(await get('state', { 'sec-fetch-site': 'same-site' })).toMatchObject({ status: 403, body: '' });
    expect((await get('state', { 'sec-fetch-site': 'same-origin', origin: page.origin })).status).toBe(200);
  });

  it('has its method', async () => {
    const { get, post } = await open(prompt.server.newUrl());
    expect(await get('cancel')).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(await post('state')).toMatchObject({ status: 405, headers: { allow: 'GET' } });
  });
});

describe('a post', () => {
  it.each([{ origin: 'null' }, { origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])(
    'from elsewhere changes nothing: %o',
    async (headers) => {
      const { post } = await open(prompt.server.newUrl());
      expect((await post('cancel', headers as unknown as Record<string, string>)).status).toBe(403);
      expect(prompt.counts.cancel).toBe(0);
    },
  );

  it('without an origin changes nothing', async () => {
    const { page, cookie } = await open(prompt.server.newUrl());
    const answer = await ask(new URL('cancel', page).href, { method: 'POST', headers: { cookie } });
    expect(answer.status).toBe(403);
    expect(prompt.counts.cancel).toBe(0);
  });

  it('cancels once, and leads back to the page', async () => {
    const { post } = await open(prompt.server.newUrl());
    expect(await post('cancel')).toMatchObject({ status: 303, headers: { location: './' } });
    expect((await post('cancel')).status).toBe(303);
    expect(prompt.counts.cancel).toBe(1);
  });

  it('asks for a new code only where the page offers it', async () => {
    const { post } = await open(prompt.server.newUrl());
    await post('new-code');
    expect(prompt.counts.newCode).toBe(0);
    prompt.set(exampleStates.expired);
    await post('new-code');
    expect(prompt.counts.newCode).toBe(1);
  });

  it('with a large body is refused', async () => {
    const { page, cookie } = await open(prompt.server.newUrl());
    const headers = { cookie, origin: page.origin };
    const url = new URL('cancel', page).href;
    expect((await ask(url, { method: 'POST', headers, body: 'x'.repeat(1025) })).status).toBe(413);
    expect(prompt.counts.cancel).toBe(0);
    expect((await ask(url, { method: 'POST', headers, body: 'x'.repeat(1024) })).status).toBe(303);
  });
});

describe('the redirect from Microsoft', () => {
  const target = (query: string): string => `${prompt.server.redirectUri()}${query}`;
  /** As a browser sends it that comes from Microsoft's page. */
  const fromMicrosoft = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

  function expectState(state: string) {
    const abort = new AbortController();
    const arrived: Readonly<Record<string, string>>[] = [];
    const outcome = prompt.server.redirect(state, abort.signal).then((parameters) => arrived.push(parameters));
    outcome.catch(() => undefined);
    return { abort, arrived, outcome };
  }

  beforeEach(() => prompt.set(exampleStates.browser));

  it('is at 127.0.0.1, on the server’s port, at /callback', () => {
    const { port } = new URL(prompt.server.newUrl());
    expect(prompt.server.redirectUri()).toBe(`http://127.0.0.1:${port}/callback`);
  });

  it('is taken once, and leads to a fresh address of the page', async () => {
    const { arrived } = expectState('state-1');
    const url = target('?code=c%2B1.x&state=state-1&session_state=s');
    const { status, body, headers } = await ask(url, { headers: fromMicrosoft });
    expect(status).toBe(200);
    expect(arrived).toEqual([{ code: 'c+1.x', state: 'state-1', session_state: 's' }]);
    expect(body).not.toMatch(/c\+1\.x|c%2B1|state-1/);
    expect(headers['set-cookie']).toBeUndefined();
    const path = /http-equiv="refresh" content="0; url=(\/p\/[\w-]{43})"/.exec(body)?.[1] ?? '';
    expect(JSON.parse((await (await open(new URL(path, url).href)).get('state')).body)).toMatchObject({
      state: 'browser',
    });
    expect((await ask(url, { headers: fromMicrosoft })).status).toBe(400);
    expect(arrived).toHaveLength(1);
  });

  it.each([
    '',
    '?',
    '?code=c',
    '?state=state-1',
    '?code=c&state=state-2',
    '?code=c&state=STATE-1',
    '?code=c&state=',
    '?code=c&state=state-1&state=state-1',
    '?code=c&code=d&state=state-1',
    '?code=c&state=state-1%00',
  ])('gets nothing and changes nothing with %j', async (query) => {
    const { arrived } = expectState('state-1');
    const { status, body } = await ask(target(query), { headers: fromMicrosoft });
    expect(status).toBe(400);
    expect(body).toContain('no longer valid');
    expect(body).not.toMatch(/state-|login\.microsoftonline|refresh/);
    expect(arrived).toEqual([]);
    expect((await ask(target('?error=access_denied&state=state-1'))).status).toBe(200);
    expect(arrived).toEqual([{ error: 'access_denied', state: 'state-1' }]);
  });

  it('is refused while none is expected, and after the wait was given up', async () => {
    expect((await ask(target('?code=c&state='))).status).toBe(400);
    const first = expectState('state-1');
    first.abort.abort();
    await expect(first.outcome).rejects.toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
    expect((await ask(target('?code=c&state=state-1'))).status).toBe(400);
  });

  it('belongs to the last wait alone', async () => {
    const first = expectState('state-1');
    const second = expectState('state-2');
    expect((await ask(target('?code=c&state=state-1'))).status).toBe(400);
    first.abort.abort();
    expect((await ask(target('?code=c&state=state-2'))).status).toBe(200);
    expect([first.arrived.length, second.arrived.length]).toEqual([0, 1]);
  });

  it.each([
    { host: 'localhost' },
    { host: 'evil.example' },
    { 'sec-fetch-mode': 'no-cors' },
    { 'sec-fetch-mode': 'cors' },
    { 'sec-fetch-dest': 'iframe' },
    { 'sec-fetch-dest': 'image' },
    { 'sec-purpose': 'prefetch' },
  ])('is refused with %o', async (headers) => {
    const { arrived } = expectState('state-1');
    const sent = { ...fromMicrosoft, ...headers } as Record<string, string>;
    expect(await ask(target('?code=c&state=state-1'), { headers: sent })).toMatchObject({ status: 403, body: '' });
    expect(arrived).toEqual([]);
  });

  it('has its method and its path', async () => {
    expectState('state-1');
    const query = '?code=c&state=state-1';
    expect(await ask(target(query), { method: 'POST' })).toMatchObject({ status: 405, headers: { allow: 'GET' } });
    expect((await ask(target(query), { method: 'HEAD' })).status).toBe(405);
    const { origin } = new URL(prompt.server.newUrl());
    for (const path of ['/callback/', '/CALLBACK', '/callback/x', '//callback', '/callback;x']) {
      expect((await ask(`${origin}${path}${query}`)).status).toBe(404);
    }
  });

  it('may carry a code of 8 KB', async () => {
    const { arrived } = expectState('state-1');
    await ask(target(`?code=${'c'.repeat(8192)}&state=state-1`), { headers: fromMicrosoft });
    expect(arrived[0]?.['code']).toHaveLength(8192);
  });

  it('is announced by the page when the user continues, and only in its state', async () => {
    const { get, post } = await open(prompt.server.newUrl());
    expect((await get('')).body).toContain(`href="${exampleStates.browser.authorizationUrl}"`);
    expect((await post('continue')).status).toBe(303);
    expect(prompt.counts.continued).toBe(1);
    prompt.set(exampleStates.waiting);
    await post('continue');
    prompt.set({ state: 'browser', authorizationUrl: 'javascript:alert(1)' });
    await post('continue');
    expect((await get('')).body).not.toContain('javascript:');
    expect(prompt.counts.continued).toBe(1);
  });

  it('is offered in place of a code only by the page that offers it', async () => {
    const { post } = await open(prompt.server.newUrl());
    prompt.set(exampleStates.blocked);
    expect((await post('use-browser')).status).toBe(303);
    expect(prompt.counts.useBrowser).toBe(0);
    prompt.set({ ...exampleStates.blocked, offersBrowser: true });
    expect((await post('use-browser')).status).toBe(303);
    expect(prompt.counts.useBrowser).toBe(1);
  });
});

it('sends the security headers with every answer', async () => {
  const url = prompt.server.newUrl();
  const { get, post } = await open(url);
  const answers = await Promise.all([
    get(''),
    get('state'),
    get('style.css'),
    get('script.js'),
    get('unknown'),
    get('cancel'),
    get('state', { host: 'evil.example' }),
    ask(url),
    ask(prompt.server.newUrl()),
    post('new-code'),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 404, 405, 403, 410, 303, 303]);
  for (const { status, headers } of answers) {
    expect(headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
    });
    const policy = String(headers['content-security-policy']).split('; ');
    const style = status === 410 ? /^style-src 'sha256-[\w+/]{43}='$/ : /^style-src 'self'$/;
    expect(policy.filter((directive) => !style.test(directive))).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "img-src 'self' data:",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ]);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

describe('the state', () => {
  it('is JSON and follows the agent', async () => {
    prompt.set({ ...exampleStates.waiting, expiresAt: Date.now() + 14.5 * 60_000 });
    const { get } = await open(prompt.server.newUrl());
    const first = await get('state');
    expect(first.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(first.body)).toMatchObject({ state: 'waiting', remaining: 'About 14 minutes left' });
    prompt.set(exampleStates['signed-in']);
    expect(JSON.parse((await get('state')).body)).toMatchObject({ state: 'signed-in', remaining: '' });
  });

  it('comes with a proof that the page has and never sends', async () => {
    const { get, page, cookie } = await open(prompt.server.newUrl());
    const { proof } = JSON.parse((await get('state')).body) as { proof: string };
    expect(proof).toMatch(/^[\w-]{43}$/);
    expect((await get('')).body).toContain(`data-proof="${proof}"`);
    expect(`${page.href} ${cookie}`).not.toContain(proof);
    const other = await open(prompt.server.newUrl());
    expect(JSON.parse((await other.get('state')).body)).not.toHaveProperty('proof', proof);
  });

  it.each([
    ['starting', true],
    ['waiting', true],
    ['browser', true],
    ['finishing', true],
    ['signed-in', false],
    ['ending', false],
    ['kept', false],
    ['declined', false],
    ['expired', false],
    ['cancelled', false],
    ['other-account', false],
    ['blocked', false],
    ['failed', false],
  ] as const)('%s: changes without the user: %s', async (name, isRunning) => {
    prompt.set(exampleStates[name]);
    const { get } = await open(prompt.server.newUrl());
    expect(JSON.parse((await get('state')).body)).toMatchObject({ isRunning });
    expect((await get('')).body.includes(' data-running')).toBe(isRunning);
    expect(prompt.shown).toEqual([exampleStates[name], exampleStates[name]]);
  });

  it('tells the agent whether a page is alive', async () => {
    expect(prompt.server.lastSeen()).toBeUndefined();
    const { get } = await open(prompt.server.newUrl());
    await get('unknown');
    expect(prompt.server.lastSeen()).toBeUndefined();
    await get('state');
    expect(prompt.server.lastSeen()).toBeLessThan(30_000);
  });
});

describe('the server', () => {
  it('has no address before it starts and after it is closed, and can start again', async () => {
    const before = prompt.server.newUrl();
    const { get } = await open(before);
    await prompt.server.close();
    expect(() => prompt.server.newUrl()).toThrow(/isn't served/);
    await expect(get('state')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await Promise.all([prompt.server.start(), prompt.server.start()]);
    expect((await ask(new URL(new URL(before).pathname, prompt.server.newUrl()).href)).status).toBe(404);
    expect((await ask(prompt.server.newUrl())).status).toBe(303);
  });

  it('ends open connections when it is closed', async () => {
    const socket = connect(Number(new URL(prompt.server.newUrl()).port), '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const ended = new Promise((resolve) => socket.once('close', resolve));
    await prompt.server.close();
    await ended;
  });

  it('drops a flood of idle connections and serves again', async () => {
    const url = prompt.server.newUrl();
    const sockets = Array.from({ length: 300 }, () => connect(Number(new URL(url).port), '127.0.0.1'));
    const closed = sockets.map(
      (socket) =>
        new Promise((resolve) => {
          socket.on('error', resolve);
          socket.on('close', resolve);
          socket.resume();
        }),
    );
    await Promise.all(closed);
    expect((await ask(url)).status).toBe(303);
  }, 20_000);

  it('answers a failing agent’s page with an empty error', async () => {
    const server = createSignInPageServer({
      state: () => {
        throw new Error('a secret in a message');
      },
      onNewCode: () => undefined,
      onUseBrowser: () => undefined,
      onContinue: () => undefined,
      onCancel: () => undefined,
      onShown: () => undefined,
      clock: systemClock,
      log: silentLog,
    });
    await server.start();
    const { get } = await open(server.newUrl());
    expect(await get('state')).toMatchObject({ status: 500, body: '' });
    await server.close();
  });

  it("doesn't keep the process alive", async () => {
    const module = new URL('../../../src/sign-in-page/server/server.ts', import.meta.url).href;
    const program = `
      import { connect } from 'node:net';
      const { createSignInPageServer } = await import(${JSON.stringify(module)});
      const server = createSignInPageServer({ clock: { now: Date.now, monotonic: () => performance.now() } });
      await server.start();
      const socket = connect(Number(new URL(server.newUrl()).port), '127.0.0.1');
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.unref();
      await new Promise((resolve) => setTimeout(resolve, 100));
      // Well before the idle connection's own 5 s.
      setTimeout(() => process.stdout.write(', but kept alive'), 3_000).unref();
      process.stdout.write('end of program');`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
    expect(stdout).toBe('end of program');
  });
});
