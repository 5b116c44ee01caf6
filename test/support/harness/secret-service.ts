// A private D-Bus session and GNOME keyring, so that tests use the real Secret Service and never the developer's own.
import { type ChildProcess, execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { makeHomeFolders } from './home-folders.ts';
import { killOwned, spawnOwned } from './process-cleanup.ts';

const PASSWORD = 'test-keyring-password';
const LOGIN_COLLECTION = '/org/freedesktop/secrets/collection/login';
const START_DEADLINE_MS = 60_000;

export interface SecretServiceOptions {
  /** A folder of the caller's: HOME, XDG folders, the bus socket and the keyring files are there. Keep it short. */
  readonly root: string;
  /** Begin with a locked login keyring. */
  readonly locked?: boolean;
}

/** A running session bus, with or without a keyring behind it. */
export interface SecretServiceSession {
  /** For child processes: DBUS_SESSION_BUS_ADDRESS, HOME and the XDG folders. */
  readonly env: Readonly<Record<string, string>>;
  /** Locks the login keyring; without a display nothing can ask the user to unlock it. */
  lock(): Promise<void>;
  /** Unlocks the login keyring. */
  unlock(): Promise<void>;
  /** It answers nothing any more, as KeePassXC does while it asks to be unlocked. */
  pause(): void;
  /** It answers again. */
  resume(): void;
  /** Ends bus and keyring. May be called twice. */
  stop(): Promise<void>;
}

/** Starts a bus and an unlocked (or locked) keyring on it. @throws Error when a program is missing or too slow. */
export async function startSecretService(options: SecretServiceOptions): Promise<SecretServiceSession> {
  const bus = await startBus(options.root);
  let keyring = spawnKeyring();
  const stop = async () => {
    await killOwned(keyring);
    await bus.stop();
  };
  function spawnKeyring(): ChildProcess {
    const daemon = spawnOwned('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
      env: bus.childEnv,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let output = '';
    daemon.stderr?.on('data', (chunk: Buffer) => {
      output = `${output}${chunk.toString()}`.slice(-1_000);
    });
    daemon.on('error', () => undefined);
    daemon.stdin?.on('error', () => undefined);
    daemon.stdin?.end(PASSWORD);
    // On a busy computer, version 42 now and then ends itself with a GLib error. On a desktop, D-Bus starts it again.
    daemon.on('exit', (_, signal) => {
      if (signal !== 'SIGTRAP') return;
      console.warn(`gnome-keyring-daemon crashed and was started again: ${output}`);
      keyring = spawnKeyring();
    });
    return daemon;
  }
  try {
    await waitFor('org.freedesktop.secrets on the bus', () => hasSecretService(bus.childEnv));
    const session = {
      env: bus.env,
      lock: () => lockLoginKeyring(bus.childEnv),
      unlock: () => unlockLoginKeyring(join(options.root, 'run', 'keyring', 'control')),
      pause: () => void keyring.kill('SIGSTOP'),
      resume: () => void keyring.kill('SIGCONT'),
      stop,
    };
    if (options.locked) await session.lock();
    return session;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Starts a bus on which no keyring is, nor can be activated, as on a server or in a container. */
export async function startWithoutSecretService(options: {
  readonly root: string;
  /** A folder of `.service` files, whose programs the bus starts when they're called. Default: it starts none. */
  readonly services?: string;
}): Promise<Pick<SecretServiceSession, 'env' | 'stop'>> {
  const bus = await startBus(options.root, options.services);
  return { env: bus.env, stop: bus.stop };
}

/** Runs `work` with a keyring and ends it afterward, whatever happens. */
export async function withSecretService<T>(
  options: SecretServiceOptions,
  work: (session: SecretServiceSession) => Promise<T>,
): Promise<T> {
  const session = await startSecretService(options);
  try {
    return await work(session);
  } finally {
    await session.stop();
  }
}

interface Bus {
  readonly env: Readonly<Record<string, string>>;
  /** The same with PATH. */
  readonly childEnv: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

async function startBus(root: string, services?: string): Promise<Bus> {
  const folders = makeHomeFolders(root);
  const socket = join(root, 'bus');
  const configuration = join(root, 'bus.conf');
  writeFileSync(configuration, busConfiguration(socket, services));
  const env = { ...folders, DBUS_SESSION_BUS_ADDRESS: `unix:path=${socket}` };
  const childEnv = { ...env, PATH: process.env['PATH'] ?? '/usr/bin' };
  const daemon = spawnOwned('dbus-daemon', [`--config-file=${configuration}`, '--nofork', '--nopidfile'], {
    env: childEnv,
    stdio: 'ignore',
  });
  daemon.on('error', () => undefined);
  const stop = () => killOwned(daemon);
  try {
    await waitFor('the session bus', () => canConnect(socket));
  } catch (error) {
    await stop();
    throw error;
  }
  return { env, childEnv, stop };
}

/** The system's session configuration would start its own keyring on demand; this one knows no others. */
function busConfiguration(socket: string, services: string | undefined): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socket}</listen>
  ${services === undefined ? '' : `<servicedir>${services}</servicedir>`}
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
}

const run = promisify(execFile);

async function hasSecretService(env: Readonly<Record<string, string>>): Promise<boolean> {
  const { stdout } = await callBus(env, 'org.freedesktop.DBus', '/org/freedesktop/DBus', [
    'org.freedesktop.DBus.NameHasOwner',
    'org.freedesktop.secrets',
  ]);
  return stdout.includes('true');
}

async function lockLoginKeyring(env: Readonly<Record<string, string>>): Promise<void> {
  await callBus(env, 'org.freedesktop.secrets', '/org/freedesktop/secrets', [
    'org.freedesktop.Secret.Service.Lock',
    `['${LOGIN_COLLECTION}']`,
  ]);
}

function callBus(env: Readonly<Record<string, string>>, destination: string, path: string, call: readonly string[]) {
  const [method = '', ...values] = call;
  const target = ['call', '--session', '--dest', destination, '--object-path', path, '--method', method];
  return run('gdbus', [...target, ...values], { env: { ...env }, timeout: START_DEADLINE_MS });
}

const CONTROL_UNLOCK = 1;

/** What pam_gnome_keyring does at login: the daemon's own control socket takes the password (gkd-control-codes.h). */
async function unlockLoginKeyring(socketPath: string): Promise<void> {
  const password = Buffer.from(PASSWORD);
  const message = Buffer.alloc(13);
  // The first byte carries the credentials of the sender, which the kernel adds; the length counts from here.
  message.writeUInt32BE(12 + password.length, 1);
  message.writeUInt32BE(CONTROL_UNLOCK, 5);
  message.writeUInt32BE(password.length, 9);
  const reply = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(socketPath, () => socket.write(Buffer.concat([message, password])));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('end', () => resolve(Buffer.concat(chunks)));
  });
  if (reply.length < 8 || reply.readUInt32BE(4) !== 0) throw new Error('the keyring was not unlocked');
}

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

async function waitFor(what: string, isReady: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  while (!(await isReady())) {
    if (Date.now() > deadline) throw new Error(`${what} did not come up within ${START_DEADLINE_MS} ms`);
    await sleep(10);
  }
}
