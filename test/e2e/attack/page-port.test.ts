// Another user of the computer, for real, at the sign-in page's port: takes it once it's free, reads every command
// line, holds connections, and floods.
import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chromiumOptions } from '../../support/harness/chromium.ts';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { programOfVersion } from '../../support/harness/other-version.ts';
import type { World } from '../../support/harness/world.ts';
import { binary, killAgent, run, worldForTest } from '../support.ts';
import { canPlayTwoUsers, NOBODY, publicCopy } from './support.ts';

/** Listens on the port as soon as it's free, and answers everything with its own code. */
const TAKES_PORT = `
const evil = '<h1 tabindex="-1">Enter MALLORY99</h1>';
const reply = { revision: 'evil', state: 'waiting', isRunning: true, title: evil, html: evil, announcement: evil, remaining: '', proof: 'guess' };
const server = require('node:http').createServer((request, response) => {
  say('asked ' + request.method + ' ' + request.url + ' ' + JSON.stringify(request.headers));
  const isState = request.url.endsWith('/state');
  response.setHeader('content-type', isState ? 'application/json' : 'text/html').end(isState ? JSON.stringify(reply) : evil);
});
server.on('error', () => setTimeout(listen, 2));
server.on('listening', () => say('taken'));
const listen = () => server.listen(Number(argument), '127.0.0.1');
listen();`;

/** Opens each address of the sign-in page that it finds on any process's command line. */
const READS_COMMAND_LINES = `
const { readdirSync, readFileSync } = require('node:fs');
const seen = new Set();
const look = () => {
  for (const pid of readdirSync('/proc').filter((name) => /^\\d+$/.test(name))) {
    let line = '';
    try { line = readFileSync('/proc/' + pid + '/cmdline', 'latin1'); } catch {}
    const [url] = /http:\\/\\/127\\.0\\.0\\.1:\\d+\\/p\\/[\\w-]{43}/.exec(line) ?? [];
    if (url === undefined || seen.has(url)) continue;
    seen.add(url);
    say('read ' + url);
    require('node:http').get(url, (response) => say('opened ' + response.statusCode)).on('error', (error) => say('refused ' + error.code));
  }
  setTimeout(look, 2);
};
say('looks');
look();`;

/** Holds 300 connections and keeps opening others, each with a request. */
const FLOODS = `
const { connect } = require('node:net');
const open = (bytes, again) => {
  const socket = connect(Number(argument), '127.0.0.1', () => bytes === '' || socket.write(bytes));
  socket.on('data', (chunk) => say('received ' + JSON.stringify(String(chunk))));
  socket.on('error', () => undefined);
  socket.on('close', () => setImmediate(again));
};
const hold = () => open('', hold);
const ask = () => open('GET / HTTP/1.1\\r\\nhost: 127.0.0.1:' + argument + '\\r\\n\\r\\n', ask);
for (let index = 0; index < 300; index += 1) hold();
for (let index = 0; index < 50; index += 1) ask();
say('floods');`;

