// What the scripts and tests need from Debian, and how to install it.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestFolder } from './test-projects.ts';

/** Who needs a Debian package: a script, or a folder's tests. */
export type Purpose =
  | 'bench'
  | 'bench-check'
  | 'build'
  | 'demo'
  | 'package'
  | 'pictures'
  | 'sign-windows'
  | 'verify-node'
  | TestFolder;

/** The Debian package that contains a command or, if there's no command, a file. */
interface Row {
  readonly command?: string;
  readonly file?: string;
  readonly package: string;
  readonly purposes: readonly Purpose[];
  /** Why it's needed; shown after the package's name. */
  readonly use: string;
}

/** What signs in to a local Entra and keeps the sign-in in a real keyring. */
const WORLDS: readonly Purpose[] = [
  'bench',
  'bench-check',
  'demo',
  'test/e2e/attack',
  'test/e2e/clients',
  'test/integration/storage',
  'test/e2e/crash',
  'test/e2e',
  'test/e2e/faults',
  'test/integration',
  'test/e2e/load',
  'test/e2e/network',
  'test/platform/linux/systemd',
];

const LAUNCHER = "compiling Windows' launcher";

export const debianPackages: readonly Row[] = [
  { command: 'gnome-keyring-daemon', package: 'gnome-keyring', purposes: WORLDS, use: 'a real Secret Service' },
  { command: 'dbus-daemon', package: 'dbus-daemon', purposes: WORLDS, use: 'a private session bus for it' },
  { command: 'gdbus', package: 'libglib2.0-bin', purposes: WORLDS, use: 'waiting until the Secret Service is up' },
  {
    command: 'secret-tool',
    package: 'libsecret-tools',
    purposes: ['bench', 'test/integration/storage', 'test/e2e', 'test/e2e/faults', 'test/integration'],
    use: 'a second opinion on what was stored',
  },
  {
    command: 'chromium',
    package: 'chromium',
    purposes: ['demo', 'test/e2e/attack', 'test/e2e', 'test/integration'],
    use: 'signing in through the real pages',
  },
  {
    command: 'chromium-headless-shell',
    package: 'chromium-headless-shell',
    purposes: ['pictures', 'test/e2e', 'test/integration'],
    use: 'drawing many pages quickly',
  },
  {
    file: '/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf',
    package: 'fonts-noto-core',
    purposes: ['pictures'],
    use: 'Latin and Arabic letters in pictures',
  },
  {
    file: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc',
    package: 'fonts-noto-cjk',
    purposes: ['pictures'],
    use: 'Chinese, Japanese, and Korean letters in pictures',
  },
  {
    file: '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf',
    package: 'fonts-dejavu-core',
    purposes: ['pictures'],
    use: 'codes in pictures',
  },
  {
    command: 'plistutil',
    package: 'libplist-utils',
    purposes: ['test/integration'],
    use: 'reading exported profiles back, and listening as journald',
  },
  {
    file: '/usr/share/glib-2.0/schemas/org.gnome.system.proxy.gschema.xml',
    package: 'gsettings-desktop-schemas',
    purposes: ['test/integration', 'test/e2e/network'],
    use: "GNOME's proxy settings, read by the real gsettings",
  },
  {
    command: 'xmllint',
    package: 'libxml2-utils',
    purposes: ['test/platform/macos', 'test/integration'],
    use: 'checking exported profiles as XML',
  },
  {
    command: 'hivexregedit',
    package: 'libwin-hivex-perl',
    purposes: ['test/integration'],
    use: 'importing registry exports',
  },
  {
    command: 'python3',
    package: 'python3',
    purposes: ['test/e2e', 'test/e2e/clients', 'test/platform/macos', 'test/integration'],
    use: 'reading exported profiles back, and listening as journald',
  },
  {
    command: 'openssl',
    package: 'openssl',
    purposes: [
      'test/e2e/attack',
      'test/integration/fuzz',
      'test/integration',
      'test/e2e/network',
      'test/unit',
      'test/platform/windows',
    ],
    use: 'certificates of every kind',
  },
  // Not `squid`: the one in that package can't inspect TLS.
  {
    command: 'security_file_certgen',
    package: 'squid-openssl',
    purposes: ['test/e2e/network'],
    use: "a company's proxy",
  },
  {
    command: 'zsh',
    package: 'zsh',
    purposes: ['test/e2e', 'test/platform/macos', 'test/integration'],
    use: 'running shell scripts as on a Mac',
  },
  {
    command: '7z',
    package: 'p7zip-full',
    purposes: ['test/platform/macos'],
    use: 'reading the packages for macOS back',
  },
  {
    command: 'bsdtar',
    package: 'libarchive-tools',
    purposes: ['test/platform/macos'],
    use: 'reading the packages for macOS back',
  },
  {
    command: 'shellcheck',
    package: 'shellcheck',
    purposes: ['test/platform/macos', 'test/integration'],
    use: 'checking shell scripts',
  },
  { command: 'pkill', package: 'procps', purposes: ['test/platform/macos'], use: 'running the uninstaller for macOS' },
  {
    command: 'systemctl',
    package: 'systemd',
    purposes: ['test/platform/linux', 'test/platform/linux/systemd'],
    use: "enabling the package's unit, and running it",
  },
  {
    file: '/usr/lib/systemd/user/dbus.socket',
    package: 'dbus-user-session',
    purposes: ['test/platform/linux/systemd'],
    use: "a user's own bus under systemd",
  },
  {
    file: '/usr/libexec/xdg-desktop-portal-gtk',
    package: 'xdg-desktop-portal-gtk',
    purposes: ['test/platform/linux/systemd'],
    use: "a desktop's portal, which opens the browser",
  },
  { command: 'wine', package: 'wine', purposes: ['test/platform/windows'], use: 'running the Windows binary' },
  {
    command: 'dpkg-deb',
    package: 'dpkg',
    purposes: ['package', 'test/platform/linux', 'test/platform/linux/systemd'],
    use: 'the package for Debian',
  },
  {
    command: 'dpkg-parsechangelog',
    package: 'dpkg-dev',
    purposes: ['test/platform/linux'],
    use: "reading the package's changelog back",
  },
  {
    command: 'rpmbuild',
    package: 'rpm',
    purposes: ['package', 'test/platform/linux'],
    use: 'the package for Fedora and its like',
  },
  {
    command: 'osslsigncode',
    package: 'osslsigncode',
    purposes: ['sign-windows', 'test/platform/windows'],
    use: 'signatures for Windows',
  },
  { command: 'clang', package: 'clang', purposes: ['package', 'test/platform/windows'], use: LAUNCHER },
  { command: 'lld-link', package: 'lld', purposes: ['package', 'test/platform/windows'], use: LAUNCHER },
  { command: 'llvm-dlltool', package: 'llvm', purposes: ['package', 'test/platform/windows'], use: LAUNCHER },
  {
    file: '/usr/share/mingw-w64/include/windows.h',
    package: 'mingw-w64-common',
    purposes: ['package', 'test/platform/windows'],
    use: LAUNCHER,
  },
  {
    command: 'wixl',
    package: 'wixl',
    purposes: ['package', 'sign-windows', 'test/platform/windows'],
    use: 'the installer for Windows',
  },
  {
    command: 'msibuild',
    package: 'msitools',
    purposes: ['package', 'test/platform/windows'],
    use: 'the installer for Windows',
  },
  { command: 'fish', package: 'fish', purposes: ['test/integration'], use: 'completing commands in it' },
  {
    command: 'groff',
    package: 'groff-base',
    purposes: ['test/repo'],
    use: 'checking the man page as Linux shows it',
  },
  { command: 'mandoc', package: 'mandoc', purposes: ['test/repo'], use: 'checking the man page' },
  { command: 'notify-send', package: 'libnotify-bin', purposes: ['test/e2e'], use: 'showing notifications' },
  { command: 'dunst', package: 'dunst', purposes: ['test/e2e'], use: 'a desktop that shows notifications' },
  {
    command: 'Xvfb',
    package: 'xvfb',
    purposes: ['test/e2e', 'test/integration/storage', 'test/platform/linux/systemd'],
    use: 'a screen for desktop programs',
  },
  {
    command: 'keepassxc',
    package: 'keepassxc',
    purposes: ['test/integration/storage'],
    use: 'a Secret Service that asks before each access',
  },
  { command: 'xdotool', package: 'xdotool', purposes: ['test/integration/storage'], use: 'answering its dialogs' },
  {
    command: 'tmux',
    package: 'tmux',
    purposes: ['pictures', 'test/e2e', 'test/repo'],
    use: 'a terminal to take pictures of',
  },
  { command: 'zbarimg', package: 'zbar-tools', purposes: ['test/e2e'], use: 'reading QR codes as a phone does' },
  {
    file: '/usr/lib/python3/dist-packages/azure/identity/__init__.py',
    package: 'python3-azure',
    purposes: ['test/e2e/clients'],
    use: "Azure's SDK for Python, a client of `exec`",
  },
  { command: 'faketime', package: 'faketime', purposes: ['test/e2e/network'], use: 'a computer that sleeps' },
  { command: 'eu-strip', package: 'elfutils', purposes: ['build', 'package'], use: "removing Node's symbol table" },
  {
    command: 'eu-readelf',
    package: 'elfutils',
    purposes: ['test/platform/linux'],
    use: 'which libraries the program needs',
  },
  {
    command: 'cc',
    package: 'gcc',
    purposes: ['bench', 'bench-check', 'test/e2e'],
    use: 'measuring whole processes, and playing odd file systems',
  },
  {
    command: 'git',
    package: 'git',
    purposes: ['bench', 'bench-check', 'test/integration', 'test/e2e/clients'],
    use: 'a peer, commits, and a server for plugins',
  },
  {
    command: 'docker-credential-secretservice',
    package: 'golang-docker-credential-helpers',
    purposes: ['bench'],
    use: 'a peer',
  },
  {
    command: 'gpg',
    package: 'gnupg',
    purposes: ['verify-node', 'test/integration'],
    use: "checking the signature of Node's releases",
  },
  { command: 'dirmngr', package: 'dirmngr', purposes: ['verify-node'], use: "getting the keys of Node's releasers" },
  { command: 'oidc-token', package: 'oidc-agent-cli', purposes: ['bench'], use: 'a peer' },
  { command: 'az', package: 'azure-cli', purposes: ['bench'], use: 'a peer' },
];

