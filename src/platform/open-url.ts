import { writeAddressFile } from './address-file.ts';
import { linuxBrowserCommands, openOnLinux } from './linux-browser.ts';
import { windowsOpeners } from './open-url-windows.ts';
import { type BrowserCommand, runOpener } from './opener.ts';
import { withoutRelativePath } from './programs.ts';

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
 * whether a page appeared can't be known. On Linux, other users may read the URL from the command line of the opener or
 * the browser.
 */
export async function openUrl(url: string, options: OpenUrlOptions): Promise<boolean> {
  const { platform = process.platform, env = process.env, folder, launcher } = options;
  const href = webAddress(url);
  if (href === undefined) return false;
  if (platform === 'linux') return openOnLinux(href, env);
  const target = platform === 'darwin' ? addressFile(folder, href) : href;
  if (target === undefined) return false;
  for (const command of browserCommands(target, platform, env, launcher)) {
    const end = await runOpener(command, withoutRelativePath(env, platform));
    if (end === 0 || end === 'stays') return true;
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

/** Commands that open `href` on this system, best first. */
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
      return linuxBrowserCommands(href, env);
  }
}
