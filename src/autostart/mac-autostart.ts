// macOS: a LaunchAgent, see launchd.plist(5) and launchctl(1).
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import { escapeXml } from '../core/escape-xml.ts';
import { userHome } from '../platform/user-home.ts';
import type { Autostart, AutostartEntry, Installation, RunCommand } from './autostart.ts';
import { entriesIn, readText, removeEntry, writeEntry } from './entry-file.ts';
import { ASK_MS, Launchctl, type LaunchdJob } from './launchctl.ts';

export const LABEL = 'dev.foundry-credential-helper.agent';
const NO_SESSION = "you aren't logged in at the screen, so it takes effect at the next log-in";
const RESTARTED = 'the agent was restarted, because its program is newer than the running agent';

export interface MacSystem {
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number;
  readonly run: RunCommand;
  /** Default `/Library/LaunchAgents`. */
  readonly systemFolder?: string;
  /** Waits between two questions to launchd. Default: `setTimeout`. */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

export class MacAutostart implements Autostart {
  readonly #launchctl: Launchctl;
  readonly #own: string;
  readonly #system: string;

  constructor({ env, uid, run, systemFolder = '/Library/LaunchAgents', pause = sleep }: MacSystem) {
    const home = userHome(env, 'darwin');
    this.#launchctl = new Launchctl({ run, uid, label: LABEL, pause });
    this.#own = join(home, 'Library/LaunchAgents', `${LABEL}.plist`);
    this.#system = join(systemFolder, `${LABEL}.plist`);
  }

  async entries(): Promise<readonly AutostartEntry[]> {
    const found = [...this.#read(this.#own, 'user'), ...this.#read(this.#system, 'system')];
    if (found.length === 0) return [];
    const [job, isDisabled] = await Promise.all([this.#launchctl.job(ASK_MS), this.#launchctl.isDisabled(ASK_MS)]);
    const entries = isDisabled
      ? found.map((entry) => ({ ...entry, enabled: false, switchOn: this.#switchOn() }))
      : found;
    // Both files have one label, and launchd keeps the one that it loaded first.
    return job?.path === this.#system ? entries.toReversed() : entries;
  }

  async install(program: string): Promise<Installation> {
    const place = this.#own;
    const changed = writeEntry(place, launchAgentText(program));
    const disabled = { changed, place, note: `it's switched off. To switch it on, ${this.#switchOn()}` };
    if (await this.#launchctl.isDisabled()) return disabled;
    const job = await this.#launchctl.job();
    if (job !== undefined && !changed && job.path !== this.#system) return this.#bringUpToDate(program, job);
    // launchd doesn't reread the file of a loaded job.
    if (job !== undefined && !(await this.#launchctl.unload())) throw refused('bootout', "the old agent doesn't end");
    const loaded = await this.#launchctl.load(place);
    // Login Items may refuse it without launchd's list saying so.
    if (loaded === 'disabled') return disabled;
    if (loaded === 'no-session') return { changed, place, note: NO_SESSION };
    if (loaded !== 'loaded') throw refused('bootstrap', loaded.reason);
    return { changed: true, place };
  }

  async uninstall(): Promise<readonly string[]> {
    if (readText(this.#own) === undefined) return [];
    const job = await this.#launchctl.job();
    const removed = removeEntry(this.#own) ? [this.#own] : [];
    // The job of the same name that everyone has stays.
    if (job === undefined || job.path === this.#system) return removed;
    await this.#launchctl.unload();
    if (readText(this.#system) !== undefined) await this.#launchctl.load(this.#system);
    return removed;
  }

  start(): Promise<boolean> {
    return this.#launchctl.start();
  }

  #read(place: string, scope: AutostartEntry['scope']): readonly AutostartEntry[] {
    return entriesIn(place, scope, { kind: 'launch-agent', programOf: programOfPlist, isEnabled: () => true });
  }

  /** After an upgrade in place, the file is the same, but the running agent is the old program. */
  async #bringUpToDate(program: string, { pid }: LaunchdJob): Promise<Installation> {
    const place = this.#own;
    const startedAt = pid === undefined ? undefined : await this.#launchctl.earliestStart(pid);
    const isOutdated = startedAt !== undefined && changedAt(program) > startedAt;
    if (!isOutdated || !(await this.#launchctl.start({ restart: true }))) return { changed: false, place };
    return { changed: false, place, note: RESTARTED };
  }

  /** macOS 13 and later have a switch for it in Login Items. */
  #switchOn(): string {
    return `allow it in System Settings, General > Login Items, or run "launchctl enable ${this.#launchctl.service}"`;
  }
}

function refused(verb: string, reason: string): AppError {
  return new AppError('ERR_AUTOSTART', { detail: `launchctl ${verb}: ${reason}` });
}

/** When the file got its current content or place, in milliseconds since 1970; 0 if there is none. */
function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0;
}

/** The package brings the same text from installers/macos; a test compares them. `program` must be an absolute path. */
export function launchAgentText(program: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Keeps the agent running from log-in on. Without it, the helper starts the agent when it's needed. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
    <string>${escapeXml(program)}</string>
    <string>agent</string>
    <string>run</string>
  </array>
  <key>RunAtLoad</key>
  <true/>
  <!-- An agent that finds another one running, or that is stopped, exits with 0 and isn't started again. -->
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <!-- The browser and the login keychain belong to a session at the screen. -->
  <key>LimitLoadToSessionType</key>
  <string>Aqua</string>
  <!-- 077 -->
  <key>Umask</key>
  <integer>63</integer>
  <!-- Core dumps would hold tokens. -->
  <key>HardResourceLimits</key>
  <dict>
    <key>Core</key>
    <integer>0</integer>
  </dict>
  <key>SoftResourceLimits</key>
  <dict>
    <key>Core</key>
    <integer>0</integer>
  </dict>
</dict>
</plist>
`;
}

/** Reads only XML as this program and its package write it; returns an empty text for a binary property list. */
function programOfPlist(text: string): string {
  const match = /<key>ProgramArguments<\/key>\s*<array>\s*<string>([^<]*)<\/string>/.exec(text);
  const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&' };
  return (match?.[1] ?? '').replace(/&(lt|gt|amp);/g, (whole, name: string) => characters[name] ?? whole);
}
