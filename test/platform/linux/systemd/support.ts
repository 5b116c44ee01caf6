import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { type HelperContext, type HelperResult, runHelper } from '../../../support/harness/claude-desktop.ts';
import type { Outcome } from '../../../support/harness/private-computer.ts';
import { createSystemdUser, type SystemdUser } from '../../../support/harness/systemd-user.ts';
import { createWorld, type World } from '../../../support/harness/world.ts';

export const UNIT = 'foundry-credential-helper.service';

/** For `expect.poll`: each look starts processes, and takes time from what is waited for. */
export const SELDOM = { interval: 200 };

/** An ordinary user who is logged in, and a world for them to sign in to. */
export interface SystemdWorld {
  readonly world: World;
  readonly user: SystemdUser;
  /** A folder that the user and this process see under the same path. */
  readonly root: string;
  dispose(): Promise<void>;
}

/** The user is logged in, without a desktop session. */
export async function createSystemdWorld(): Promise<SystemdWorld> {
  const world = await createWorld({ secretService: 'no-bus' });
  const { root } = world.sandbox;
  let user: SystemdUser | undefined;
  const dispose = async () => {
    await user?.dispose();
    await world.dispose();
  };
  try {
    const folder = join(root, 'home/.config/foundry-credential-helper');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config.json'), JSON.stringify(world.config));
    user = await createSystemdUser({ root, binFolder: join(root, 'bin') });
    await user.runAsRoot(FORGET_THE_COMPUTERS_OWN);
    await user.logIn();
    return { world, user, root, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** If this computer has the package or a policy. */
const FORGET_THE_COMPUTERS_OWN = `
dpkg -P --force-all foundry-credential-helper >/dev/null 2>&1 || :
rm -rf /etc/foundry-credential-helper`;

/** The program as the user runs it. */
export class InstalledProgram {
  readonly #place: SystemdWorld;
  readonly #path: string;
  readonly #wrapped: string;

  constructor(place: SystemdWorld, path: string) {
    this.#place = place;
    this.#path = path;
    this.#wrapped = place.user.wrap(path);
  }

  run(...args: readonly string[]): Promise<Outcome> {
    return this.#place.user.run(this.#path, ...args);
  }

  /** As Claude Desktop runs it. */
  helper(context: HelperContext = 'background'): Promise<HelperResult> {
    return runHelper(this.#wrapped, { context, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
  }

  async signIn(): Promise<HelperResult> {
    const { entra } = this.#place.world;
    const helper = this.helper('interactive');
    entra.approve(await entra.waitForUserCode());
    return helper;
  }

  async status(): Promise<AgentStatus> {
    const { stdout, stderr } = await this.run('agent', 'status', '--json');
    if (stdout === '') throw new Error(`agent status printed nothing: ${stderr}`);
    return JSON.parse(stdout) as AgentStatus;
  }

  /** What the doctor says about how the agent starts. */
  async autostartCheck(): Promise<unknown> {
    const { stdout } = await this.run('doctor', '--json');
    const { checks } = JSON.parse(stdout) as { checks: readonly { readonly id: string }[] };
    return checks.find(({ id }) => id === 'autostart');
  }
}

export interface AgentStatus {
  readonly running: boolean;
  readonly agent?: { readonly pid: number; readonly version: string };
  readonly autostart: Readonly<Record<string, unknown>>;
}

/**
 * Has systemd start the agent, and no one else: a helper that waits for longer than 2 s starts one itself, which
 * happens on a busy computer. Returns its process, as the user sees it.
 */
export async function startUnit(place: SystemdWorld, program: InstalledProgram): Promise<number> {
  // First: systemd may be about to start one.
  await place.user.systemctl('stop', UNIT);
  await program.run('agent', 'stop');
  await expect.poll(() => agents(place)).toEqual([]);
  await forgetStarts(place.user);
  expect(await place.user.systemctl('restart', UNIT)).toMatchObject({ exitCode: 0 });
  return agentOfUnit(place, program);
}

/** systemd refuses a sixth start within 10 s. */
async function forgetStarts(user: SystemdUser): Promise<void> {
  await user.systemctl('reset-failed', UNIT);
}

/** The agent's process, as soon as the one that answers is the one that the unit runs. @throws Error when it isn't */
export function agentOfUnit({ user }: SystemdWorld, program: InstalledProgram): Promise<number> {
  const look = async () => {
    const running = (await program.status()).agent?.pid;
    const ofUnit = Number(await user.property(UNIT, 'MainPID'));
    expect(running).toBe(ofUnit);
    return ofUnit;
  };
  return vi.waitFor(look, { timeout: 60_000, interval: 200 });
}

/** Does something for which systemd starts the agent, be it the one that answers then or not. */
export async function expectStart<T>({ user }: SystemdWorld, work: () => Promise<T>): Promise<T> {
  const startedAt = async () => Number(await user.property(UNIT, 'ExecMainStartTimestampMonotonic'));
  await forgetStarts(user);
  const before = await startedAt();
  const result = await work();
  await expect.poll(startedAt, SELDOM).toBeGreaterThan(before);
  return result;
}

/** The agents that run, as this process sees them, anyone who started them. */
export function agents({ world }: SystemdWorld): number[] {
  return world.sandbox
    .processes()
    .filter(({ command }) => /foundry-credential-helper\s+agent\s+run/.test(command))
    .map(({ pid }) => pid);
}
