import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { browserCommands, openUrl } from '../../../src/platform/open-url.ts';

const onUnix = process.platform !== 'win32';
const URL_TO_OPEN = 'http://127.0.0.1:49152/s/4f9c?x=1&y=%20';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'open-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = () => join(folder, 'record');
const recorded = (): string => (existsSync(record()) ? readFileSync(record(), 'utf8') : '');
/** A program that notes its name and arguments, then does as told. */
const program = (name: string, then = 'exit 0', bin = 'bin'): void => {
  const file = join(folder, bin, name);
  mkdirSync(join(folder, bin), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "${name} $* BROWSER=$BROWSER" >> '${record()}'\n${then}\n`);
  chmodSync(file, 0o755);
};
const open = (url: string, env: NodeJS.ProcessEnv = {}) =>
  openUrl(url, {
    folder,
    platform: 'linux',
    env: { PATH: [join(folder, 'bin'), '/usr/bin', '/bin'].join(delimiter), ...env },
  });
const only = (env: NodeJS.ProcessEnv = {}) => ({ PATH: join(folder, 'bin'), DISPLAY: ':0', ...env });

describe('browserCommands', () => {
  it('uses the systems’ own openers by absolute path', () => {
    expect(browserCommands(URL_TO_OPEN, 'darwin', {})).toEqual([{ file: '/usr/bin/open', args: [URL_TO_OPEN] }]);
    expect(browserCommands(URL_TO_OPEN, 'win32', { SystemRoot: 'D:\\WINNT' })).toEqual([
      { file: 'D:\\WINNT\\System32\\rundll32.exe', args: ['url.dll,FileProtocolHandler', URL_TO_OPEN] },
    ]);
    expect(browserCommands(URL_TO_OPEN, 'win32', {})[0]?.file).toBe('C:\\Windows\\System32\\rundll32.exe');
  });

  it.runIf(onUnix)('takes from PATH what can be run there, in order, and nothing from the working folder', () => {
    program('wslview');
    program('gio');
    program('xdg-open', '', 'not-on-path');
    mkdirSync(join(folder, 'first', 'xdg-open'), { recursive: true });
    writeFileSync(join(folder, 'first', 'gio'), '', { mode: 0o644 });
    const path = ['', '.', 'relative', join(folder, 'first'), join(folder, 'bin')].join(delimiter);
    expect(browserCommands(URL_TO_OPEN, 'linux', { PATH: path })).toEqual([
      { file: join(folder, 'bin', 'gio'), args: ['open', URL_TO_OPEN] },
      { file: join(folder, 'bin', 'wslview'), args: [URL_TO_OPEN] },
    ]);
    expect(browserCommands(URL_TO_OPEN, 'linux', {})).toEqual([]);
  });
});

describe.runIf(onUnix)('on Windows, the launcher next to the program', () => {
  const launcher = () => join(folder, 'bin', 'programw.exe');
  const openByLauncher = (then?: string) => {
    program('programw.exe', `cat >> '${record()}'\n${then ?? 'exit 0'}`);
    return openUrl(URL_TO_OPEN, { folder, platform: 'win32', env: {}, launcher: launcher() });
  };

  it('gets the address on standard input, which no other program sees', async () => {
    expect(await openByLauncher()).toBe(true);
    expect(recorded()).toBe(`programw.exe --open BROWSER=\n${URL_TO_OPEN}`);
  });

  it("is followed by Windows' own program, which isn't on this computer", async () => {
    expect(await openByLauncher('exit 2')).toBe(false);
    expect(browserCommands(URL_TO_OPEN, 'win32', {}, launcher())).toEqual([
      { file: launcher(), args: ['--open'], input: URL_TO_OPEN },
      { file: 'C:\\Windows\\System32\\rundll32.exe', args: ['url.dll,FileProtocolHandler', URL_TO_OPEN] },
    ]);
  });

  it("isn't taken for itself", () => {
    expect(browserCommands(URL_TO_OPEN, 'win32', {}, process.execPath)).toHaveLength(1);
  });
});

describe.runIf(onUnix)('BROWSER', () => {
  const commands = (browser: string) => browserCommands(URL_TO_OPEN, 'linux', { ...only(), BROWSER: browser });

  it('is asked before the openers of the system, also if there are none', async () => {
    program('code-browser');
    const file = join(folder, 'bin', 'code-browser');
    expect(commands(file)).toEqual([{ file, args: [URL_TO_OPEN] }]);
    program('xdg-open');
    expect(commands('code-browser').map((command) => command.file)).toEqual([file, join(folder, 'bin', 'xdg-open')]);
    expect(await open(URL_TO_OPEN, only({ BROWSER: file }))).toBe(true);
    expect(recorded()).toContain(`code-browser ${URL_TO_OPEN}`);
    expect(recorded()).not.toContain('xdg-open');
  });

  it('may have several commands, with arguments and a place for the URL', () => {
    program('one');
    program('two');
    const [one, two] = ['one', 'two'].map((name) => join(folder, 'bin', name));
    expect(commands(`one --new-window %s:gone:two -p`)).toEqual([
      { file: one, args: ['--new-window', URL_TO_OPEN] },
      { file: two, args: ['-p', URL_TO_OPEN] },
    ]);
  });

  it.each(['', ':', ' ', './one', 'bin/one', '../one'])('%j names nothing', (browser) => {
    program('one');
    expect(commands(browser)).toEqual([]);
  });
});

describe.runIf(onUnix)('openUrl', () => {
  it('hands the URL over as one argument, without a shell', async () => {
    program('xdg-open');
    expect(await open('HTTPS://Example.com/a b?q="$(id)"&r=`id`;id', only())).toBe(true);
    expect(recorded()).toBe('xdg-open https://example.com/a%20b?q=%22$(id)%22&r=`id`;id BROWSER=\n');
  });

  it.each(['file:///etc/passwd', 'javascript:alert(1)', 'ms-settings:', '-a Calculator', 'example.com', ''])(
    'refuses %j',
    async (url) => {
      program('xdg-open');
      expect(await open(url)).toBe(false);
      expect(recorded()).toBe('');
    },
  );

  it('tries the next opener when one fails', async () => {
    program('xdg-open', 'exit 3');
    program('gio');
    program('wslview');
    expect(await open(URL_TO_OPEN, only())).toBe(true);
    expect(recorded()).toBe(`xdg-open ${URL_TO_OPEN} BROWSER=\ngio open ${URL_TO_OPEN} BROWSER=\n`);
  });

  it("resolves to false when there's no opener, none that starts, or all fail", async () => {
    expect(await open(URL_TO_OPEN, only())).toBe(false);
    program('xdg-open', 'exit 1');
    program('gio', 'kill -9 $$');
    mkdirSync(join(folder, 'bin'), { recursive: true });
    writeFileSync(join(folder, 'bin', 'wslview'), '#!/nowhere/interpreter\n', { mode: 0o755 });
    expect(await open(URL_TO_OPEN, only())).toBe(false);
  });

  it("treats a URL that the system can't pass on as not opened", async () => {
    program('xdg-open');
    expect(await open(`https://example.com/${'x'.repeat(4_000_000)}`, only())).toBe(false);
  });

  it("doesn't wait for an opener that stays", async () => {
    const pidFile = join(folder, 'pid');
    program('xdg-open', `echo $$ > '${pidFile}'\nexec sleep 600`);
    const env = { PATH: [join(folder, 'bin'), '/usr/bin', '/bin'].join(delimiter), DISPLAY: ':0' };
    const begun = performance.now();
    expect(await open(URL_TO_OPEN, env)).toBe(true);
    expect(performance.now() - begun).toBeGreaterThan(2900);
    // Throws if it doesn't run any more.
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
  });

  it("uses nothing without a display that wouldn't notice", async () => {
    for (const name of ['gio', 'kde-open', 'kde-open5']) program(name);
    const env = { PATH: join(folder, 'bin') };
    expect(await open(URL_TO_OPEN, env)).toBe(false);
    expect(recorded()).toBe('');
    expect(await open(URL_TO_OPEN, { ...env, WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
    expect(recorded()).toMatch(/^gio open/);
  });

  it('keeps the libraries that only this program needs from the browser', async () => {
    program('xdg-open', `/usr/bin/env >> '${record()}'`);
    expect(await open(URL_TO_OPEN, only({ LD_LIBRARY_PATH: '/opt/lib', LD_PRELOAD: '/opt/lib/x.so' }))).toBe(true);
    expect(recorded()).toContain('DISPLAY=:0');
    expect(recorded()).not.toContain('LD_');
  });

  it("doesn't let xdg-open start a terminal browser if there's no display", async () => {
    program('xdg-open');
    await open(URL_TO_OPEN);
    await open(URL_TO_OPEN, { BROWSER: 'lynx' });
    await open(URL_TO_OPEN, { WAYLAND_DISPLAY: 'wayland-0' });
    expect(recorded().match(/BROWSER=.*/g)).toEqual(['BROWSER=false', 'BROWSER=lynx', 'BROWSER=']);
  });
});
