// `login` on a real terminal, and if there is none.
import { execFileSync } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { Terminal, type TerminalOptions } from '../support/harness/terminal.ts';
import type { World } from '../support/harness/world.ts';
import { binary, run, runJson, worldForTest } from './support.ts';

const CODE = /Enter {2}(\S+)/;
const ASCII = /^[\n -~]*$/;
const PAGE = 'https://login.microsoftonline.com/device';

async function atLogin(options: TerminalOptions = {}, ...words: string[]) {
  const world = await worldForTest();
  const terminal = new Terminal(world, options);
  terminal.type([`'${binary}'`, 'login', ...words, '; echo "exit $?"'].join(' '));
  const userCode = await world.entra.waitForUserCode();
  return { world, terminal, userCode };
}

const shows = (terminal: Terminal, text: string | RegExp): Promise<void> =>
  expect.poll(() => terminal.screen()).toMatch(text);

/** Of this world alone: other tests run the same binary at the same time. */
const logins = (world: World) =>
  world.sandbox.processes().filter(({ command }) => command.startsWith(`${binary} login`));

const openCodes = (world: World) => world.entra.deviceCodes.newestPending();

describe.runIf(process.platform === 'linux')('on a terminal', () => {
  it('says where to go and what to enter, waits, and says who signed in', async () => {
    const { world, terminal, userCode } = await atLogin({}, '--no-browser');
    await shows(terminal, /Waiting for you, 14 min left/);
    expect(terminal.screen()).toContain(`Open   ${PAGE}\n  Enter  ${userCode}\n\n  Never enter a code`);
    expect(terminal.cursorShows()).toBe(false);
    world.entra.approve(userCode);
    await shows(terminal, /✔ Signed in as ada@contoso\.com\.\nexit 0/);
    expect(terminal.screen()).not.toContain('Waiting');
    expect(terminal.cursorShows()).toBe(true);
    expect(world.sandbox.openedUrls()).toEqual([]);
  });

  it('shows a code that a phone reads, in black on white', async () => {
    const { world, terminal } = await atLogin({}, '--no-browser');
    await shows(terminal, /Waiting for you/);
    expect(readQrCode(world, terminal.colored())).toBe(PAGE);
  });

  it.each([
    ['too narrow', { columns: 30 }],
    ['too low', { rows: 20 }],
    ['not one for such characters', { env: { LC_ALL: 'C' } }],
  ])('leaves that out if the terminal is %s, and garbles nothing', async (_, options) => {
    const { terminal, userCode } = await atLogin(options, '--no-browser');
    await shows(terminal, /Waiting for/);
    expect(CODE.exec(terminal.screen())?.[1]).toBe(userCode);
    expect(terminal.screen()).not.toMatch(/[▀▄█]/);
    expect(terminal.screen().match(/Waiting for/g)).toHaveLength(1);
  });

  it("has only ASCII if the locale isn't UTF-8", async () => {
    const { world, terminal, userCode } = await atLogin({ env: { LC_ALL: 'C' } }, '--no-browser');
    await shows(terminal, /^[-\\|/] Waiting for you/m);
    expect(terminal.screen()).toMatch(ASCII);
    world.entra.approve(userCode);
    await shows(terminal, /^Signed in as ada@contoso\.com\.\nexit 0/m);
    expect(terminal.screen()).toMatch(ASCII);
  });

  it("opens the browser, and then doesn't need a phone", async () => {
    const { world, terminal, userCode } = await atLogin();
    await shows(terminal, /A page with the same code has opened/);
    expect(terminal.screen()).not.toMatch(/[▀▄█]/);
    expect(world.sandbox.openedUrls()).toHaveLength(1);
    world.entra.approve(userCode);
    await shows(terminal, /exit 0/);
  });

  it('shows the phone its code if no browser could be opened', async () => {
    const world = await worldForTest();
    writeFileSync(join(world.sandbox.root, 'bin/xdg-open'), '#!/bin/sh\nexit 3\n');
    const terminal = new Terminal(world);
    terminal.type(`'${binary}' login`);
    await shows(terminal, /[▀▄█]{5}/);
  });

  it.each(['C-c', 'kill'])('ends immediately by %s, in the agent too', async (way) => {
    const { world, terminal } = await atLogin({}, '--no-browser');
    await shows(terminal, /Waiting for you/);
    if (way === 'kill') for (const { pid } of logins(world)) process.kill(pid, 'SIGTERM');
    else terminal.press(way);
    await shows(terminal, /error\[ERR_SIGN_IN_CANCELLED\]: the sign-in was canceled\nhint: .*\nexit 4/);
    expect(terminal.screen()).not.toContain('Waiting');
    expect(terminal.cursorShows()).toBe(true);
    await expect.poll(() => runJson(world.env, 'status')).toMatchObject({ signIn: 'signed-out' });
  });

  it("ends immediately by Ctrl-C while the agent starts, before there's a code", async () => {
    const world = await worldForTest();
    const terminal = new Terminal(world);
    const release = holdAgentStart(world);
    terminal.type(`'${binary}' login --no-browser; echo "exit $?"`);
    await shows(terminal, /Asking Microsoft/);
    terminal.press('C-c');
    await shows(terminal, /error\[ERR_SIGN_IN_CANCELLED\]: .*\nhint: .*\nexit 4/);
    release();
    expect(terminal.screen()).not.toContain('Asking');
    expect(terminal.cursorShows()).toBe(true);
    expect(world.entra.count('devicecode')).toBe(0);
  });

  it("doesn't say that it waits for the user while there's nothing to do for one", async () => {
    const world = await worldForTest();
    const terminal = new Terminal(world);
    const release = holdAgentStart(world);
    terminal.type(`'${binary}' login --no-browser`);
    await shows(terminal, /Asking Microsoft/);
    // Longer than its clock takes to tick.
    await sleep(2_500);
    expect(terminal.screen()).toContain('Asking Microsoft');
    release();
    await shows(terminal, /Enter {2}\S+[\s\S]*Waiting for you, 14 min left/);
  });

  it('lets a sign-in continue that Claude Desktop waits for too', async () => {
    const { world, terminal, userCode } = await atLogin({}, '--no-browser');
    await shows(terminal, /Waiting for you/);
    const helper = runHelper(binary, { context: 'interactive', env: world.env });
    await expect.poll(() => world.sandbox.openedUrls()).toHaveLength(1);
    terminal.press('C-c');
    await shows(terminal, /exit 4/);
    expect(await runJson(world.env, 'status')).toMatchObject({ signIn: 'pending' });
    world.entra.approve(userCode);
    expect(await helper).toMatchObject({ state: 'ok' });
  });

  it.each([
    ['declined', (world: World, code: string) => world.entra.decline(code), 'ERR_SIGN_IN_DECLINED'],
    ['expired', (world: World, code: string) => world.entra.expire(code), 'ERR_SIGN_IN_CODE_EXPIRED'],
  ])('says so, on a clean line, when it was %s', async (_, end, code) => {
    const { world, terminal, userCode } = await atLogin({ columns: 160 }, '--no-browser');
    await shows(terminal, /Waiting for you/);
    end(world, userCode);
    await shows(terminal, new RegExp(`^foundry-credential-helper: error\\[${code}\\]: [^]*\nhint: [^]*exit 4$`, 'm'));
    expect(terminal.screen()).not.toContain('Waiting');
    expect(openCodes(world)).toBeUndefined();
  });

  it('keeps its lines when the window changes its size', async () => {
    const { world, terminal, userCode } = await atLogin({}, '--no-browser');
    await shows(terminal, /Waiting for you/);
    terminal.resize(60, 30);
    terminal.resize(100, 45);
    world.entra.approve(userCode);
    await shows(terminal, /✔ Signed in as ada@contoso\.com\.\nexit 0/);
    expect(terminal.screen().match(/Enter {2}/g)).toHaveLength(1);
  });

  it('has no colors under NO_COLOR, and a code that can still be read', async () => {
    const { world, terminal } = await atLogin({ env: { NO_COLOR: '1' } }, '--no-browser');
    await shows(terminal, /Waiting for you/);
    expect(terminal.colored()).not.toContain('\u001b[');
    expect(readQrCode(world, terminal.screen(), { lightInk: true })).toBe(PAGE);
  });

  it.each([
    ['on a terminal that can do nothing', { TERM: 'dumb' }],
    ['in a build service', { CI: 'true' }],
  ])('is plain, and said once, %s', async (_, env) => {
    const { world, terminal, userCode } = await atLogin({ env }, '--no-browser');
    await shows(terminal, /Waiting for you \(the code is valid for 15 minutes\)/);
    expect(terminal.colored()).not.toContain('\u001b[');
    expect(terminal.cursorShows()).toBe(true);
    world.entra.approve(userCode);
    await shows(terminal, /^Signed in as ada@contoso\.com\.\nexit 0/m);
    expect(terminal.screen().match(/Waiting for you/g)).toHaveLength(1);
  });
});

