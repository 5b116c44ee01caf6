import { type BrowserCommand, type OpenerEnd, runOpener, runStarter } from './opener.ts';
import { findProgram, withoutRelativePath } from './programs.ts';
import { STARTED, underUserManager } from './user-manager.ts';

/**
 * Opens a URL on the desktop of the session `env`. What the user chose in `BROWSER` comes first, then the desktop
 * portal, and then the usual openers. An opener is started by the user's service manager if there is one, otherwise by
 * this process. So the browser isn't a part of this program's service, and stays when that ends.
 * @returns whether the system accepted it. Never rejects
 */
export async function openOnLinux(href: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const { preferred, usual } = linuxOpeners(href, env);
  if (await openByCommand(preferred, env)) return true;
  const answer = await (await import('./desktop-portal.ts')).openByPortal(href, env);
  return answer === 'unavailable' ? openByCommand(usual, env) : answer === 'opened';
}

/** Commands that open `href`, best first: programs on PATH, and those that `BROWSER` names with their full path. */
export function linuxBrowserCommands(href: string, env: NodeJS.ProcessEnv): readonly BrowserCommand[] {
  const { preferred, usual } = linuxOpeners(href, env);
  return onPath([...preferred, ...usual], env);
}

interface Opener {
  readonly name: string;
  readonly args: readonly string[];
  /** It says that it opened the page even if the browser finds no display. */
  readonly needsDisplay?: true;
}

interface Openers {
  /** To try before the desktop portal, which wouldn't know them. */
  readonly preferred: readonly Opener[];
  readonly usual: readonly Opener[];
}

/** In WSL, the user's browser is usually that of Windows. */
function linuxOpeners(href: string, env: NodeJS.ProcessEnv): Openers {
  const isWsl = Boolean(env['WSL_DISTRO_NAME']);
  const wslview = { name: 'wslview', args: [href] };
  return {
    preferred: [...chosenBrowsers(href, env), ...(isWsl ? [wslview] : [])],
    usual: [
      { name: 'xdg-open', args: [href] },
      { name: 'gio', args: ['open', href], needsDisplay: true },
      { name: 'kde-open', args: [href], needsDisplay: true },
      { name: 'kde-open5', args: [href], needsDisplay: true },
      // Windows' own, without the package wslu.
      isWsl ? { name: 'rundll32.exe', args: ['url.dll,FileProtocolHandler', href] } : wslview,
    ],
  };
}

function onPath(openers: readonly Opener[], env: NodeJS.ProcessEnv): readonly BrowserCommand[] {
  return openers.flatMap(({ name, args }) => {
    const file = findProgram(name, env);
    return file === undefined ? [] : [{ file, args }];
  });
}

/**
 * The user's own choice, read as xdg-open does: commands separated by colons. The URL replaces `%s`, or goes at the
 * end. VS Code, dev containers, and WSL set it if there's no opener. https://www.catb.org/~esr/BROWSER/
 */
function chosenBrowsers(href: string, env: NodeJS.ProcessEnv): readonly Opener[] {
  return (env['BROWSER'] ?? '').split(':').flatMap((command) => {
    const [name, ...args] = command.split(/\s+/).filter(Boolean);
    if (name === undefined) return [];
    const filled = args.map((word) => word.replaceAll('%s', href));
    return [{ name, args: args.some((word) => word.includes('%s')) ? filled : [...args, href] }];
  });
}

async function openByCommand(openers: readonly Opener[], env: NodeJS.ProcessEnv): Promise<boolean> {
  const usable = openers.filter(({ needsDisplay }) => !needsDisplay || hasDisplay(env));
  for (const command of onPath(usable, env)) {
    const end = await runOutside(command, openerEnvironment(env));
    if (end === 0 || end === 'stays') return true;
  }
  return false;
}

/** Runs an opener as a separate unit if possible, otherwise as a child. */
async function runOutside(command: BrowserCommand, env: NodeJS.ProcessEnv): Promise<OpenerEnd> {
  const managed = underUserManager(command, env);
  const end = managed === undefined ? 'not-started' : await runStarter(managed, managed.env, STARTED);
  return end === 'not-started' ? runOpener(command, env) : end;
}

const hasDisplay = (env: NodeJS.ProcessEnv): boolean => Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);

/**
 * Without what only this program needed to start. Without a display, xdg-open falls back to a terminal browser. This
 * process has no terminal, so it should fail instead.
 */
function openerEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { LD_LIBRARY_PATH: _, LD_PRELOAD: __, ...usual } = withoutRelativePath(env, 'linux');
  return hasDisplay(env) || env['BROWSER'] ? usual : { ...usual, BROWSER: 'false' };
}
