// The whole way as an employee walks it: Claude Desktop starts the helper, the page opens in a real browser, the code is
// pasted at the verification page, and Claude Desktop has its token.
import { expect, it } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { launchBrowser, signInByBrowser } from '../support/harness/employee.ts';
import { binary, worldForTest } from './support.ts';

it('a person signs in once on the page, and every later run is silent', async () => {
  const world = await worldForTest({ config: { organizationName: 'Contoso' } });
  const browser = await launchBrowser(world);
  try {
    const helper = runHelper(binary, { context: 'interactive', env: world.env });
    const promptUrl = await world.sandbox.waitForOpenedUrl();
    expect(new URL(promptUrl).hostname).toBe('127.0.0.1');
    const texts: string[] = [];
    const { complaints } = await signInByBrowser(browser, promptUrl, 'grace@contoso.com', {
      onPage: async (_, page) => void texts.push(await page.innerText('body')),
    });
    expect(complaints).toEqual([]);
    expect(texts[0]).toContain('Contoso');
    expect(texts[0]).toMatch(/never enter a code/i);
    // The binary keeps all characters, including those that aren't ASCII.
    expect(texts[0]).toContain('Doesn’t open? Go to login.microsoftonline.com/device in any browser');
    expect(texts[1]).toContain('grace@contoso.com');
    const { state, token = '' } = await helper;
    expect(state).toBe('ok');
    expect(world.entra.checkAccessToken(token)).toBe('valid');

    const again = await runHelper(binary, { context: 'interactive', env: world.env });
    expect(again).toMatchObject({ state: 'ok', token });
    expect(world.sandbox.openedUrls()).toHaveLength(1);

    // The address works only once: someone who saw it on the browser's command line doesn't see the code.
    const stranger = await browser.newPage();
    // On a busy computer, the page may be closed by now, so nothing answers.
    const reply = await stranger.goto(promptUrl).catch(() => null);
    expect((await reply?.text()) ?? '').not.toContain(world.entra.issued.userCodes[0]);
  } finally {
    await browser.close();
  }
});
