// Every page that a user can meet, with a name that its picture and its accessibility report have too.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { PageContent, PageState } from '../../../src/sign-in-page/page-state.ts';
import { exampleStates, startPage } from './page-fixture.ts';

export interface Exhibit {
  readonly name: string;
  /** For whoever looks at the pictures. */
  readonly caption: string;
  readonly state: PageState;
  readonly view?: Partial<PageContent>;
  /** Where neither organization nor account is configured. */
  readonly isBare?: true;
  /** How one gets there where its address alone does not lead there; the browser's console tells of the failed request. */
  readonly way?: (page: Page, server: SignInPageServer) => Promise<unknown>;
}

type SignInPageServer = Awaited<ReturnType<typeof startPage>>['server'];

const accountHint = 'anna.lindqvist@contoso.com';

export const gallery: readonly Exhibit[] = [
  { name: 'starting', caption: 'Microsoft is being asked for a code', state: exampleStates.starting },
  { name: 'waiting', caption: 'The sign-in with a code', state: exampleStates.waiting, view: { accountHint } },
  {
    name: 'waiting-last-minute',
    caption: 'Nearly out of time, no organization and no account configured',
    state: { ...exampleStates.waiting, expiresAt: Date.now() + 50_000 },
    isBare: true,
  },
  {
    name: 'waiting-with-logo',
    caption: 'The organization’s logo',
    state: exampleStates.waiting,
    view: { logo: { type: 'image/png', bytes: readFileSync(join(import.meta.dirname, 'contoso-logo.png')) } },
  },
  { name: 'browser', caption: 'The sign-in without a code', state: exampleStates.browser, view: { accountHint } },
  { name: 'finishing', caption: 'Back from Microsoft', state: exampleStates.finishing },
  { name: 'signed-in', caption: 'Done', state: exampleStates['signed-in'] },
  { name: 'declined', caption: 'Declined on Microsoft’s page', state: exampleStates.declined },
  {
    name: 'declined-browser',
    caption: 'Declined, in the sign-in without a code',
    state: { state: 'declined', method: 'browser' },
  },
  { name: 'expired', caption: 'The code ran out', state: exampleStates.expired },
  {
    name: 'expired-with-a-way-through',
    caption: 'The code ran out, and the browser is allowed',
    state: { state: 'expired', offersBrowser: true },
  },
  {
    name: 'expired-browser',
    caption: 'Out of time, in the sign-in without a code',
    state: { state: 'expired', method: 'browser' },
  },
  { name: 'cancelled', caption: 'Cancelled', state: exampleStates.cancelled },
  {
    name: 'other-account',
    caption: 'A different account than the configured one',
    state: exampleStates['other-account'],
  },
  {
    name: 'other-account-browser',
    caption: 'A different account, in the sign-in without a code',
    state: { ...exampleStates['other-account'], method: 'browser' },
  },
  { name: 'blocked', caption: 'A policy refuses the sign-in', state: exampleStates.blocked },
  {
    name: 'blocked-with-a-way-through',
    caption: 'A policy refuses codes, and the browser is allowed',
    state: { state: 'blocked', code: 'ERR_DEVICE_CODE_BLOCKED', detail: 'AADSTS530036', offersBrowser: true },
  },
  { name: 'no-network', caption: 'Microsoft can’t be reached', state: exampleStates.failed },
  {
    name: 'failed',
    caption: 'Anything else',
    state: { state: 'failed', code: 'ERR_INTERNAL' },
  },
  {
    name: 'already-opened',
    caption: 'The one-time address was opened before',
    state: exampleStates.waiting,
    way: async (page, server) => {
      const url = server.newUrl();
      await fetch(url, { redirect: 'manual' });
      await page.goto(url);
    },
  },
  {
    name: 'not-here',
    caption: 'An address that is no longer valid',
    state: exampleStates.waiting,
    way: (page, server) => page.goto(new URL('/prompt/0123456789abcdef/', server.newUrl()).href),
  },
  {
    name: 'agent-gone',
    caption: 'The program behind the page has ended',
    state: exampleStates.waiting,
    way: async (page, server) => {
      await page.goto(server.newUrl());
      await server.close();
      await page.locator('main form').first().waitFor({ state: 'detached' });
    },
  },
  {
    name: 'another-program',
    caption: 'Another program answers in place of the one behind the page',
    state: exampleStates.waiting,
    way: async (page, server) => {
      await page.route(/\/state$/, (route) => route.fulfill({ json: { state: 'waiting' } }));
      await page.goto(server.newUrl());
      await page.locator('main form').first().waitFor({ state: 'detached' });
    },
  },
];

/** Brings the page there, and gives the server that is behind it. */
export async function visit(page: Page, { state, view, isBare, way }: Exhibit): Promise<SignInPageServer> {
  const { server } = await startPage(state, view, isBare);
  await (way?.(page, server) ?? page.goto(server.newUrl()));
  return server;
}
