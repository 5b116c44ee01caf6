// Shows an exhibit of the gallery in a browser, or gets what the browser would get.
import type { Page } from 'playwright-core';
import type { Language } from '../../../src/sign-in-page/languages/languages.ts';
import { clock, type Exhibit, type Way } from './gallery.ts';
import { startPage } from './page-fixture.ts';

type SignInPageServer = Awaited<ReturnType<typeof startPage>>['server'];

const oldAddress = (server: SignInPageServer): string => new URL('/prompt/0123456789abcdef/', server.newUrl()).href;

const ways: Readonly<Record<Way, (page: Page, server: SignInPageServer) => Promise<unknown>>> = {
  'copy-code': (page, server) => copyCode(page, server),
  'fail-to-copy-code': (page, server) =>
    copyCode(page, server, async () => {
      await page.evaluate(() => {
        const { document, navigator } = globalThis as unknown as {
          document: { execCommand: () => boolean };
          navigator: { clipboard: { writeText: () => Promise<void> } | undefined };
        };
        document.execCommand = () => false;
        if (navigator.clipboard) navigator.clipboard.writeText = () => Promise.reject(new Error('refused'));
      });
    }),
  'open-twice': async (page, server) => {
    const url = server.newUrl();
    await fetch(url, { redirect: 'manual' });
    await page.goto(url);
  },
  'open-old-address': (page, server) => page.goto(oldAddress(server)),
  'lose-program': async (page, server) => {
    await page.goto(server.newUrl());
    await server.close();
    await page.locator('main form').first().waitFor({ state: 'detached' });
  },
  'meet-another-program': async (page, server) => {
    await page.route(STATE, (route) => route.fulfill({ json: { state: 'waiting' } }));
    await page.goto(server.newUrl());
    await page.locator('main form').first().waitFor({ state: 'detached' });
    await page.unroute(STATE);
  },
};

const STATE = /\/state$/;
const MICROSOFT = /^https:/;

/** Clicks the main button, and closes the tab that it opens. */
async function copyCode(page: Page, server: SignInPageServer, prepare = async (): Promise<void> => {}): Promise<void> {
  const context = page.context();
  await context.route(MICROSOFT, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>Microsoft</title>' }),
  );
  await page.goto(server.newUrl());
  await prepare();
  const [microsoft] = await Promise.all([context.waitForEvent('page'), page.locator('main .button.primary').click()]);
  await microsoft.waitForLoadState();
  await microsoft.close();
  await context.unroute(MICROSOFT);
}

/** Opens the page and does what leads there. Returns the server behind it, which the caller closes. */
export async function visit(page: Page, { state, view, isBare, way }: Exhibit): Promise<SignInPageServer> {
  const { server } = await startPage(state, view, isBare, clock);
  await (way === undefined ? page.goto(server.newUrl()) : ways[way](page, server));
  return server;
}

/** What the browser gets for an exhibit, without what is different each time. */
export interface Served {
  readonly document: string;
  readonly style: string;
  readonly script: string;
}

/** Asks the server for an exhibit as a browser does whose user reads this language. */
export async function served({ state, view, isBare, way }: Exhibit, language: Language): Promise<Served> {
  const { server } = await startPage(state, view, isBare, clock);
  try {
    const url = server.newUrl();
    const headers = { 'Accept-Language': language };
    const opened = await fetch(url, { headers, redirect: 'manual' });
    const cookie = opened.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const get = async (address: string, further: Record<string, string> = {}): Promise<string> =>
      (await fetch(address, { headers: { ...headers, ...further } })).text();
    if (way === 'open-twice') return { document: await get(url), style: '', script: '' };
    if (way === 'open-old-address') return { document: await get(oldAddress(server)), style: '', script: '' };
    const page = new URL(opened.headers.get('location') ?? '', url).href;
    const [document, style, script] = await Promise.all(
      ['', 'style.css', 'script.js'].map((name) => get(new URL(name, page).href, { Cookie: cookie })),
    );
    return {
      document: (document ?? '').replace(/(data-proof=")[^"]*/, '$1'),
      style: style ?? '',
      script: script ?? '',
    };
  } finally {
    await server.close();
  }
}
