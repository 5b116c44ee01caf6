// The sign-in page's port, attacked by other local users and by web pages in a real browser, while a sign-in is open.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chromiumOptions } from '../../support/harness/chromium.ts';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { isLong } from '../../support/harness/long.ts';
import type { World } from '../../support/harness/world.ts';
import { agentProcess, binary, run, worldForTest } from '../support.ts';

const attackers = [
  // The harder one for us: another port is the same site, so that cookies go along.
  { who: 'of another server on this computer', site: 'http://127.0.0.1' },
  { who: 'of another site', site: 'http://evil.example' },
  { who: 'of another server on this computer, by name', site: 'http://localhost' },
];

interface OpenSignIn {
  readonly world: World;
  /** The one-time address, not yet opened. */
  readonly url: URL;
  readonly code: string;
  /** The user signs in, and the helper that waits gets its token. */
  finish(): Promise<void>;
}

async function openSignIn(): Promise<OpenSignIn> {
  const world = await worldForTest({ config: { logLevel: 'debug' } });
  const helper = runHelper(binary, { context: 'interactive', env: world.env });
  const url = new URL(await world.sandbox.waitForOpenedUrl());
  const code = await world.entra.waitForUserCode();
  const finish = async () => {
    world.entra.approve(code);
    expect(await helper).toMatchObject({ state: 'ok' });
  };
  return { world, url, code, finish };
}

/** What comes back for these very bytes, until the server hangs up or `ms` have passed. */
function exchange(port: string, bytes: string | Buffer, ms = 1_000): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1');
    let text = '';
    const timer = setTimeout(() => socket.destroy(), ms);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
    socket.write(bytes);
  });
}

const statusOf = (reply: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(reply)?.[1] ?? 0);
const headOf = (method: string, path: string, headers: Readonly<Record<string, string>>): string =>
  `${method} ${path} HTTP/1.1\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}connection: close\r\n\r\n`;

