// A world that many rows use one after another, with what they need to begin afresh.
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentialKey } from '../../../src/agent/credentials/credential-key.ts';
import { BrowserUser } from '../../support/harness/browser-user.ts';
import { type HelperContext, type HelperResult, runHelper } from '../../support/harness/claude-desktop.ts';
import { createWorld, type World } from '../../support/harness/world.ts';
import { binary, isAlive, run } from '../support.ts';
import { type Relay, startRelay } from './relay.ts';

/** Under .test nothing is ever registered (RFC 6761): only the agent's own hosts file knows the name. */
const PROXY_NAME = 'corporate-proxy.test';

export class Lane {
  readonly world: World;
  readonly relay: Relay;
  /** `config.json` as every row finds it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Who signs in where the configured method is the browser. */
  readonly browser: BrowserUser;

  constructor(world: World, relay: Relay, changes: Readonly<Record<string, unknown>>) {
    this.world = world;
    this.browser = new BrowserUser(world);
    this.relay = relay;
    this.config = { ...world.config, proxy: `http://127.0.0.1:${relay.port}`, ...changes };
    this.#restoreSettings();
  }

  static async open(changes: Readonly<Record<string, unknown>> = {}): Promise<Lane> {
    const world = await createWorld();
    return new Lane(world, await startRelay(world.proxy.port), changes);
  }

  async close(): Promise<void> {
    await this.world.dispose();
    this.relay.dispose();
  }

  helper(context: HelperContext): Promise<HelperResult> {
    return runHelper(binary, { context, env: this.world.env });
  }

  /** Someone signs in on request of an interactive run. */
  async signIn(): Promise<HelperResult> {
    this.#expireOpenCodes();
    const helper = this.helper('interactive');
    if (this.config['signInMethod'] === 'browser') await this.browser.signIn();
    else this.world.entra.approve(await this.world.entra.waitForUserCode());
    return helper;
  }

  /** No one is signed in, and nothing is left of what was before. */
  async signedOut(): Promise<void> {
    this.#expireOpenCodes();
    this.#restoreSettings();
    const { exitCode, stderr } = await run(this.world.env, 'logout');
    if (exitCode !== 0) throw new Error(`logout failed: ${stderr}`);
  }

  /** Someone is signed in, no agent runs, and no back-off is remembered. */
  async signedIn(): Promise<void> {
    await this.forgetBackOff();
    this.#restoreSettings();
    if (recordKind(await this.record()) === 'active') return;
    const helper = await this.signIn();
    if (helper.state !== 'ok') throw new Error(`the sign-in failed: ${helper.stderr}`);
    await this.forgetBackOff();
  }

  /** Stops the agent and removes its state file. */
  async forgetBackOff(): Promise<void> {
    await this.stopAgent();
    rmSync(join(this.world.sandbox.stateFolder, 'agent.json'), { force: true });
  }

  async stopAgent(): Promise<void> {
    const { stdout } = await run(this.world.env, 'agent', 'stop');
    const pid = Number(/process (\d+)/.exec(stdout)?.[1] ?? 0);
    while (pid !== 0 && isAlive(pid)) await sleep(5);
  }

  /** The keystore entry's text, read as anyone in this session can; `undefined` when there is none. */
  record(): Promise<string | undefined> {
    const { tenantId, clientId } = this.config;
    const key = credentialKey({ tenantId: String(tenantId), clientId: String(clientId) });
    const attributes = ['service', 'foundry-credential-helper', 'username', key];
    return new Promise((resolve, reject) => {
      execFile('secret-tool', ['lookup', ...attributes], { env: this.world.env }, (error, stdout, stderr) => {
        // It exits 1 without a word when there's no such entry.
        if (error !== null && stderr !== '') reject(new Error(stderr));
        else resolve(stdout === '' ? undefined : stdout);
      });
    });
  }

  /** How often the agent has logged the event so far. */
  logged(event: string): number {
    const file = join(this.world.sandbox.stateFolder, 'agent.log');
    if (!existsSync(file)) return 0;
    return readFileSync(file, 'utf8').split(`"${event}"`).length - 1;
  }

  /** The names that the agent of `startAgentWithHosts` knows. */
  readonly hosts = {
    know: (): void => writeFileSync(this.#hostsFile(), `127.0.0.1 localhost ${PROXY_NAME}\n`),
    forget: (): void => writeFileSync(this.#hostsFile(), '127.0.0.1 localhost\n'),
  };

  /** An agent in its own mount namespace that reaches the proxy by a name. Linux, root. */
  async startAgentWithHosts(): Promise<void> {
    const { sandbox, env } = this.world;
    await this.stopAgent();
    sandbox.writeConfig({ ...this.config, proxy: `http://${PROXY_NAME}:${this.relay.port}` });
    this.hosts.know();
    const script = 'mount --bind "$0" /etc/hosts && exec "$1" agent run';
    spawn('unshare', ['--mount', 'sh', '-c', script, this.#hostsFile(), binary], {
      env,
      stdio: 'ignore',
      detached: true,
    }).unref();
    while ((await run(env, 'agent', 'status')).exitCode !== 0) await sleep(20);
  }

  #restoreSettings(): void {
    this.world.sandbox.writeConfig(this.config);
    this.world.entra.revokeOnReplay = false;
    this.world.entra.interval = 0.3;
    this.world.entra.deviceCodeLifetimeSec = 900;
  }

  #hostsFile(): string {
    return join(this.world.sandbox.root, 'hosts');
  }

  #expireOpenCodes(): void {
    const { entra } = this.world;
    for (;;) {
      const open = entra.deviceCodes.newestPending();
      if (open === undefined) return;
      entra.expire(open.userCode);
    }
  }
}

/** What the keystore entry holds. */
export function recordKind(record: string | undefined): 'active' | 'ended' | 'none' {
  if (record === undefined) return 'none';
  return 'refreshToken' in (JSON.parse(record) as object) ? 'active' : 'ended';
}

/** Lanes shared by rows, as many as run at the same time; one on which a row failed isn't used again. */
export class Lanes {
  readonly #idle: Lane[] = [];
  readonly #changes: Readonly<Record<string, unknown>>;
  readonly #open = new Set<Lane>();

  constructor(changes: Readonly<Record<string, unknown>> = {}) {
    this.#changes = changes;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((lane) => lane.close()));
  }

  async use<T>(work: (lane: Lane) => Promise<T>): Promise<T> {
    const lane = this.#idle.pop() ?? (await Lane.open(this.#changes));
    this.#open.add(lane);
    try {
      const result = await work(lane);
      this.#idle.push(lane);
      return result;
    } catch (thrown) {
      this.#open.delete(lane);
      await lane.close();
      throw thrown;
    }
  }
}