describe.runIf(canPlayTwoUsers)('another user of the computer', () => {
  const node = publicCopy(process.execPath);
  let browser: Browser;
  let newer: string;

  beforeAll(async () => {
    [browser, newer] = await Promise.all([chromium.launch(chromiumOptions()), programOfVersion('99.1.0')]);
  });
  afterAll(() => browser?.close());

  /** Runs this program as another user until the test ends. */
  function attack(program: string, argument = ''): { readonly said: string[] } {
    const said: string[] = [];
    const prelude = 'const [, argument] = process.argv; const say = (text) => console.log(text);';
    const child = spawn(node, ['-e', prelude + program, argument], {
      uid: NOBODY,
      gid: NOBODY,
      cwd: '/',
      env: {},
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    createInterface(child.stdout).on('line', (line) => said.push(line));
    return { said };
  }

  async function openPage(): Promise<{ world: World; page: Page; port: string; code: string; proof: string }> {
    const world = await worldForTest();
    const helper = runHelper(binary, { context: 'interactive', env: world.env });
    void helper.catch(() => undefined);
    const url = new URL(await world.sandbox.waitForOpenedUrl());
    const code = await world.entra.waitForUserCode();
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(url.href);
    await page.getByRole('link', { name: /open microsoft/i }).waitFor();
    const proof = (await page.locator('#panel').getAttribute('data-proof')) ?? '';
    return { world, page, port: url.port, code, proof };
  }

  /** Waits until the page no longer shows the sign-in, and returns what it shows instead. */
  async function shownAfterwards(page: Page): Promise<string> {
    await page.getByRole('heading', { name: /MALLORY99|Close this page|no longer running/ }).waitFor();
    return page.innerText('body');
  }

  it.each([
    { when: 'the agent is killed', end: (world: World) => killAgent(world.env) },
    { when: 'the agent is stopped', end: (world: World) => run(world.env, 'agent', 'stop') },
  ])('shows nothing in an open page after $when', async ({ end }) => {
    const { world, page, port, proof } = await openPage();
    const attacker = attack(TAKES_PORT, port);
    await end(world);
    await expect.poll(() => attacker.said).toContain('taken');
    expect(await shownAfterwards(page)).not.toContain('MALLORY99');
    const asked = attacker.said.length;
    await page.waitForTimeout(2_500);
    expect(attacker.said.length).toBe(asked);
    expect(proof).toMatch(/^[\w-]{43}$/);
    expect(attacker.said.join('\n')).not.toContain(proof);
  });

  it('shows nothing in a page whose code has expired, after an upgrade', async () => {
    const { world, page, port, code, proof } = await openPage();
    world.entra.expire(code);
    await page.getByRole('heading', { name: 'This code has expired' }).waitFor();
    const attacker = attack(TAKES_PORT, port);
    await runHelper(newer, { context: 'background', env: world.env });
    await expect.poll(() => attacker.said).toContain('taken');
    await page.waitForTimeout(2_500);
    expect(await page.innerText('body')).not.toContain('MALLORY99');
    expect(attacker.said).toEqual(['taken']);
    await page.getByRole('button', { name: 'Get a new code' }).click();
    expect(await shownAfterwards(page)).toContain('Close this page');
    expect(attacker.said.join('\n')).not.toContain(proof);
  });

  it("opens nothing with the address that is on the browser’s command line, and doesn't use it up", async () => {
    const world = await worldForTest();
    const file = join(world.sandbox.root, 'slow-browser');
    // A browser that takes its time to start.
    writeFileSync(file, '#!/bin/sh\n/bin/sleep 3\n');
    chmodSync(file, 0o755);
    const attacker = attack(READS_COMMAND_LINES);
    await expect.poll(() => attacker.said).toContain('looks');
    const helper = runHelper(binary, { context: 'interactive', env: { ...world.env, BROWSER: file } });
    const code = await world.entra.waitForUserCode();
    await expect.poll(() => attacker.said.length).toBeGreaterThan(2);
    const [, read = '', outcome] = attacker.said;
    expect(outcome).toBe('refused ECONNRESET');
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(read.replace('read ', ''));
    await page.getByRole('link', { name: /open microsoft/i }).waitFor();
    world.entra.approve(code);
    expect(await helper).toMatchObject({ state: 'ok' });
  });

  it('neither delays nor finds out anything by holding connections and flooding', async () => {
    const world = await worldForTest();
    const helper = runHelper(binary, { context: 'interactive', env: world.env });
    const url = new URL(await world.sandbox.waitForOpenedUrl());
    const code = await world.entra.waitForUserCode();
    const attacker = attack(FLOODS, url.port);
    await expect.poll(() => attacker.said).toContain('floods');
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(url.href);
    await page.getByRole('link', { name: /open microsoft/i }).waitFor();
    for (let polls = 0; polls < 3; polls += 1) await page.waitForResponse(/\/state$/);
    expect(await run(world.env, 'status')).toMatchObject({ exitCode: 5 });
    world.entra.approve(code);
    expect(await helper).toMatchObject({ state: 'ok' });
    await page.getByRole('heading', { name: 'You’re signed in' }).waitFor();
    expect(attacker.said).toEqual(['floods']);
  });
});
