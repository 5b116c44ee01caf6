// What `npm start` and `npm test` need from Debian, and how it gets there. Plain JavaScript: the host's Node 20 runs it.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** One row a command, or a file that is none: its Debian package, the npm scripts' files that need it, and what for. */
const debianPackages = [
  {
    command: 'gnome-keyring-daemon',
    package: 'gnome-keyring',
    scripts: ['demo', 'test', 'bench'],
    use: 'a real Secret Service',
  },
  {
    command: 'dbus-run-session',
    package: 'dbus-daemon',
    scripts: ['demo', 'test', 'bench'],
    use: 'a private session bus for it',
  },
  {
    command: 'gdbus',
    package: 'libglib2.0-bin',
    scripts: ['demo', 'test', 'bench'],
    use: 'waiting until the Secret Service is up',
  },
  {
    command: 'secret-tool',
    package: 'libsecret-tools',
    scripts: ['test', 'bench'],
    use: 'a second opinion on what was stored',
  },
  { command: 'chromium', package: 'chromium', scripts: ['demo', 'test'], use: 'signing in through the real pages' },
  { command: 'plistutil', package: 'libplist-utils', scripts: ['test'], use: 'reading exported profiles back' },
  { command: 'xmllint', package: 'libxml2-utils', scripts: ['test'], use: 'checking exported profiles as XML' },
  { command: 'hivexregedit', package: 'libwin-hivex-perl', scripts: ['test'], use: 'importing registry exports' },
  { command: 'python3', package: 'python3', scripts: ['test'], use: 'reading exported profiles back' },
  { command: 'openssl', package: 'openssl', scripts: ['test'], use: 'certificates of every kind for the TLS tests' },
  // Not `squid`: the package of that name has one that cannot inspect TLS.
  { command: 'security_file_certgen', package: 'squid-openssl', scripts: ['test'], use: "a company's proxy" },
  { command: 'zsh', package: 'zsh', scripts: ['test'], use: 'running the shell scripts as on a Mac' },
  { command: '7z', package: 'p7zip-full', scripts: ['test'], use: 'reading the packages for macOS back' },
  { command: 'bsdtar', package: 'libarchive-tools', scripts: ['test'], use: 'reading the packages for macOS back' },
  { command: 'shellcheck', package: 'shellcheck', scripts: ['test'], use: 'checking the shell scripts for macOS' },
  { command: 'pkill', package: 'procps', scripts: ['test'], use: 'running the uninstaller for macOS' },
  { command: 'wine', package: 'wine', scripts: ['test'], use: 'running the Windows binary' },
  { command: 'dpkg-deb', package: 'dpkg', scripts: ['package', 'release', 'test'], use: 'the package for Debian' },
  {
    command: 'rpmbuild',
    package: 'rpm',
    scripts: ['package', 'release', 'test'],
    use: 'the package for Fedora and its like',
  },
  {
    command: 'osslsigncode',
    package: 'osslsigncode',
    scripts: ['sign-windows', 'test'],
    use: 'signatures for Windows',
  },
  {
    command: 'wixl',
    package: 'wixl',
    scripts: ['package', 'release', 'sign-windows', 'test'],
    use: 'the installer for Windows',
  },
  {
    command: 'msibuild',
    package: 'msitools',
    scripts: ['package', 'release', 'test'],
    use: 'the installer for Windows',
  },
  { command: 'fish', package: 'fish', scripts: ['test'], use: 'completing commands in it' },
  { command: 'groff', package: 'groff-base', scripts: ['test'], use: 'checking the man page as Linux shows it' },
  { command: 'mandoc', package: 'mandoc', scripts: ['test'], use: 'checking the man page' },
  { command: 'notify-send', package: 'libnotify-bin', scripts: ['test'], use: 'showing notifications' },
  { command: 'dunst', package: 'dunst', scripts: ['test'], use: 'a desktop that shows notifications' },
  { command: 'Xvfb', package: 'xvfb', scripts: ['test'], use: 'a screen for it' },
  { command: 'tmux', package: 'tmux', scripts: ['test'], use: 'a terminal to look at' },
  {
    file: '/usr/lib/python3/dist-packages/azure/identity/__init__.py',
    package: 'python3-azure',
    scripts: ['test'],
    use: "Azure's SDK for Python, a client of `exec`",
  },
  { command: 'zbarimg', package: 'zbar-tools', scripts: ['test'], use: 'reading QR codes as a phone does' },
  {
    command: 'eu-strip',
    package: 'elfutils',
    scripts: ['demo', 'test', 'build', 'package', 'release', 'bench'],
    use: 'leaving out the symbol table of Node',
  },
  { command: 'cc', package: 'gcc', scripts: ['test', 'bench'], use: 'measuring whole processes' },
  {
    command: 'docker-credential-secretservice',
    package: 'golang-docker-credential-helpers',
    scripts: ['bench'],
    use: 'a peer',
  },
  { command: 'oidc-token', package: 'oidc-agent-cli', scripts: ['bench'], use: 'a peer' },
  { command: 'az', package: 'azure-cli', scripts: ['bench'], use: 'a peer' },
  { command: 'faketime', package: 'faketime', scripts: ['test'], use: 'a computer that sleeps' },
];

/** Where commands are beside PATH: Debian's `/usr/sbin` is not on every user's, and squid keeps its own programs apart. */
const FURTHER_FOLDERS = ['/usr/sbin', '/usr/lib/squid'];

/**
 * Installs what the script (`demo`, `test`, ...) needs and is not there yet.
 * @throws Error in plain words, naming the command to run, where that cannot be done from here.
 */
export function ensureDebianPackages(script) {
  if (process.platform !== 'linux') return;
  const missing = debianPackages.filter((row) => row.scripts.includes(script) && !isThere(row));
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
  console.error(`Installing Debian packages: ${packages.join(', ')} ...`);
  install(asRoot, packages);
}

function isThere({ command, file }) {
  return command === undefined ? existsSync(file) : isOnPath(command);
}

function isOnPath(command) {
  return [...(process.env.PATH ?? '').split(delimiter), ...FURTHER_FOLDERS].some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** How to run a command as root without asking anybody; `undefined` where that is not possible. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = ['sudo', '-n'];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? sudo : undefined;
}

function install(asRoot, packages) {
  // The tests start squid themselves; masked, its service neither starts now nor at the next boot.
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

/** What `systemctl mask` does, also where systemd does not run. A service that is installed already stays as it is. */
function maskService(asRoot, unit) {
  if (existsSync(`/lib/systemd/system/${unit}`)) return;
  const [command, ...args] = [...asRoot, 'sh', '-c', 'mkdir -p "$0" && { [ -e "$0/$1" ] || ln -s /dev/null "$0/$1"; }'];
  spawnSync(command, [...args, '/etc/systemd/system', unit], { stdio: 'ignore' });
}

function hasPackageLists() {
  try {
    return readdirSync('/var/lib/apt/lists').some((name) => name.includes('_Packages'));
  } catch {
    return false;
  }
}

function aptGet(asRoot, args) {
  // `env` because sudo drops the caller's environment.
  const [command, ...rest] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args];
  return spawnSync(command, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 });
}
