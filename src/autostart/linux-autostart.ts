// Linux: a systemd user unit, or an XDG autostart file if no systemd user manager answers.
import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../core/errors.ts';
import { userHome } from '../platform/user-home.ts';
import type { Autostart, AutostartEntry, Installation, RunCommand } from './autostart.ts';
import { DESKTOP_FILE, desktopEntryFormat, desktopEntryText } from './desktop-entry.ts';
import { entriesIn, readText, removeEntry, writeEntry } from './entry-file.ts';
import { programOfUnit, UNIT, unitText } from './systemd-unit.ts';

const WANTS = 'graphical-session.target.wants';
const RELOAD_MS = 10_000;
/** A helper waits this long. If the service manager is slower, the helper starts the agent itself. */
const START_MS = 2_000;
const NO_SYSTEMD =
  'no systemd user manager answers here, so it is an XDG autostart file: it takes effect at the next log-in';

export interface LinuxSystem {
  readonly env: NodeJS.ProcessEnv;
  readonly run: RunCommand;
  /** Default: the folders in systemd.unit(5), "User Unit Search Path", except for the user's own. */
  readonly systemUnitFolders?: readonly string[];
}

export class LinuxAutostart implements Autostart {
  readonly #run: RunCommand;
  readonly #userUnits: string;
  readonly #desktopFile: string;
  readonly #systemUnitFolders: readonly string[];
  readonly #dataUnits: string;

  constructor({ env, run, systemUnitFolders = SYSTEM_UNIT_FOLDERS }: LinuxSystem) {
    const home = userHome(env, 'linux');
    const config = absolute(env['XDG_CONFIG_HOME']) ?? join(home, '.config');
    this.#run = run;
    this.#userUnits = join(config, 'systemd/user');
    this.#dataUnits = join(absolute(env['XDG_DATA_HOME']) ?? join(home, '.local/share'), 'systemd/user');
    this.#desktopFile = join(config, 'autostart', DESKTOP_FILE);
    this.#systemUnitFolders = systemUnitFolders;
  }

  entries(): Promise<readonly AutostartEntry[]> {
    // An empty unit, such as a link to /dev/null, is masked.
    const isEnabled = (text: string): boolean => text !== '' && this.#isEnabled();
    const unit = (folder: string, scope: AutostartEntry['scope']) =>
      entriesIn(join(folder, UNIT), scope, { kind: 'systemd', programOf: programOfUnit, isEnabled });
    // systemd prefers /etc to what packages put into the user's data folder and /usr.
    return Promise.resolve([
      ...unit(this.#userUnits, 'user'),
      ...unit(this.#dataUnits, 'user'),
      ...this.#systemUnitFolders.flatMap((folder) => unit(folder, 'system')),
      ...entriesIn(this.#desktopFile, 'user', desktopEntryFormat),
    ]);
  }

  async install(program: string): Promise<Installation> {
    const place = join(this.#userUnits, UNIT);
    const isEnabled = existsLink(this.#wantedBy());
    if (isEnabled && readText(place) === unitText(program) && !existsSync(this.#desktopFile)) {
      return { changed: false, place };
    }
    if (!(await this.#answers())) return this.#installDesktopFile(program);
    writeEntry(place, unitText(program));
    await this.#must(['daemon-reload']);
    await this.#must(['enable', UNIT]);
    removeEntry(this.#desktopFile);
    return { changed: true, place };
  }

  async uninstall(): Promise<readonly string[]> {
    const places = [join(this.#userUnits, UNIT), join(this.#dataUnits, UNIT)].filter((place) => existsLink(place));
    // If no systemd user manager answers, no one else removes its link.
    if (places.length > 0) await this.#systemctl(['disable', '--now', UNIT], RELOAD_MS);
    removeEntry(this.#wantedBy());
    const removed = [...places, this.#desktopFile].filter((place) => removeEntry(place));
    if (places.length > 0) await this.#systemctl(['daemon-reload'], RELOAD_MS);
    return removed;
  }

  async start({ kind }: AutostartEntry): Promise<boolean> {
    if (kind !== 'systemd') return false;
    return (await this.#systemctl(['start', '--no-block', UNIT], START_MS)).exitCode === 0;
  }

  #installDesktopFile(program: string): Installation {
    const changed = writeEntry(this.#desktopFile, desktopEntryText(program));
    // An older unit would start another program in a session that has systemd.
    const hadUnit = [this.#wantedBy(), join(this.#userUnits, UNIT)].map((path) => removeEntry(path)).includes(true);
    return { changed: changed || hadUnit, place: this.#desktopFile, note: NO_SYSTEMD };
  }

  /**
   * systemd looks only at the unit's name, so an admin's link (`systemctl --global enable`) also enables the user's own
   * unit.
   */
  #isEnabled(): boolean {
    return [this.#userUnits, ...this.#systemUnitFolders].some((folder) => existsLink(join(folder, WANTS, UNIT)));
  }

  #wantedBy(): string {
    return join(this.#userUnits, WANTS, UNIT);
  }

  async #answers(): Promise<boolean> {
    return (await this.#systemctl(['show-environment'], RELOAD_MS)).exitCode === 0;
  }

  #systemctl(args: readonly string[], timeoutMs: number) {
    return this.#run('systemctl', ['--user', ...args], timeoutMs);
  }

  async #must(args: readonly string[]): Promise<void> {
    const { exitCode, stderr } = await this.#systemctl(args, RELOAD_MS);
    if (exitCode === 0) return;
    const reason = stderr === '' ? 'failed' : stderr.split('\n', 1)[0];
    throw new AppError('ERR_AUTOSTART', { detail: `systemctl --user ${args.join(' ')}: ${reason}` });
  }
}

const SYSTEM_UNIT_FOLDERS = [
  '/etc/systemd/user',
  '/usr/local/lib/systemd/user',
  '/usr/lib/systemd/user',
  '/lib/systemd/user',
];

/** XDG Base Directory Specification: ignore relative paths. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith('/') === true ? path : undefined;
}

function existsLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
