// A private D-Bus session with gnome-keyring on it, in its own folder: the developer's session isn't touched.
// Needs the Debian packages dbus, gnome-keyring, libglib2.0-bin (gdbus) and libsecret-tools (secret-tool).
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PASSWORD = 'keyring-password';
const LOGIN = '/org/freedesktop/secrets/collection/login';

export interface SessionOptions {
  /** The dialog that asks for the keyring's password: fails immediately, as without a display, or waits for 10 s. */
  readonly prompt?: 'fails' | 'waits';
}

export class SecretServiceSession {
  /** For child processes; `DBUS_SESSION_BUS_ADDRESS` is in it once the bus runs. */
  readonly env: Record<string, string>;
  readonly #folder: string;
  readonly #prompt: 'fails' | 'waits';
  #bus: ChildProcess | undefined;
  #keyring: ChildProcess | undefined;

  constructor({ prompt = 'fails' }: SessionOptions = {}) {
    this.#prompt = prompt;
    this.#folder = mkdtempSync(join(tmpdir(), 'secret-service-'));
    const folder = (name: string): string => {
      const path = join(this.#folder, name);
      mkdirSync(path, { mode: 0o700 });
      return path;
    };
    this.env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder('home'),
      XDG_DATA_HOME: folder('data'),
      XDG_CONFIG_HOME: folder('config'),
      XDG_CACHE_HOME: folder('cache'),
      XDG_STATE_HOME: folder('state'),
      XDG_RUNTIME_DIR: folder('run'),
    };
  }

  /** A bus on which nothing offers secrets yet, nor can be started to. */
  async startBus(): Promise<void> {
    const bus = spawn('dbus-daemon', [`--config-file=${this.#writeBusConfig()}`, '--nofork', '--print-address'], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#bus = bus;
    const [address] = (await once(bus.stdout, 'data')) as [Buffer];
    this.env['DBUS_SESSION_BUS_ADDRESS'] = address.toString().trim();
  }

  /** The keyring, unlocked; its entries are those of the last time. */
  async startKeyring(): Promise<void> {
    const keyring = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
      env: this.env,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#keyring = keyring;
    keyring.stdin.on('error', () => undefined);
    keyring.stdin.end(PASSWORD);
    await this.#waitUntil(() => this.#isOffered());
  }

  async stopKeyring(): Promise<void> {
    await stop(this.#keyring);
    this.#keyring = undefined;
    await this.#waitUntil(() => !this.#isOffered());
  }

  async stopBus(): Promise<void> {
    await stop(this.#bus);
    this.#bus = undefined;
  }

  lock(): void {
    const path = '/org/freedesktop/secrets';
    this.#gdbus('org.freedesktop.secrets', path, 'org.freedesktop.Secret.Service.Lock', `['${LOGIN}']`);
  }

  /** gnome-keyring takes the password only when it starts. */
  async unlock(): Promise<void> {
    await this.stopKeyring();
    await this.startKeyring();
  }

  /** Output of `secret-tool`; throws when it finds nothing. */
  secretTool(args: readonly string[], input = ''): string {
    return execFileSync('secret-tool', args, { env: this.env, input, encoding: 'utf8', stdio: 'pipe' });
  }

  async close(): Promise<void> {
    await stop(this.#keyring);
    await stop(this.#bus);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #isOffered(): boolean {
    const method = 'org.freedesktop.DBus.NameHasOwner';
    return this.#gdbus('org.freedesktop.DBus', '/', method, 'org.freedesktop.secrets').includes('true');
  }

  #gdbus(service: string, path: string, method: string, ...args: string[]): string {
    const call = ['call', '--session', '--dest', service, '--object-path', path, '--method', method, ...args];
    return execFileSync('gdbus', call, { env: this.env, encoding: 'utf8', stdio: 'pipe' });
  }

  async #waitUntil(holds: () => boolean): Promise<void> {
    for (let attempt = 0; !holds(); attempt += 1) {
      if (attempt > 200) throw new Error('gnome-keyring-daemon did not come or go within 5 s');
      await sleep(25);
    }
  }

  #writeBusConfig(): string {
    const services = join(this.#folder, 'services');
    mkdirSync(services);
    const program = this.#prompt === 'waits' ? '/bin/sleep 10' : '/bin/false';
    const prompter = `[D-BUS Service]\nName=org.gnome.keyring.SystemPrompter\nExec=${program}\n`;
    writeFileSync(join(services, 'prompter.service'), prompter);
    const path = join(this.#folder, 'bus.conf');
    writeFileSync(
      path,
      `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=${this.env['XDG_RUNTIME_DIR']}</listen>
  <servicedir>${services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`,
    );
    return path;
  }
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