/** Searched after PATH: not every user has `/usr/sbin` on it, and squid has a folder for its own programs. */
const FURTHER_FOLDERS = ['/usr/sbin', '/usr/lib/squid'];

/**
 * Installs what these purposes need and this computer doesn't have, and says what it's for. If it can't be installed
 * from here, names what is missing and the command to run, and ends the process. Does nothing except on Linux; on other
 * systems, the tests that need it are skipped.
 */
export function ensureDebianPackages(purposes: readonly Purpose[]): void {
  if (process.platform !== 'linux') return;
  try {
    installMissing(purposes);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}

function installMissing(purposes: readonly Purpose[]): void {
  const missing = debianPackages.filter((row) => row.purposes.some((one) => purposes.includes(one)) && !isThere(row));
  if (missing.length === 0) return;
  const packages = missing.map((row) => row.package);
  const needs = missing
    .map((row) => `  ${row.command ?? row.file} (Debian package ${row.package}): ${row.use}`)
    .join('\n');
  if (!existsSync('/etc/debian_version') || !isOnPath('apt-get')) {
    throw new Error(`These are missing; install them with this system's package manager:\n${needs}`);
  }
  const asRoot = rootPrefix();
  if (asRoot === undefined) {
    const command = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`;
    throw new Error(`These are missing:\n${needs}\nRun this as root, then try again:\n  ${command}`);
  }
  console.error(`Installing with apt-get:\n${needs}`);
  install(asRoot, packages);
}

function isThere({ command, file = '' }: Row): boolean {
  return command === undefined ? existsSync(file) : isOnPath(command);
}

function isOnPath(command: string): boolean {
  return [...(process.env['PATH'] ?? '').split(delimiter), ...FURTHER_FOLDERS].some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The words that run a command as root without asking for a password; `undefined` if there's no way. */
function rootPrefix(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  const sudo = ['sudo', '-n'];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? sudo : undefined;
}

function install(asRoot: readonly string[], packages: readonly string[]): void {
  // The tests start squid themselves. Once masked, its service starts neither now nor at the next boot.
  if (packages.includes('squid-openssl')) maskService(asRoot, 'squid.service');
  const installation = ['install', '-y', '--no-install-recommends', ...packages];
  // A fresh container has no package lists; old lists may name versions that the mirror no longer has.
  const first = hasPackageLists() ? aptGet(asRoot, installation) : undefined;
  if (first?.status === 0) return;
  const update = aptGet(asRoot, ['update']);
  const last = update.status === 0 ? aptGet(asRoot, installation) : update;
  if (last.status !== 0) {
    throw new Error(`apt-get failed:\n${last.stdout}${last.stderr}`);
  }
}

/** Like `systemctl mask`, but also works if systemd doesn't run. Doesn't change a service that is already installed. */
function maskService(asRoot: readonly string[], unit: string): void {
  if (existsSync(`/lib/systemd/system/${unit}`)) return;
  const [command = '', ...args] = [
    ...asRoot,
    'sh',
    '-c',
    'mkdir -p "$0" && { [ -e "$0/$1" ] || ln -s /dev/null "$0/$1"; }',
  ];
  spawnSync(command, [...args, '/etc/systemd/system', unit], { stdio: 'ignore' });
}

function hasPackageLists(): boolean {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => name.includes('_Packages'));
  } catch {
    return false;
  }
}

function aptGet(asRoot: readonly string[], args: readonly string[]): SpawnSyncReturns<string> {
  // `env` because sudo drops the caller's environment.
  const [command = '', ...rest] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args];
  return spawnSync(command, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 });
}
