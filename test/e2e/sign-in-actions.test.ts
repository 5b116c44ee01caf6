// How many actions a sign-in takes, from the sign-in page to "You're signed in": counted in a real browser, on pages that
// ask as Entra's do. docs/reference/login.md has the numbers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { chromiumOptions } from '../support/harness/chromium.ts';
import { runHelper } from '../support/harness/claude-desktop.ts';
import type { World } from '../support/harness/world.ts';
import type { BrowserSession } from '../support/servers/entra-session-pages.ts';
import { binary, worldForTest } from './support.ts';

interface Actions {
  readonly clicks: number;
  /** Fields that are typed into; each counts once. */
  readonly entries: number;
  readonly pastes: number;
  /** Tabs that the person has to open, close, or change to. */
  readonly tabs: number;
}

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch(chromiumOptions());
});
afterAll(() => browser?.close());

/** A person at a browser, who counts every action and never clicks a field: the page must focus it. */
class Person {
  readonly actions = { clicks: 0, entries: 0, pastes: 0, tabs: 0 };
  readonly #context: BrowserContext;
  page: Page;

  constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
  }

  async click(selector: string): Promise<void> {
    this.actions.clicks += 1;
    await this.page.click(selector);
  }

  /** A click that opens a tab, where the person then is. */
  async clickToNewTab(selector: string): Promise<void> {
    const [opened] = await Promise.all([this.#context.waitForEvent('page'), this.click(selector)]);
    await opened.waitForLoadState();
    this.page = opened;
  }

  async paste(selector: string): Promise<void> {
    await this.#waitForFocus(selector);
    this.actions.pastes += 1;
    await this.page.keyboard.press('Control+V');
  }

  async type(selector: string, text: string): Promise<void> {
    await this.#waitForFocus(selector);
    this.actions.entries += 1;
    await this.page.keyboard.type(text);
  }

  async closeTab(back: Page): Promise<void> {
    this.actions.tabs += 1;
    await this.page.close();
    this.page = back;
  }

  async #waitForFocus(selector: string): Promise<void> {
    await this.page.locator(`${selector}:focus`).waitFor();
  }
}

async function personAt(world: World, promptUrl: string): Promise<Person> {
  const proxy = { server: world.proxy.url, bypass: '127.0.0.1' };
  const context = await browser.newContext({ ignoreHTTPSErrors: true, proxy });
  onTestFinished(() => context.close());
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(promptUrl).origin });
  const page = await context.newPage();
  await page.goto(promptUrl);
  return new Person(context, page);
}

async function enterName(person: Person): Promise<void> {
  await person.type('input[name=loginfmt]', 'ada@contoso.com');
  await person.click('#next');
  await person.type('input[name=passwd]', 'any password');
  await person.click('#sign-in');
}

async function signInByCode(person: Person, session: BrowserSession): Promise<void> {
  const prompt = person.page;
  await person.clickToNewTab('#open');
  await person.paste('#otc');
  await person.click('#next');
  if (session === 'present') await person.click('.tile');
  else await enterName(person);
  await person.click('#continue');
  await person.page.locator('#outcome').waitFor();
  await person.closeTab(prompt);
}

async function signInInBrowser(person: Person, session: BrowserSession): Promise<void> {
  await person.click('#continue');
  if (session === 'present') return;
  await enterName(person);
  await person.click('#yes');
}

const total = ({ clicks, entries, pastes, tabs }: Actions): number => clicks + entries + pastes + tabs;

const ways: readonly (readonly ['browser' | 'device-code', BrowserSession, Actions])[] = [
  ['browser', 'present', { clicks: 1, entries: 0, pastes: 0, tabs: 0 }],
  ['browser', 'absent', { clicks: 4, entries: 2, pastes: 0, tabs: 0 }],
  ['device-code', 'present', { clicks: 4, entries: 0, pastes: 1, tabs: 1 }],
  ['device-code', 'absent', { clicks: 5, entries: 2, pastes: 1, tabs: 1 }],
];

it.each(ways)('%s, with the session %s, takes only these actions', async (method, session, expected) => {
  const world = await worldForTest({ config: { signInMethod: method } });
  world.entra.browserSession = session;
  const helper = runHelper(binary, { context: 'interactive', env: world.env });
  const person = await personAt(world, await world.sandbox.waitForOpenedUrl());
  await (method === 'browser' ? signInInBrowser : signInByCode)(person, session);
  await person.page.getByRole('heading', { level: 1, name: /signed in/i }).waitFor();
  expect(await helper).toMatchObject({ state: 'ok' });
  expect(person.actions).toEqual(expected);
});

it('docs/reference/login.md says the same', () => {
  const page = readFileSync(join(projectFolder, 'docs/reference/login.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(browser|device-code)` \|.*\| (\d+) \| (\d+) \|$/gm)];
  const counted = (method: string): readonly number[] =>
    ways.filter(([name]) => name === method).map(([, , actions]) => total(actions));
  expect(rows.map(([, method, ...numbers]) => [method, numbers.map(Number)])).toEqual(
    ['browser', 'device-code'].map((method) => [method, counted(method)]),
  );
});
