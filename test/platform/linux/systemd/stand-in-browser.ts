// A browser that stays, and that says what it got from anyone who started it.
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { SystemdWorld } from './support.ts';

/** One that runs, as the kernel describes it. */
export interface StartedBrowser {
  readonly pid: string;
  readonly address: string;
  /** `/proc/<pid>/status`, by the names of its lines. */
  readonly status: Readonly<Record<string, string>>;
  readonly cgroup: string;
  /** The line of `/proc/<pid>/limits` about core dumps. */
  readonly coreLimit: string;
  readonly coredumpFilter: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Makes it the user's default browser, both for desktops and for xdg-open. */
export class StandInBrowser {
  readonly #place: SystemdWorld;
  readonly #records: string;
  readonly #seen = new Set<string>();
  readonly program: string;
  /** Exits as systemd-run also does if it can't start anything. */
  readonly failing: string;
  /** A folder with Plasma's opener. */
  readonly plasma: string;

  constructor(place: SystemdWorld) {
    const { root, user } = place;
    this.#place = place;
    this.#records = join(root, 'browsers');
    this.program = join(root, 'bin/stand-in-browser');
    // The user's own. Written to by anyone who the browser runs as.
    mkdirSync(this.#records);
    chmodSync(this.#records, 0o777);
    writeProgram(
      this.program,
      `folder='${this.#records}'/.$$
mkdir "$folder"
printf %s "$1" >"$folder/address"
for name in status cgroup limits coredump_filter environ; do cat /proc/$$/$name >"$folder/$name"; done
mv "$folder" '${this.#records}'/$$
sleep infinity & wait`,
    );
    // As on GNOME: it ends as soon as the browser has started.
    writeProgram(join(root, 'bin/xdg-open'), `/usr/bin/setsid '${this.program}' "$1" </dev/null >/dev/null 2>&1 &`);
    this.failing = join(root, 'bin/failing-browser');
    writeProgram(this.failing, `echo "$1" >>'${this.#records}/.failures'; exit 1`);
    this.plasma = join(root, 'plasma');
    mkdirSync(this.plasma);
    writeProgram(join(this.plasma, 'kde-open5'), `exec '${join(root, 'bin/xdg-open')}' "$1"`);
    const applications = join(user.home, '.local/share/applications');
    mkdirSync(applications, { recursive: true });
    writeFileSync(join(applications, 'stand-in.desktop'), desktopEntry(this.program));
    writeFileSync(join(user.home, '.config/mimeapps.list'), DEFAULT_BROWSER);
  }

  /** The next one that starts. */
  async next(): Promise<StartedBrowser> {
    const find = () => {
      const [pid] = this.unseen();
      if (pid === undefined) throw new Error('no browser was started');
      return pid;
    };
    const pid = await vi.waitFor(find, { timeout: 60_000 });
    this.#seen.add(pid);
    const read = (name: string): string => readFileSync(join(this.#records, pid, name), 'utf8');
    return {
      pid,
      address: read('address'),
      status: Object.fromEntries(
        read('status')
          .split('\n')
          .map((line) => line.split(':\t', 2)),
      ),
      cgroup: read('cgroup'),
      coreLimit: /^Max core file size.*$/m.exec(read('limits'))?.[0] ?? '',
      coredumpFilter: read('coredump_filter').trim(),
      env: Object.fromEntries(
        read('environ')
          .split('\0')
          .map((line) => /^([^=]*)=(.*)$/s.exec(line)?.slice(1) ?? []),
      ),
    };
  }

  async isRunning({ pid }: StartedBrowser): Promise<boolean> {
    const { stdout } = await this.#place.user.run('cat', `/proc/${pid}/cmdline`);
    return stdout.includes(this.program);
  }

  /** The addresses that `failing` was called with. */
  failures(): readonly string[] {
    return readFileSync(join(this.#records, '.failures'), 'utf8').trimEnd().split('\n');
  }

  /** The processes of those that have started since the last `next`. */
  unseen(): readonly string[] {
    return readdirSync(this.#records).filter((name) => !name.startsWith('.') && !this.#seen.has(name));
  }
}

function writeProgram(file: string, script: string): void {
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

const desktopEntry = (program: string): string => `[Desktop Entry]
Type=Application
Name=Stand-in
Exec=${program} %u
MimeType=x-scheme-handler/http;x-scheme-handler/https;
`;

const DEFAULT_BROWSER = `[Default Applications]
x-scheme-handler/http=stand-in.desktop
x-scheme-handler/https=stand-in.desktop
`;