describe('another local user at the port', () => {
  it("gets neither code nor page without the address, whatever is sent, and doesn't use it up", async () => {
    const { url, code, world, finish } = await openSignIn();
    const host = url.host;
    const port = url.port;
    const requests: Readonly<Record<string, string | Buffer>> = {
      'the root': headOf('GET', '/', { host }),
      'a guessed address': headOf('GET', `/p/${'A'.repeat(43)}`, { host }),
      'a guessed page': headOf('GET', `/prompt/${'A'.repeat(43)}/`, { host, cookie: `foundry-sign-in-${port}=x` }),
      'a guessed state': headOf('GET', `/prompt/${'A'.repeat(43)}/state`, { host }),
      'a guessed redirect': headOf('GET', '/callback?code=x&state=y', { host }),
      'a path that climbs': headOf('GET', '/prompt/../p/', { host }),
      'an absolute target elsewhere': headOf('GET', `http://evil.example${url.pathname}`, { host }),
      'two hosts': `GET ${url.pathname} HTTP/1.1\r\nhost: ${host}\r\nhost: evil.example\r\n\r\n`,
      'the address by another name': headOf('GET', url.pathname, { host: `localhost:${port}` }),
      'the address by a rebound name': headOf('GET', url.pathname, { host: `evil.example:${port}` }),
      'the address without a host': headOf('GET', url.pathname, {}),
      'the address from another site': headOf('GET', url.pathname, { host, 'sec-fetch-site': 'cross-site' }),
      'the address from another port': headOf('GET', url.pathname, { host, 'sec-fetch-site': 'same-site' }),
      'the address from another origin': headOf('GET', url.pathname, { host, origin: 'https://evil.example' }),
      'the address ahead of time': headOf('GET', url.pathname, { host, 'sec-purpose': 'prefetch' }),
      'the address by HEAD': headOf('HEAD', url.pathname, { host }),
      'the address by POST': headOf('POST', url.pathname, { host, origin: url.origin, 'content-length': '0' }),
      'the address by an upgrade': headOf('GET', url.pathname, {
        host: 'x',
        connection: 'upgrade',
        upgrade: 'websocket',
      }),
      'a tunnel': headOf('CONNECT', 'login.microsoftonline.com:443', { host }),
      'two lengths': headOf('POST', '/', { host, 'content-length': '1', 'Content-Length': '2' }),
      'a length and chunks': headOf('POST', '/', { host, 'content-length': '1', 'transfer-encoding': 'chunked' }),
      'a large head': headOf('GET', '/', { host, x: 'x'.repeat(100_000) }),
      'a large body': `${headOf('POST', '/', { host, origin: url.origin, 'content-length': '5000000' })}${'x'.repeat(500_000)}`,
      TLS: Buffer.from('160301020001', 'hex'),
      'no HTTP': 'hello\r\n\r\n',
      noise: Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 256)),
    };
    const outcomes: Record<string, number> = {};
    for (const [name, bytes] of Object.entries(requests)) {
      const reply = await exchange(port, bytes);
      outcomes[name] = statusOf(reply);
      expect(reply, name).not.toContain(code);
      expect(reply, name).not.toContain('set-cookie');
      expect(reply, name).not.toContain('Set-Cookie');
    }
    expect(Object.entries(outcomes).filter(([, status]) => status !== 0 && (status < 400 || status >= 500))).toEqual(
      [],
    );
    // The browser that the user has still gets the page, and anyone who comes later doesn't.
    const first = await exchange(port, headOf('GET', url.pathname, { host, 'sec-fetch-site': 'none' }));
    expect(statusOf(first)).toBe(303);
    const second = await exchange(port, headOf('GET', url.pathname, { host }));
    expect(statusOf(second)).toBe(410);
    expect(second).not.toContain(code);
    const page = /location: (\S+)/i.exec(first)?.[1] ?? '';
    const withoutCookie = await exchange(port, headOf('GET', page, { host }));
    expect(statusOf(withoutCookie)).toBe(404);
    expect(withoutCookie).not.toContain(code);
    expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ exitCode: 5 });
    await finish();
  });

  it('with slow connections only delays the page', async () => {
    const { url, world, finish } = await openSignIn();
    const pid = agentProcess(world);
    const sockets: Socket[] = [];
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    for (let index = 0; index < 300; index += 1) {
      const socket = connect(Number(url.port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write('GET / HTTP/1.1\r\nx: ');
      sockets.push(socket);
    }
    expect(await run(world.env, 'status')).toMatchObject({ exitCode: 5 });
    // Slow heads are hung up on after 5 s.
    await expect
      .poll(async () => statusOf(await exchange(url.port, headOf('GET', url.pathname, { host: url.host }))), {
        interval: 500,
      })
      .toBe(303);
    expect(agentProcess(world)).toBe(pid);
    await finish();
  });
});

/** The attacker's own web server: answers everything with a page and keeps what was asked. */
async function startEvilSite(): Promise<{ readonly port: number; readonly requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>evil</title><body>evil');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, requests };
}

/** Requests that the prompt's guard refused so far, by the agent's log. */
function refusals({ sandbox }: World): number {
  return readFileSync(join(sandbox.stateFolder, 'agent.log'), 'utf8').split('"prompt-request-refused"').length - 1;
}

