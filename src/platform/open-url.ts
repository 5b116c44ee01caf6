import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, win32 } from 'node:path';

/** An opener that has not failed by then has handed the page over; some stay as long as the browser does. */
const START_MS = 3000;

export interface BrowserCommand {
  /** Absolute, so that the working folder cannot put another program in its place. */
  readonly file: string;
  readonly args: readonly string[];
}

export interface OpenUrlOptions {
  readonly platform?: NodeJS.Platform;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Opens an http or https URL in the user's default browser, without a shell. Resolves to false for any other URL and
 * when no opener could be started or all failed within 3 s; never rejects. Success means that the system took the URL:
 * whether a page appeared cannot be known.
 */
export async function openUrl(url: string, options: OpenUrlOptions = {}): Promise<boolean> {
  const { platform = process.platform, env = process.env } = options;
  const href = webAddress(url);
  if (href === undefined) return false;
  for (const command of browserCommands(href, platform, env)) {
    // spawn throws where it does not emit, for example for an URL that is too long for this system.
    if (await start(command, openerEnvironment(platform, env)).catch(() => false)) return true;
  }
  return false;
}

/** The URL in its normal form, which has no space, quote or leading hyphen that an opener could misread. */
function webAddress(url: string): string | undefined {
  const parsed = URL.parse(url);
  return parsed?.protocol === 'https:' || parsed?.protocol === 'http:' ? parsed.href : undefined;
}

/** What opens `href` on this system, best first. Linux: programs on PATH, and those that `BROWSER` names in full. */
export function browserCommands(
  href: string,
  platform: NodeJS.Platform,
  env: NodeJS.ProcessEnv,
): readonly BrowserCommand[] {
  switch (platform) {
    case 'darwin':
      return [{ file: '/usr/bin/open', args: [href] }];
    case 'win32': {
      const system = win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32');
      return [{ file: win32.join(system, 'rundll32.exe'), args: ['url.dll,FileProtocolHandler', href] }];
    }
    default:
      return [
        ...chosenBrowsers(href, env),
        { name: 'xdg-open', args: [href] },
        { name: 'gio', args: ['open', href] },
        { name: 'wslview', args: [href] },
      ].flatMap(({ name, args }) => {
        const file = findOnPath(name, env);
        return file === undefined ? [] : [{ file, args }];
      });
  }
}

/**
 * The user's own choice, as xdg-open reads it: commands between colons, with `%s` where the URL goes, or at their end.
 * VS Code, dev containers, and WSL set it where there is no opener. https://www.catb.org/~esr/BROWSER/
 */
function chosenBrowsers(href: string, env: NodeJS.ProcessEnv) {
  return (env['BROWSER'] ?? '').split(':').flatMap((command) => {
    const [name, ...args] = command.split(/\s+/).filter(Boolean);
    if (name === undefined) return [];
    const filled = args.map((word) => word.replaceAll('%s', href));
    return [{ name, args: args.some((word) => word.includes('%s')) ? filled : [...args, href] }];
  });
}

function findOnPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  if (isAbsolute(name)) return isExecutable(name) ? name : undefined;
  if (name.includes('/')) return undefined;
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Without a display xdg-open falls back to a browser for terminals, which we have not: better that it fails. */
function openerEnvironment(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const hasDisplay = Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['BROWSER']);
  return platform === 'linux' && !hasDisplay ? { ...env, BROWSER: 'false' } : env;
}

function start(command: BrowserCommand, env: NodeJS.ProcessEnv): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command.file, command.args, {
      env,
      detached: true,
      shell: false,
      stdio: 'ignore',
      windowsHide: true,
    });
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
