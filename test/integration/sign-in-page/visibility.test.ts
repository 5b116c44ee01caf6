// Whether someone sees the page, as the page tells the server.
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { silentLog } from '../../../src/log/event-log.ts';
import type { PageState } from '../../../src/sign-in-page/page-state.ts';
import { createSignInPageServer } from '../../../src/sign-in-page/server/server.ts';

const nothing = () => undefined;

async function serve() {
  const shown: boolean[] = [];
  const state: PageState = { state: 'waiting', userCode: 'ABCD1234', verificationUri: 'https://x/', expiresAt: 1 };
  const server = createSignInPageServer({
    ...{ clock: systemClock, log: silentLog, state: () => ({ state }) },
    ...{ onNewCode: nothing, onUseBrowser: nothing, onContinue: nothing, onCancel: nothing },
    onShown: (_, isVisible) => void shown.push(isVisible),
  });
  await server.start();
  onTestFinished(() => server.close());
  /** A browser that has loaded the page. */
  const open = async () => {
    const claimed = await fetch(server.newUrl(), { redirect: 'manual' });
    const cookie = claimed.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const page = new URL(claimed.headers.get('location') ?? '', claimed.url);
    const ask = (name: string, headers: Record<string, string> = {}) =>
      fetch(new URL(name, page), { headers: { cookie, ...headers } });
    await ask('');
    return { poll: (visibility: string) => ask('state', { 'X-Sign-In-Page': visibility }) };
  };
  return { server, shown, open };
}

it('a page counts as visible until it says that it is hidden', async () => {
  const { server, shown, open } = await serve();
  expect(server.lastVisible()).toBeUndefined();
  const { poll } = await open();
  expect(server.lastVisible()).toBeGreaterThanOrEqual(0);
  await poll('hidden');
  expect(server.lastVisible()).toBeUndefined();
  expect(server.lastSeen()).toBeGreaterThanOrEqual(0);
  await poll('visible');
  expect(server.lastVisible()).toBeGreaterThanOrEqual(0);
  expect(shown).toEqual([true, false, true]);
});

it('one of several pages is enough, whichever asked last', async () => {
  const { server, open } = await serve();
  const [first, second] = [await open(), await open()];
  await first.poll('hidden');
  expect(server.lastVisible()).toBeGreaterThanOrEqual(0);
  await second.poll('hidden');
  expect(server.lastVisible()).toBeUndefined();
});

it('no page is left when the server closes', async () => {
  const { server, open } = await serve();
  await open();
  await server.close();
  expect(server.lastVisible()).toBeUndefined();
});