describe('a web page in the same browser', () => {
  let browser: Browser;

  beforeAll(async () => {
    const { executablePath, args } = chromiumOptions();
    browser = await chromium.launch({
      executablePath,
      args: [
        ...args,
        // The attacker's name server gives the loopback address: DNS rebinding, and a page that is local itself.
        '--host-resolver-rules=MAP evil.example 127.0.0.1',
      ],
    });
  });

  afterAll(() => browser.close());

  /** Everything that a page can send without being asked, to that address; what it could find out from the answers. */
  async function attackFrom(context: BrowserContext, origin: string, targets: readonly string[]): Promise<string[]> {
    const page = await context.newPage();
    await page.goto(origin);
    const learned = await page.evaluate(async (addresses) => {
      const found: string[] = [];
      const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
      for (const address of addresses) {
        for (const init of [
          { mode: 'cors' },
          { mode: 'no-cors' },
          { mode: 'cors', credentials: 'include' },
          { mode: 'no-cors', credentials: 'include', method: 'POST' },
        ] as RequestInit[]) {
          const text = await fetch(address, init).then(
            (response) => response.text(),
            () => '',
          );
          if (text !== '') found.push(text);
        }
        for (const tag of ['img', 'script', 'iframe', 'embed'] as const) {
          const element = document.createElement(tag);
          element.setAttribute('src', address);
          document.body.append(element);
        }
        const style = document.createElement('link');
        style.rel = 'stylesheet';
        style.href = address;
        document.head.append(style);
        const prefetch = document.createElement('link');
        prefetch.rel = 'prefetch';
        prefetch.href = address;
        document.head.append(prefetch);
        navigator.sendBeacon(address, 'x');
        const frame = document.createElement('iframe');
        frame.name = 'target';
        document.body.append(frame);
        const form = document.createElement('form');
        form.method = 'post';
        form.action = address;
        form.target = 'target';
        document.body.append(form);
        form.submit();
        await wait(60);
        for (const inner of document.querySelectorAll('iframe')) {
          try {
            found.push(inner.contentDocument?.body.innerText ?? '');
          } catch {
            // Another origin's document.
          }
        }
      }
      return found.filter((text) => text !== '');
    }, targets);
    for (const target of targets.slice(0, 2)) {
      const opened = context.waitForEvent('page', { timeout: 3_000 }).catch(() => undefined);
      await page.evaluate((address) => void window.open(address), target);
      const popup = await opened;
      await popup?.waitForLoadState().catch(() => undefined);
      learned.push((await popup?.innerText('body').catch(() => '')) ?? '');
      await popup?.close();
    }
    await page.close();
    return learned;
  }

  it.each(isLong ? attackers : attackers.slice(0, 1))(
    '$who that even knows the addresses reads, cancels and uses up nothing',
    async ({ site }) => {
      const { url, code, world, finish } = await openSignIn();
      const evil = await startEvilSite();
      const context = await browser.newContext();
      onTestFinished(() => context.close());
      const origin = `${site}:${evil.port}/`;
      const before = await attackFrom(context, origin, [
        url.href,
        `${url.origin}/`,
        `${url.origin}/callback?code=a&state=b`,
      ]);
      expect(before.join('\n')).not.toContain(code);

      // Not used up: the user's browser itself gets the page and a session cookie.
      const prompt = await context.newPage();
      await prompt.goto(url.href);
      expect(prompt.url()).toContain('/prompt/');
      await prompt.getByRole('link', { name: /open microsoft/i }).waitFor();
      const names = ['', 'state', 'cancel', 'new-code', 'script.js'].map((name) => new URL(name, prompt.url()).href);
      const after = await attackFrom(context, origin, [...names, url.href]);
      expect(after.join('\n')).not.toContain(code);
      expect(await run(world.env, 'status')).toMatchObject({ exitCode: 5 });
      expect(await prompt.getByRole('link', { name: /open microsoft/i }).isVisible()).toBe(true);
      // Its requests did reach the port.
      expect(refusals(world)).toBeGreaterThan(50);
      // Cookies ignore ports, so another server on 127.0.0.1 sees those whose path fits. The page's never does.
      expect(evil.requests.map(({ headers }) => headers.cookie).filter(Boolean)).toEqual([]);
      await finish();
    },
  );

  it('with a name that is rebound to 127.0.0.1 is another host', async () => {
    const { url, finish } = await openSignIn();
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const [reply] = await Promise.all([
      page.waitForResponse(/evil\.example/),
      // An error without a body isn't a page to Chromium.
      page.goto(`http://evil.example:${url.port}${url.pathname}`).catch(() => undefined),
    ]);
    expect(reply.status()).toBe(403);
    // The address isn't used up.
    expect((await (await context.newPage()).goto(url.href))?.status()).toBe(200);
    await finish();
  });
});
