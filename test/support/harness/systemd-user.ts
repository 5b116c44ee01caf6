// A real `systemd --user` for an ordinary user, on any Linux where the tests run as root: whether systemd booted it or
// not.
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createPrivateComputer,
  execute,
  type Outcome,
  onlyChild,
  privateComputerFault,
  until,
} from './private-computer.ts';
import { spawnOwned } from './process-cleanup.ts';

const NAME = 'fch-test';
/** No user of this computer's, most likely; it would only share limits with them. */
const UID = 54321;
const RUNTIME = `/run/user/${UID}`;
const MANAGER = '/lib/systemd/systemd';
const KEYRING_PASSWORD = 'test-keyring-password';
/** What a desktop starts: `graphical-session.target` may not be started on its own. */
const DESKTOP = 'test-desktop.target';

export interface SystemdUserOptions {
  /** A folder of the caller's, which the user gets, and sees under the same path. Their home is `home` in it. */
  readonly root: string;
  /** Put before PATH, in the user's commands and in what the manager starts. */
  readonly binFolder: string;
}

/** A user on their own computer. */
export interface SystemdUser {
  readonly uid: number;
  readonly home: string;
  /** Starts the user manager, the user's bus, and an unlocked keyring, as pam_systemd and pam_gnome_keyring do. */
  logIn(): Promise<void>;
  /**
   * What logind does after the last session of a user who doesn't linger: the manager ends, and their runtime folder
   * goes.
   */
  logOut(): Promise<void>;
  startDesktop(): Promise<void>;
  endDesktop(): Promise<void>;
  /** Runs a command as the user. Never rejects. */
  run(...command: readonly string[]): Promise<Outcome>;
  /**
   * Runs a shell script as root, with the same files and processes, and returns its output.
   * @throws Error when it fails
   */
  runAsRoot(script: string): Promise<string>;
  /** Runs `systemctl --user`. */
  systemctl(...args: readonly string[]): Promise<Outcome>;
  /** A property of a unit, as `systemctl --user show` prints it. */
  property(unit: string, name: string): Promise<string>;
  /**
   * Writes a program to `root` that runs `program` as the user, and returns its path. It takes CLAUDE_HELPER_CONTEXT
   * over.
   */
  wrap(program: string): string;
  /** Kills all the user's processes, and forgets all changes outside of `root`. */
  dispose(): Promise<void>;
}

/** Why it can't be done here, or `undefined`. */
export function systemdUserFault(): string | undefined {
  const fault = privateComputerFault();
  if (fault !== undefined) return fault;
  if (!existsSync(MANAGER)) return 'needs systemd';
  return existsSync('/usr/lib/systemd/user/dbus.socket') ? undefined : 'needs dbus-user-session';
}

/** The user isn't logged in yet. @throws Error when the computer can't be made */
export async function createSystemdUser({ root, binFolder }: SystemdUserOptions): Promise<SystemdUser> {
  const home = join(root, 'home');
  const { inside, enterCgroup, dispose } = await createPrivateComputer({
    folder: root,
    uid: UID,
    setUp: setUp(root, home),
  });
  const environment = {
    HOME: home,
    USER: NAME,
    LOGNAME: NAME,
    LANG: 'C.UTF-8',
    PATH: `${binFolder}:/usr/local/bin:/usr/bin:/bin`,
    XDG_RUNTIME_DIR: RUNTIME,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${RUNTIME}/bus`,
  };
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const become = ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups', 'env', '-i', ...variables];
  const run = (...command: readonly string[]) => execute([...inside, ...become, ...command]);
  const systemctl = (...args: readonly string[]) => run('systemctl', '--user', ...args);
  const runAsRoot = async (script: string) => succeed(await execute([...inside, 'sh', '-euc', script]));
  let manager: ReturnType<typeof spawnOwned> | undefined;
  let programs = 0;

  return {
    uid: UID,
    home,
    run,
    runAsRoot,
    systemctl,
    property: async (unit, name) => (await systemctl('show', '--value', `--property=${name}`, unit)).stdout.trim(),
    async logIn() {
      const script = `${enterCgroup}; install -d -o ${UID} -g ${UID} -m 700 ${RUNTIME}; exec "$@"`;
      const [program = '', ...args] = [...inside, 'sh', '-euc', script, 'sh', ...become, MANAGER, '--user'];
      manager = spawnOwned(program, args, { stdio: 'ignore' });
      await until('the user manager', async () => {
        const { stdout } = await systemctl('is-system-running', '--wait');
        return /^(running|degraded)$/m.test(stdout);
      });
      succeed(await systemctl('import-environment', 'PATH'));
      succeed(await run(...KEYRING));
    },
    async logOut() {
      if (manager?.pid === undefined) throw new Error('nobody is logged in');
      process.kill(onlyChild(manager.pid), 'SIGTERM');
      await until('the end of the user manager', () => manager?.exitCode !== null);
      manager = undefined;
      await runAsRoot(`rm -r ${RUNTIME}`);
    },
    startDesktop: async () => void succeed(await systemctl('start', DESKTOP)),
    endDesktop: async () => void succeed(await systemctl('stop', DESKTOP)),
    wrap(program) {
      const path = join(root, `run-${programs++}`);
      const words = [...inside, ...become].map((word) => `'${word}'`).join(' ');
      const context = 'CLAUDE_HELPER_CONTEXT="$CLAUDE_HELPER_CONTEXT"';
      writeFileSync(path, `#!/bin/sh\nexec ${words} ${context} '${program}' "$@"\n`);
      chmodSync(path, 0o755);
      return path;
    },
    dispose,
  };
}

function setUp(root: string, home: string): string {
  return `chown -R ${UID}:${UID} '${root}'
echo '${NAME}:x:${UID}:${UID}::${home}:/bin/sh' >>etc/passwd
echo '${NAME}:x:${UID}:' >>etc/group
# systemctl only asks whether the first folder is there.
mkdir -p run/systemd/system run/systemd/user run/user
printf '[Unit]\\nBindsTo=graphical-session.target\\nAfter=graphical-session.target\\n' >run/systemd/user/${DESKTOP}
# What this computer's packages start for every user isn't the test's.
rm -rf etc/systemd/user/*.wants`;
}

/** Returns when the keyring is on the bus. */
const KEYRING = [
  ...['systemd-run', '--user', '--quiet', '--unit=test-keyring'],
  ...['--property=Type=dbus', '--property=BusName=org.freedesktop.secrets'],
  ...['--property=StandardInput=data', `--property=StandardInputData=${btoa(KEYRING_PASSWORD)}`],
  ...['--', 'gnome-keyring-daemon', '--foreground', '--unlock', '--components=secrets'],
];

function succeed({ exitCode, stdout, stderr }: Outcome): string {
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stdout}${stderr}`);
  return stdout;
}
