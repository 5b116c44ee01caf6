// launchd's command, see launchctl(1). Its exit codes are errors of xpc_strerror(3).
import type { CommandResult, RunCommand } from './autostart.ts';

const LAUNCHCTL = '/bin/launchctl';
const PS = '/bin/ps';
const LOAD_MS = 10_000;
/** A helper waits this long. */
const START_MS = 2_000;
/** For questions that a helper asks before it starts the agent. */
export const ASK_MS = 1_000;
const POLL_MS = 500;
/** 25 s: launchd kills a job that hasn't ended after 20 s (launchd.plist(5), ExitTimeOut). */
const TRIES = 50;

/** What `bootstrap` says while launchd still ends the previous job: EIO or EALREADY. */
const STILL_ENDING: readonly (number | undefined)[] = [5, 37];
/** "Service is disabled". */
const DISABLED = 119;
/** "Couldn't find domain", and "Domain doesn't support specified action". */
const NO_DOMAIN: readonly (number | undefined)[] = [112, 125];

export interface LaunchdJob {
  /** The property list that it was loaded from. */
  readonly path: string | undefined;
  /** Absent if it doesn't run. */
  readonly pid: number | undefined;
}

/** `no-session`: the user isn't logged in at the screen, so launchd has no domain for the agent. */
export type Loaded = 'loaded' | 'disabled' | 'no-session' | { readonly reason: string };

export interface LaunchctlOptions {
  readonly run: RunCommand;
  readonly uid: number;
  readonly label: string;
  /** Waits between two questions. */
  readonly pause: (milliseconds: number) => Promise<unknown>;
}

/** One service of the user's log-in session. */
export class Launchctl {
  readonly #run: RunCommand;
  readonly #uid: number;
  readonly #label: string;
  readonly #pause: LaunchctlOptions['pause'];

  constructor({ run, uid, label, pause }: LaunchctlOptions) {
    this.#run = run;
    this.#uid = uid;
    this.#label = label;
    this.#pause = pause;
  }

  get service(): string {
    return `${this.#domain}/${this.#label}`;
  }

  get #domain(): string {
    return `gui/${this.#uid}`;
  }

  /** The loaded job; undefined if there is none, or if launchd doesn't answer in time. */
  async job(timeoutMs = LOAD_MS): Promise<LaunchdJob | undefined> {
    const { exitCode, stdout } = await this.#launchctl(['print', this.service], timeoutMs);
    if (exitCode !== 0) return undefined;
    const pid = /^\s*pid = (\d+)$/m.exec(stdout)?.[1];
    return { path: /^\s*path = (.+)$/m.exec(stdout)?.[1], pid: pid === undefined ? undefined : Number(pid) };
  }

  /**
   * Whether the user, or `launchctl disable`, switched the service off. False also if launchd doesn't answer: a service
   * is on unless launchd's list says otherwise. Waits `timeoutMs` twice at most.
   */
  async isDisabled(timeoutMs = LOAD_MS): Promise<boolean> {
    // Both domains have the same list. Only the second one exists for a user who isn't logged in at the screen.
    for (const domain of [this.#domain, `user/${this.#uid}`]) {
      const { exitCode, stdout } = await this.#launchctl(['print-disabled', domain], timeoutMs);
      // macOS 12 and earlier print "true" for "disabled".
      if (exitCode === 0) return ['disabled', 'true'].includes(stateIn(stdout, this.#label));
    }
    return false;
  }

  /**
   * Unloads the job and waits until it has ended: `bootout` returns before that. Takes 25 s at most.
   * @returns whether it has ended
   */
  async unload(): Promise<boolean> {
    await this.#launchctl(['bootout', this.service], LOAD_MS);
    for (let tries = 0; tries < TRIES; tries++) {
      const { exitCode } = await this.#launchctl(['print', this.service], LOAD_MS);
      if (exitCode !== 0 && exitCode !== undefined) return true;
      await this.#pause(POLL_MS);
    }
    return false;
  }

  /** Loads a property list, which also starts the job. Takes 25 s at most. */
  async load(plist: string): Promise<Loaded> {
    for (let tries = 0; ; tries++) {
      const result = await this.#launchctl(['bootstrap', this.#domain, plist], LOAD_MS);
      if (result.exitCode === 0) return 'loaded';
      if (result.exitCode === DISABLED) return 'disabled';
      if (await this.#hasNoSession(result)) return 'no-session';
      if (!STILL_ENDING.includes(result.exitCode) || tries === TRIES) return this.#refused(plist, result);
      await this.#pause(POLL_MS);
    }
  }

  /** Starts the loaded job unless it runs; with `restart`, ends it first. Returns false if launchd refuses. */
  async start({ restart = false } = {}): Promise<boolean> {
    const args = ['kickstart', ...(restart ? ['-k'] : []), this.service];
    return (await this.#launchctl(args, restart ? LOAD_MS : START_MS)).exitCode === 0;
  }

  /** The earliest time at which the process may have started, in milliseconds since 1970; undefined if it has ended. */
  async earliestStart(pid: number): Promise<number | undefined> {
    const { exitCode, stdout } = await this.#run(PS, ['-o', 'etime=', '-p', String(pid)], LOAD_MS);
    const elapsed = exitCode === 0 ? secondsOf(stdout.trim()) : undefined;
    // ps cuts off the fraction of a second.
    return elapsed === undefined ? undefined : Date.now() - (elapsed + 1) * 1_000;
  }

  /** Some versions report a missing domain as if the old job were still there, so ask for the domain itself too. */
  async #hasNoSession(result: CommandResult): Promise<boolean> {
    return hasNoDomain(result) || hasNoDomain(await this.#launchctl(['print', this.#domain], LOAD_MS));
  }

  /** Another process may have loaded the same file. launchctl then reports the same errors as for a job that ends. */
  async #refused(plist: string, { stderr }: CommandResult): Promise<Loaded> {
    if ((await this.job())?.path === plist) return 'loaded';
    return { reason: stderr.split('\n', 1)[0] || 'failed' };
  }

  #launchctl(args: readonly string[], timeoutMs: number): Promise<CommandResult> {
    return this.#run(LAUNCHCTL, args, timeoutMs);
  }
}

function hasNoDomain({ exitCode, stderr }: CommandResult): boolean {
  return NO_DOMAIN.includes(exitCode) || stderr.includes('Could not find domain'); // prose-ok: launchctl's words
}

/** From `"label" => disabled`; empty if the list doesn't have it. */
function stateIn(disabledServices: string, label: string): string {
  const line = disabledServices.split('\n').find((text) => text.trim().startsWith(`"${label}" =>`));
  return line?.split('=>')[1]?.trim() ?? '';
}

/** ps(1): `[[dd-]hh:]mm:ss`. */
function secondsOf(elapsed: string): number | undefined {
  const parts = /^(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)$/.exec(elapsed)?.slice(1);
  if (parts === undefined) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}
