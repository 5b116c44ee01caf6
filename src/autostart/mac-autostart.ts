// macOS: a LaunchAgent, see launchd.plist(5) and launchctl(1).
import { join } from 'node:path';
import { AppError } from '../core/errors.ts';
import { escapeXml } from '../core/escape-xml.ts';
import type { Autostart, AutostartEntry, Installation, RunCommand } from './autostart.ts';
import { entriesIn, readText, removeEntry, writeEntry } from './entry-file.ts';

export const LABEL = 'dev.foundry-credential-helper.agent';
const LAUNCHCTL = '/bin/launchctl';
const LOAD_MS = 10_000;
/** A helper waits this long. */
const START_MS = 2_000;

export interface MacSystem {
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number;
  readonly run: RunCommand;
  /** Default `/Library/LaunchAgents`. */
  readonly systemFolder?: string;
}

export class MacAutostart implements Autostart {
  readonly #run: RunCommand;
  readonly #domain: string;
  readonly #own: string;
  readonly #system: string;

  constructor({ env, uid, run, systemFolder = '/Library/LaunchAgents' }: MacSystem) {
    const home = env['HOME'] || process.getBuiltinModule('node:os').homedir();
    this.#run = run;
    // The domain of the user's log-in session.
    this.#domain = `gui/${uid}`;
    this.#own = join(home, 'Library/LaunchAgents', `${LABEL}.plist`);
    this.#system = join(systemFolder, `${LABEL}.plist`);
  }

  entries(): Promise<readonly AutostartEntry[]> {
    const entries = (place: string, scope: AutostartEntry['scope']) =>
      entriesIn(place, programOfPlist, { kind: 'launch-agent', scope, enabled: true });
    return Promise.resolve([...entries(this.#own, 'user'), ...entries(this.#system, 'system')]);
  }

  async install(program: string): Promise<Installation> {
    const changed = writeEntry(this.#own, launchAgentText(program));
    const isLoaded = await this.#isLoaded();
    if (!changed && isLoaded) return { changed: false, place: this.#own };
    // launchd doesn't reread the file of a loaded job.
    if (isLoaded) await this.#launchctl(['bootout', `${this.#domain}/${LABEL}`], LOAD_MS);
    const { exitCode, stderr } = await this.#launchctl(['bootstrap', this.#domain, this.#own], LOAD_MS);
    if (exitCode !== 0) throw new AppError('ERR_AUTOSTART', { detail: `launchctl bootstrap: ${stderr || 'failed'}` });
    return { changed: true, place: this.#own };
  }

  async uninstall(): Promise<readonly string[]> {
    if (readText(this.#own) === undefined) return [];
    await this.#launchctl(['bootout', `${this.#domain}/${LABEL}`], LOAD_MS);
    return removeEntry(this.#own) ? [this.#own] : [];
  }

  async start(): Promise<boolean> {
    return (await this.#launchctl(['kickstart', `${this.#domain}/${LABEL}`], START_MS)).exitCode === 0;
  }

  async #isLoaded(): Promise<boolean> {
    return (await this.#launchctl(['print', `${this.#domain}/${LABEL}`], LOAD_MS)).exitCode === 0;
  }

  #launchctl(args: readonly string[], timeoutMs: number) {
    return this.#run(LAUNCHCTL, args, timeoutMs);
  }
}

/** An agent exits with 0 if another one is running, so launchd restarts it only after a failure. */
export function launchAgentText(program: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
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
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>LimitLoadToSessionType</key>
  <string>Aqua</string>
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

/** Reads only XML as we and our package write it; returns an empty text for a binary property list. */
function programOfPlist(text: string): string {
  const match = /<key>ProgramArguments<\/key>\s*<array>\s*<string>([^<]*)<\/string>/.exec(text);
  const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&' };
  return (match?.[1] ?? '').replace(/&(lt|gt|amp);/g, (whole, name: string) => characters[name] ?? whole);
}
