import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInEndedMessage, signInEndingMessage, waitingMessage } from '../../../src/notify/messages.ts';
import { notificationCommands } from '../../../src/notify/notification-command.ts';
import { notify } from '../../../src/notify/notify.ts';

/** A name that would end a string in a shell or in markup. */
const HOSTILE = `a"'\`$(x)<b>&\\@contoso.com`;
const message = signInEndedMessage(HOSTILE, 'en-US');

describe('the message', () => {
  it.each([
    ['en-GB', 'Sign in'],
    ['de-AT', 'Anmelden'],
    ['fr', 'Se connecter'],
    ['tlh', 'Sign in'],
  ])('in %s', (locale, action) => {
    const { title, body, action: word } = signInEndedMessage('ada@contoso.com', locale);
    expect(word).toBe(action);
    expect(title).toContain('Claude');
    expect(body).toContain('ada@contoso.com');
  });
});

it('of a sign-in that ends says when, by day and hour, and what to do about a password', () => {
  const at = new Date(2026, 10, 24, 9, 30).getTime();
  expect(signInEndingMessage(at, false, 'en-US')).toEqual({
    title: 'Claude’s sign-in ends soon',
    body: expect.stringMatching(/^It ends on Tuesday, November 24 at 9:30\sAM\.$/),
    action: 'Renew',
    otherwise: 'Claude then asks you to sign in again.',
  });
  expect(signInEndingMessage(at, true, 'en-US').title).toBe('Your password expires soon');
  expect(signInEndingMessage(at, false, 'de-AT').body).toContain('Dienstag, 24. November');
});

it("of a page that waits names no account, and says where the page is if it can't be clicked", () => {
  const { title, body, action, otherwise } = waitingMessage('en-US');
  expect({ title, body, action }).toEqual({
    title: 'Claude is waiting for you to sign in',
    body: 'The sign-in page is open in your browser.',
    action: 'Show it',
  });
  expect(otherwise).toContain('windows and tabs');
  expect(waitingMessage('de-AT').title).not.toBe(title);
});

describe('the command', () => {
  it('escapes what a notification reads as markup, and has a form without an action', () => {
    const [first, second] = notificationCommands(message);
    expect(first?.args.at(-1)).toContain('&lt;b&gt;&amp;');
    expect(second?.args.join(' ')).not.toContain('--action');
    expect(first?.args.at(-1)).not.toContain(message.otherwise);
    expect(second?.args.at(-1)).toContain(message.otherwise);
    expect(second?.isActivated('default')).toBe(false);
  });
});

describe.runIf(process.platform === 'linux')('notify, with a stand-in for notify-send', () => {
  let folder: string;
  const path = process.env['PATH'];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'notify-'));
    process.env['PATH'] = `${folder}:/usr/bin:/bin`;
  });
  afterAll(() => {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true });
  });

  function standIn(script: string): void {
    writeFileSync(join(folder, 'notify-send'), `#!/bin/sh\necho "$@" >> '${folder}/called'\n${script}\n`);
    chmodSync(join(folder, 'notify-send'), 0o755);
  }
  const show = (signal = new AbortController().signal) => notify(message, signal, { appearsMs: 300 });

  it.each([
    ['activated', 'echo default'],
    ['activated', 'echo sign-in'],
    ['dismissed', 'exit 0'],
    // An older notify-send doesn't know --action.
    ['dismissed', 'case "$*" in *--action*) exit 1;; esac'],
    ['unavailable', 'exit 1'],
    // libnotify 0.8 does this if there's no desktop.
    ['unavailable', 'case "$*" in *--action*) exec sleep 60;; *) exit 1;; esac'],
    // On the screen for longer than it may take to get there.
    ['activated', 'echo 1; sleep 0.6; echo default'],
  ])('says %s: %s', async (outcome, script) => {
    standIn(script);
    expect(await show()).toBe(outcome);
  });

  it('ends with the agent, and takes the notification with it', async () => {
    standIn(`echo $$ > '${folder}/pid'; exec sleep 60`);
    const abort = new AbortController();
    const shown = show(abort.signal);
    await expect
      .poll(() => execFileSync('sh', ['-c', `cat '${folder}/pid' 2>/dev/null; true`]).length)
      .toBeGreaterThan(0);
    abort.abort();
    expect(await shown).toBe('dismissed');
    const pid = readFileSync(join(folder, 'pid'), 'utf8').trim();
    await expect
      .poll(() => execFileSync('sh', ['-c', `kill -0 ${pid} 2>/dev/null && echo alive; true`]).toString())
      .toBe('');
  });

  it("says unavailable if the system doesn't start it", async () => {
    standIn('echo default');
    // E2BIG, which Node throws.
    const tooLong = { ...message, body: 'x'.repeat(3_000_000) };
    expect(await notify(tooLong, new AbortController().signal, { appearsMs: 300 })).toBe('unavailable');
  });

  it("says unavailable if there's no such program", async () => {
    rmSync(join(folder, 'notify-send'));
    process.env['PATH'] = folder;
    expect(await show()).toBe('unavailable');
  });
});
