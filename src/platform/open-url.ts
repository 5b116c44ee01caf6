import { spawn } from 'node:child_process';
import { writeAddressFile } from './address-file.ts';
import { withUsualDumps } from './core-dump.ts';
import { windowsOpeners } from './open-url-windows.ts';
import { findProgram, withoutRelativePath } from './programs.ts';

/** Milliseconds after which an opener that hasn't failed has opened the page. Some run as long as the browser. */
const START_MS = 3000;

export interface BrowserCommand {
  /** Absolute, so a program in the working folder can't take its place. */
  readonly file: string;
  readonly args: readonly string[];
  /** For its standard input. Without it, there is none. */
  readonly input?: string;
}

export interface OpenUrlOptions {
  readonly platform?: NodeJS.Platform;
  readonly env?: NodeJS.ProcessEnv;
  /** Where macOS' opener gets the address from: a private folder of the product's. */
  readonly folder: string;
  /** Windows only. Default: the one next to this program. */
  readonly launcher?: string;
}

/**
 * Opens an http or https URL in the user's default browser, without a shell. Resolves to false for any other URL, or if
 * no opener could be started or all failed within 3 s. Never rejects. True means that the system accepted the URL;
 * whether a page appeared can't be known. On Linux, other users may read the URL from the opener's command line.
 */
export async function openUrl(url: string, options: OpenUrlOptions): Promise<boolean> {
  const { platform = process.platform, env = process.env, folder, launcher } = options;
  const href = webAddress(url);
  if (href === undefined) return false;
  const target = platform === 'darwin' ? addressFile(folder, href) : href;
  if (target === undefined) return false;
  for (const command of browserCommands(target, platform, env, launcher)) {
    // spawn throws some errors instead of emitting them, for example for a URL that is too long for this system.
    if (await start(command, openerEnvironment(platform, env)).catch(() => false)) return true;
  }
  return false;
}

/** The normalized URL, which has no space, quote, or leading hyphen that an opener could misread. */
function webAddress(url: string): string | undefined {
  const parsed = URL.parse(url);
  return parsed?.protocol === 'https:' || parsed?.protocol === 'http:' ? parsed.href : undefined;
}

/** Undefined if the file can't be written: the address must not get onto a command line instead. */
function addressFile(folder: string, href: string): string | undefined {
  try {
    return writeAddressFile(folder, href);
  } catch {
    return undefined;
  }
}

/**
 * Commands that open `href` on this system, best first. On Linux: programs on PATH, and those that `BROWSER` names with
 * their full path.
 */
export function browserCommands(
  href: string,
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
  launcher?: string,
): readonly BrowserCommand[] {
  switch (platform) {
    case 'darwin':
      return [{ file: '/usr/bin/open', args: [href] }];
    case 'win32':
      return windowsOpeners(href, env, launcher);
    default:
      return [
        ...chosenBrowsers(href, env),
        { name: 'xdg-open', args: [href] },
        { name: 'gio', args: ['open', href] },
        { name: 'wslview', args: [href] },
      ].flatMap(({ name, args }) => {
        const file = findProgram(name, env);
        return file === undefined ? [] : [{ file, args }];
      });
  }
}

/**
 * The user's own choice, read as xdg-open does: commands separated by colons. The URL replaces `%s`, or goes at the
 * end. VS Code, dev containers, and WSL set it if there's no opener. https://www.catb.org/~esr/BROWSER/
 */
function chosenBrowsers(href: string, env: NodeJS.ProcessEnv) {
  return (env['BROWSER'] ?? '').split(':').flatMap((command) => {
    const [name, ...args] = command.split(/\s+/).filter(Boolean);
    if (name === undefined) return [];
    const filled = args.map((word) => word.replaceAll('%s', href));
    return [{ name, args: args.some((word) => word.includes('%s')) ? filled : [...args, href] }];
  });
}

/** Without a display, xdg-open falls back to a terminal browser. We have no terminal, so it should fail instead. */
function openerEnvironment(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const hasDisplay = Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['BROWSER']);
  const started = withoutRelativePath(env, platform);
  return platform === 'linux' && !hasDisplay ? { ...started, BROWSER: 'false' } : started;
}

function start(command: BrowserCommand, env: NodeJS.ProcessEnv): Promise<boolean> {
  return new Promise((resolve) => {
    const stdin = command.input === undefined ? 'ignore' : 'pipe';
    // A browser's core dumps are the user's own affair.
    const child = withUsualDumps(() =>
      spawn(command.file, command.args, {
        env,
        detached: true,
        shell: false,
        stdio: [stdin, 'ignore', 'ignore'],
        windowsHide: true,
      }),
    );
    // Its exit code says whether it got the address.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(command.input);
    const timer = setTimeout(() => resolve(true), START_MS);
    const settle = (opened: boolean) => {
      clearTimeout(timer);
      resolve(opened);
    };
    child.once('error', () => settle(false));
    child.once('exit', (code) => settle(code === 0));
    // The browser outlives us.
    child.unref();
  });
}