describe('without a terminal', () => {
  it.each([[], ['--json']])('has the result alone on stdout, and no escape sequence anywhere: %j', async (...words) => {
    const world = await worldForTest();
    const running = run({ ...world.env, FORCE_COLOR: '1' }, 'login', '--no-browser', ...words);
    world.entra.approve(await world.entra.waitForUserCode());
    const { exitCode, stdout, stderr } = await running;
    expect(exitCode).toBe(0);
    for (const drawn of ['\u001b', '\r', '▀', '✔']) expect(stdout + stderr).not.toContain(drawn);
    if (words.length > 0) expect(JSON.parse(stdout)).toMatchObject({ account: { username: 'ada@contoso.com' } });
    else expect(stdout).toBe('Signed in as ada@contoso.com.\n');
    expect(stderr.match(/enter the code {2}\S+/g)).toHaveLength(1);
  });

  it('never opens a browser over SSH', async () => {
    const world = await worldForTest();
    const running = run({ ...world.env, SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, 'login');
    world.entra.approve(await world.entra.waitForUserCode());
    expect(await running).toMatchObject({ exitCode: 0 });
    expect(world.sandbox.openedUrls()).toEqual([]);
  });
});

/**
 * Makes `login` believe that another program is starting the agent, until the function that it returns is called:
 * that program's marker counts for seconds, so it is made anew.
 */
function holdAgentStart({ sandbox }: World): () => void {
  mkdirSync(sandbox.stateFolder, { recursive: true, mode: 0o700 });
  const marker = join(sandbox.stateFolder, 'agent.starting');
  const mark = (): void => {
    writeFileSync(marker, '', { mode: 0o600 });
    // A little ahead, so that a slow machine doesn't let it grow old.
    utimesSync(marker, new Date(), new Date(Date.now() + 2_000));
  };
  mark();
  const timer = setInterval(mark, 200);
  const release = (): void => clearInterval(timer);
  onTestFinished(release);
  return release;
}

/** What zbar, a reader of pictures, finds in the blocks on the screen. */
function readQrCode(world: World, screen: string, { lightInk = false } = {}): string {
  const rows = screen
    .split('\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colors are made of.
    .map((line) => line.replace(/\u001b\[[\d;]*m/g, ''))
    .filter((line) => /^\s*[▀▄█ ]{20,}$/.test(line) || (lightInk && /[▀▄█]{6}/.test(line)))
    .flatMap((line) => [
      line.replace(/[▀█]/g, '1').replace(/[^1]/g, '0'),
      line.replace(/[▄█]/g, '1').replace(/[^1]/g, '0'),
    ]);
  const width = Math.max(...rows.map((row) => row.length));
  const scale = 6;
  const dark = lightInk ? '0' : '1';
  const pixels = rows.flatMap((row) => {
    const wide = [...row.padEnd(width, '0')].map((bit) => (bit === dark ? '1 ' : '0 ').repeat(scale)).join('');
    return Array.from({ length: scale }, () => wide);
  });
  const file = join(world.sandbox.root, 'qr.pbm');
  writeFileSync(file, `P1\n${width * scale} ${rows.length * scale}\n${pixels.join('\n')}\n`);
  return execFileSync('zbarimg', ['--quiet', '--raw', '--nodbus', file], { encoding: 'utf8' }).trim();
}
