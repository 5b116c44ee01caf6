// The sign-in page in real Chromium, with a server whose state the test changes.
import { type Browser, type BrowserContext, chromium as browserType, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { PageContent, PageState } from '../../../src/sign-in-page/page-state.ts';
import { chromiumOptions, headlessShellOptions } from '../../support/harness/chromium.ts';
import { startPage } from './page-fixture.ts';

export interface OpenedPage {
  readonly prompt: Awaited<ReturnType<typeof startPage>>;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Console errors, warnings, exceptions and CSP violations so far. */
  readonly complaints: readonly string[];
  readonly requested: readonly string[];
}

type ContextOptions = NonNullable<Parameters<Browser['newContext']>[0]>;

export interface OpenOptions extends ContextOptions {
  /** Runs before the page's own script. */
  readonly script?: string;
  /** Whether the page may use the clipboard. */
  readonly clipboard?: boolean;
  readonly view?: Partial<PageContent>;
  /** Not the headless shell, in which a route can't be fulfilled with a redirect. */
  readonly fullBrowser?: boolean;
}

/** Starts browsers for the tests of the file that calls it, and ends whatever they open. */
export function usePages() {
  let shell: Browser;
  let full: Browser;
  const endings: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    [shell, full] = await Promise.all([
      browserType.launch(headlessShellOptions()),
      browserType.launch(chromiumOptions()),
    ]);
  });
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });
  afterAll(async () => {
    await shell?.close();
    await full?.close();
  });

  async function open(state: PageState, options: OpenOptions = {}): Promise<OpenedPage> {
    const { script, clipboard = false, view, fullBrowser = false, ...contextOptions } = options;
    const prompt = await startPage(state, view);
    const context = await (fullBrowser ? full : shell).newContext(contextOptions);
    endings.push(
      () => prompt.server.close(),
      () => context.close(),
    );
    const url = prompt.server.newUrl();
    if (clipboard) {
      await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(url).origin });
    }
    // Microsoft's page, without Microsoft.
    await context.route(/^https:/, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>Microsoft</title>' }),
    );
    const page = await context.newPage();
    const complaints: string[] = [];
    const requested: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (sent) => requested.push(sent.url()));
    if (script !== undefined) await page.addInitScript(script);
    await page.goto(url);
    return { prompt, context, page, complaints, requested };
  }

  return {
    open,
    endings,
    newContext: (options?: ContextOptions) => shell.newContext(options),
    newPage: () => shell.newPage(),
  };
}
