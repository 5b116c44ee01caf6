// The binary has the sign-in page's texts in every language, and reads each as it was written.
import { expect, it } from 'vitest';
import { LANGUAGES } from '../../src/sign-in-page/languages/languages.ts';
import { messagesIn } from '../../src/sign-in-page/languages/messages.ts';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { binary, worldForTest } from './support.ts';

it('the page speaks every language that a browser asks for', async () => {
  const world = await worldForTest();
  const helper = runHelper(binary, { context: 'interactive', env: world.env });
  const url = await world.sandbox.waitForOpenedUrl();
  const code = await world.entra.waitForUserCode();
  const opened = await fetch(url, { redirect: 'manual' });
  const cookie = (opened.headers.getSetCookie()[0] ?? '').split(';', 1).join();
  const page = new URL(opened.headers.get('location') ?? '', url);
  for (const language of LANGUAGES) {
    const reply = await fetch(page, { headers: { cookie, 'accept-language': language } });
    const text = await reply.text();
    expect(text).toContain(`<html lang="${language}"`);
    expect(text).toContain(`<h1 tabindex="-1">${messagesIn(language).waiting.title}</h1>`);
  }
  world.entra.approve(code);
  expect(await helper).toMatchObject({ state: 'ok' });
});
