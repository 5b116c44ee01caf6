import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What a browser needs to run without a screen, as root, and without calling home. */
const ARGUMENTS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where Chromium, Chrome, or Edge is on each system, best first: Debian's package, then what runners and people have. */
export function chromiumPlaces(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): readonly string[] {
  const named = env['CHROMIUM'] ? [env['CHROMIUM']] : [];
  switch (platform) {
    case 'darwin':
      return [
        ...named,
        '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
        '/Applications/Chromium.app/Contents/MacOS/Chromium',
        '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
      ];
    case 'win32': {
      const roots = [env['ProgramFiles'], env['ProgramFiles(x86)'], env['LOCALAPPDATA']].filter((root) =>
        Boolean(root),
      );
      const programs = ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'];
      return [...named, ...programs.flatMap((program) => roots.map((root) => join(root ?? '', program)))];
    }
    default:
      return [
        ...named,
        '/usr/bin/chromium',
        '/usr/bin/google-chrome',
        '/usr/bin/chromium-browser',
        '/usr/bin/microsoft-edge',
      ];
  }
}

/** Debian's Chromium without windows: a page takes a fifth of the processor time that Chromium needs for it. */
const HEADLESS_SHELL = '/usr/bin/chromium-headless-shell';

interface ChromiumOptions {
  readonly executablePath: string;
  readonly args: string[];
}

/**
 * For playwright's `launch`. The variable CHROMIUM names another browser.
 * If there is none, the path is Debian's, and starting it fails with that name.
 */
export function chromiumOptions(): ChromiumOptions {
  const places = chromiumPlaces(process.platform, process.env);
  return { executablePath: places.find((place) => existsSync(place)) ?? '/usr/bin/chromium', args: [...ARGUMENTS] };
}

/** The same for tests of what is on a page, not of windows and tabs: the headless shell if it's installed. */
export function headlessShellOptions(): ChromiumOptions {
  const isWanted = process.env['CHROMIUM'] === undefined && existsSync(HEADLESS_SHELL);
  return isWanted ? { executablePath: HEADLESS_SHELL, args: [...ARGUMENTS] } : chromiumOptions();
}
